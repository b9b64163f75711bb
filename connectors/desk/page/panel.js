/** The right side: what is known of the chat in front: the packet, form and papers, notes and what happened. */

import { button, make } from "/page/element.js";
import { formPart, macrosPart, papersPart } from "/desk/page/form.js";
import { notesPart } from "/desk/page/notes.js";
import { packetPart } from "/desk/page/packet.js";
import { words } from "/desk/page/words.js";

const PARTS = { packet: [packetPart], form: [formPart, papersPart, macrosPart], notes: [notesPart] };

export class Panel {
  #element;
  #desk;
  #tabs;
  #body = make("div.panel-body", { role: "tabpanel", tabindex: "0" });
  #tab = "packet";
  #shown = "";

  constructor(element, desk) {
    [this.#element, this.#desk] = [element, desk];
    this.#tabs = make("div.tabs", { role: "tablist", "aria-label": words.panel }, ...Object.keys(PARTS).map((name) => this.#tabOf(name)));
    this.#tabs.addEventListener("keydown", ({ key }) => ({ ArrowLeft: () => this.next(-1), ArrowRight: () => this.next(1) })[key]?.());
    element.append(this.#tabs, this.#body);
  }

  /** Shows the chat in front; `anew`: even if something in the panel is just being written. */
  show(anew = false) {
    const chat = this.#desk.store.chats.get(this.#desk.active);
    this.#element.classList.toggle("empty", !chat);
    if (!chat) return this.#body.replaceChildren();
    const isSame = this.#shown === `${chat.id}/${this.#tab}`;
    if (isSame && !anew && this.#body.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return;
    const scrolled = isSame ? this.#element.scrollTop : 0;
    this.#shown = `${chat.id}/${this.#tab}`;
    this.#mark();
    this.#body.replaceChildren(...PARTS[this.#tab].flatMap((part) => part(chat, this.#desk)));
    this.#element.scrollTop = scrolled;
  }

  /** The next part, or the one before (-1), with the focus. */
  next(step = 1) {
    const names = Object.keys(PARTS);
    this.turn(names[(names.indexOf(this.#tab) + step + names.length) % names.length]);
    this.#tabs.querySelector("[aria-selected=true]").focus();
  }

  /** Shows one part. */
  turn(name) {
    this.#tab = name;
    this.show(true);
  }

  /** The field for a note. */
  focusNote() {
    this.turn("notes");
    this.#body.querySelector("textarea")?.focus();
  }

  #tabOf(name) {
    const tab = button("button.tab", words.tabs[name], () => this.turn(name));
    Object.entries({ role: "tab", id: `tab-${name}`, "aria-selected": String(name === this.#tab) }).forEach(([key, value]) => tab.setAttribute(key, value));
    return tab;
  }

  #mark() {
    for (const tab of this.#tabs.children) {
      const isIt = tab.id === `tab-${this.#tab}`;
      tab.setAttribute("aria-selected", String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
    }
    this.#body.setAttribute("aria-labelledby", `tab-${this.#tab}`);
  }
}
