/** Lists that change in place: what stays keeps its element, and so its focus. */

import { make } from "/page/element.js";

/** Makes `container` show `items` in their order. `view(item)` makes {element, update(item)} for a new key. */
export function keyed(container, items, key, view) {
  container.views ??= new Map();
  const wanted = new Map(items.map((item) => [key(item), item]));
  for (const [name, { element }] of container.views) {
    if (!wanted.has(name)) {
      element.remove();
      container.views.delete(name);
    }
  }
  let before = null;
  for (const [name, item] of wanted) {
    if (!container.views.has(name)) container.views.set(name, view(item));
    const { element, update } = container.views.get(name);
    update?.(item);
    const place = before ? before.nextSibling : container.firstChild;
    if (element !== place) container.insertBefore(element, place);
    before = element;
  }
}

/** Sets a text, unless it stands there already (a screen reader would say it again). */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A label with its field below it. */
export function labelled(text, field) {
  return make("label.field", {}, make("span", {}, text), field);
}
