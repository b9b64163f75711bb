/** Makes elements. What anybody wrote only ever becomes text, never markup. */

/** A new element with classes (`tag.one.two`), attributes or properties, and children (elements or strings). */
export function make(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) put(element, key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function put(element, key, value) {
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else element.setAttribute(key, value);
}

/** A push button. */
export function button(tag, label, onclick) {
  return make(tag, { type: "button", onclick }, label);
}
