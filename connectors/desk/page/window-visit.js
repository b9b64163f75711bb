/** The visit that is on the screen: what the server says of it, and what is done in it, one after the other. */

import { ask, Problem, toLogin } from "/desk/page/desk.js";
import { uuid } from "/page/outbox.js";

const UPLOAD_SECONDS = 90;
const AGAIN_AFTER_MS = 4000;

export class WindowVisit {
  #shown;
  #said;
  #last = Promise.resolve();

  /** `shown(visit)` draws it, `said(text)` says what stands in the way, "" for nothing. */
  constructor(shown, said) {
    this.#shown = shown;
    this.#said = said;
    this.now = null;
  }

  /** Opens a new one. */
  open() {
    return this.#do(() => ask("POST", "window", {}));
  }

  /** Shows one again. */
  take(id) {
    return this.#do(() => ask("GET", `window/${id}`));
  }

  /** Says a text, or taps a choice: {text} or {choice}. */
  say(message) {
    return this.#do(() => ask("POST", this.#path("messages"), { id: uuid(), ...message }));
  }

  /** Sends a paper. */
  send(file) {
    return this.#do(() => upload(this.#path("messages"), file));
  }

  /** What stands on a photo of the card; nothing is confirmed by that. */
  readCard(file) {
    return this.#quietly(() => upload(this.#path("card"), file));
  }

  /** PUT or POST of a part that answers with the visit. */
  put(method, part, body) {
    return this.#do(() => ask(method, this.#path(part), body));
  }

  /** Keeps what was typed into the form; resolves to the problems by key, null when nothing was kept. */
  async fill(values, confirm) {
    let problems = null;
    await this.#do(async () => {
      const told = await ask("PUT", this.#path("form"), { version: this.now.form.version, values, confirm });
      problems = told.problems;
      return told.visit;
    });
    return problems;
  }

  /** Anything that does not answer with the visit. */
  other(method, part, body) {
    return this.#quietly(() => ask(method, this.#path(part), body));
  }

  /** Leaves it. */
  async end() {
    await this.other("POST", "end", {});
    this.now = null;
  }

  /** Hears what others say in it, as long as it is on the screen. */
  async listen() {
    const { id } = this.now;
    while (this.now?.id === id) {
      const after = Math.max(0, ...this.now.messages.map(({ seq }) => seq));
      try {
        const { news } = await ask("GET", `window/${id}/news?after=${after}`);
        if (news && this.now?.id === id) await this.#do(() => ask("GET", `window/${id}`));
      } catch (problem) {
        if (problem.status === 404) return;
        await new Promise((wake) => setTimeout(wake, AGAIN_AFTER_MS));
      }
    }
  }

  #path(part) {
    return `window/${this.now.id}/${part}`;
  }

  /** One after the other: a form is never saved over what a choice has just changed. */
  #do(act) {
    this.#last = this.#last.then(() => this.#quietly(act)).then((visit) => visit && this.#show(visit));
    return this.#last;
  }

  #show(visit) {
    this.now = visit;
    this.#shown(visit);
    return visit;
  }

  async #quietly(act) {
    try {
      this.#said("");
      return await act();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.#said(problem.message);
      if (problem.name === "form_changed") this.#show(await ask("GET", `window/${this.now.id}`));
      return null;
    }
  }
}

/** Posts a file; the answer. Raises Problem. */
export async function upload(path, file) {
  const form = new FormData();
  form.append("id", uuid());
  form.append("file", file, file.name);
  const signal = AbortSignal.timeout(UPLOAD_SECONDS * 1000);
  const answer = await fetch(`/desk/api/${path}`, { method: "POST", body: form, signal }).catch(() => null);
  if (!answer) throw new Problem(0);
  if (answer.status === 401) toLogin();
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, content);
  return content;
}
