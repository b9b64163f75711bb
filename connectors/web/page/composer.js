/** Where the resident writes. */
import { words } from "./words.js";

const LIMIT = 300;
const COUNTER_FROM = 250;

export class Composer {
  #field;
  #counter;
  #send;

  /** `send(text)` is called with what was written, `sendFile(file)` with what was picked. */
  constructor(form, send, sendFile) {
    this.#field = form.querySelector("textarea");
    this.#counter = form.querySelector(".counter");
    this.#send = send;
    form.addEventListener("submit", (event) => this.#submit(event));
    this.#field.addEventListener("keydown", (event) => this.#key(event));
    this.#field.addEventListener("input", () => this.#measure());
    form.querySelector("#file").addEventListener("change", ({ target }) => {
      [...target.files].forEach(sendFile);
      target.value = ""; // the same photo may be picked once more
    });
  }

  /** Gives words back that could not be sent, unless something new is being written. */
  giveBack(text) {
    if (this.#field.value.trim()) return;
    this.#field.value = text;
    this.#measure();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (!text || length(text) > LIMIT) return this.#field.focus();
    this.#field.value = "";
    this.#measure();
    this.#send(text);
  }

  /** Enter sends, except while an input method is composing: there it picks the word (229 says so in Safari). */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #measure() {
    const left = LIMIT - length(this.#field.value.trim());
    this.#counter.textContent = remark(left);
    this.#field.setAttribute("aria-invalid", `${left < 0}`);
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}

function remark(left) {
  if (left < 0) return words.charactersOver(-left);
  return left <= LIMIT - COUNTER_FROM ? words.charactersLeft(left) : "";
}

/** In characters, as the server counts them; an emoji is one. */
function length(text) {
  return [...text].length;
}
