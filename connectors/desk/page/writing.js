/** The field that an agent writes in: Enter sends, `/` finds canned replies, what contradicts the catalogue is said while typing. */

import { button, make } from "/page/element.js";
import { findings } from "/desk/page/bubble.js";
import { write } from "/desk/page/keyed.js";
import { Slash } from "/desk/page/slash.js";
import { words } from "/desk/page/words.js";

const LONGEST = 1000;
const CHECK_AFTER_SECONDS = 0.7;
const DRAFTS = "bangban.desk.draft.";

export class Writing {
  #chat;
  #actions;
  #field = make("textarea", { rows: "2" });
  #counter = make("p.counter", { role: "status" });
  #warning = make("div.warning", { role: "status" });
  #send = button("button.main.send", words.send, () => this.#submit());
  #timer = 0;

  /**
   * `actions`: say(text); check(text) → findings; replies() → canned ones; pick(macro); or `whisper: true` beside say, with
   * `hint` and `label` where it is no whisper either.
   */
  constructor(chat, name, actions) {
    this.#chat = chat;
    this.#actions = actions;
    const hint = actions.hint ?? (actions.whisper ? words.whisperTo : words.write);
    const slash = actions.replies && new Slash(this.#field, actions, (text) => this.insert(text));
    this.element = make("form.writing", {}, this.#warning, slash?.element, this.#field, this.#send, this.#counter);
    this.#field.setAttribute("aria-label", `${hint}（${name}）`);
    this.#field.placeholder = hint;
    if (actions.whisper) this.#send.textContent = actions.label ?? words.whisper;
    this.#field.value = sessionStorage.getItem(DRAFTS + chat) ?? "";
    this.#field.addEventListener("keydown", (event) => slash?.key(event) || this.#key(event));
    this.#field.addEventListener("input", () => this.#changed());
    this.element.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Where the words go. */
  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** Puts `text` where the cursor is, or all there is in the place of what was written (`instead`). */
  insert(text, instead = true) {
    const kept = instead || !this.#field.value ? "" : `${this.#field.value}\n`;
    this.#field.value = kept + text;
    this.#changed();
    this.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#field.value.trim();
    if (!text || text.length > LONGEST) return this.focus();
    this.#field.value = "";
    this.#changed();
    this.focus();
    this.#actions.say(text);
  }

  #changed() {
    const text = this.#field.value;
    if (text) sessionStorage.setItem(DRAFTS + this.#chat, text.slice(0, 20_000));
    else sessionStorage.removeItem(DRAFTS + this.#chat);
    const left = LONGEST - text.trim().length;
    write(this.#counter, left < 0 ? words.over(-left) : left < 100 ? words.left(left) : "");
    this.#field.toggleAttribute("aria-invalid", left < 0);
    this.#send.disabled = left < 0;
    clearTimeout(this.#timer);
    if (this.#actions.check && left >= 0) this.#timer = setTimeout(() => this.#check(text.trim()), CHECK_AFTER_SECONDS * 1000);
  }

  /** Only text with a figure in it can contradict days or a fee. A check that fails says nothing: the server looks again. */
  async #check(text) {
    const found = /[\d零一二两三四五六七八九十百免]/.test(text) ? await this.#actions.check(text).catch(() => []) : [];
    if (this.#field.value.trim() !== text) return;
    this.#warning.replaceChildren(...(found.length ? [make("strong", {}, words.contradicts), findings(found)] : []));
  }
}
