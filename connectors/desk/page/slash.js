/** The list that `/` opens over the field: canned replies by shortcut or label, and macros. */

import { make } from "/page/element.js";
import { words } from "/desk/page/words.js";

let made = 0;

export class Slash {
  #field;
  #actions;
  #insert;
  #items = null;
  #at = 0;
  #typed = null;

  /** `actions`: replies() → [{shortcut, label, text, missing}]; pick(macro). `insert(text)` puts a reply into the field. */
  constructor(field, actions, insert) {
    [this.#field, this.#actions, this.#insert] = [field, actions, insert];
    const id = `slash-${made++}`;
    this.element = make("ul.slash", { id, role: "listbox", tabindex: "0", "aria-label": words.canned, hidden: "" });
    this.element.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": id }).forEach(([key, value]) => field.setAttribute(key, value));
    field.addEventListener("input", () => this.#look());
    field.addEventListener("blur", () => this.#close());
  }

  /** Takes a key while the list is open; true: it is dealt with. */
  key(event) {
    if (this.element.hidden || event.isComposing) return false;
    const found = this.#found();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#mark((this.#at + step + found.length) % (found.length || 1));
    else if (event.key === "Escape") this.#close();
    else if (["Enter", "Tab"].includes(event.key) && found.length) this.#pick(found[this.#at]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  async #look() {
    this.#typed = /^[/／]([^\s/]{0,20})$/.exec(this.#field.value)?.[1] ?? null;
    if (this.#typed === null) return this.#close();
    this.#items ??= [...(await this.#actions.replies().catch(() => [])), ...macros()];
    if (this.#typed !== null) this.#show();
  }

  #found() {
    const typed = (this.#typed ?? "").toLowerCase();
    const fits = ({ shortcut, label }) => shortcut.toLowerCase().startsWith(typed) || label.includes(typed);
    return (this.#items ?? []).filter(fits);
  }

  #show() {
    const found = this.#found();
    const none = make("li", { role: "option", "aria-disabled": "true" }, words.noCanned);
    this.element.replaceChildren(...(found.length ? found.map((item, index) => this.#option(item, index)) : [none]));
    this.element.hidden = false;
    this.#mark(0);
  }

  #option(item, index) {
    const about = item.missing?.length ? words.missing(item.missing) : item.text;
    const option = make("li", { role: "option", id: `${this.element.id}-${index}` }, make("kbd", {}, `/${item.shortcut}`), " ", make("strong", {}, item.label), " ", make("span", {}, about ?? ""));
    option.addEventListener("click", () => this.#pick(item));
    return option;
  }

  #mark(index) {
    this.#at = index;
    [...this.element.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    this.element.children[index]?.scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", `${this.element.id}-${index}`);
  }

  #pick(item) {
    this.#insert(item.macro ? "" : item.text);
    this.#close();
    if (item.macro) this.#actions.pick(item.macro);
  }

  #close() {
    this.#items = this.element.hidden ? this.#items : null; // asked anew next time: the matter may have changed
    this.element.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
  }
}

/** The macros as entries of the list. */
function macros() {
  const shortcuts = { ask_paper: "paper", send_form: "form", send_guide: "guide", book_visit: "visit" };
  return Object.entries(shortcuts).map(([macro, shortcut]) => ({ macro, shortcut, label: words.macros[macro], text: "" }));
}
