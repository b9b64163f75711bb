/** What agents say on its way to residents: each chat's in order, the same id at each try, kept over a reload of the tab. */

import { backoff, Pause } from "/page/pause.js";
import { uuid } from "/page/outbox.js";

const KEY = "bangban.desk.sending";
/** States: `sending`, `retrying` go on by themselves; `held` (contradicts the catalogue), `refused` wait for the agent. */
const GOING = ["sending", "retrying"];

export class Sending {
  #pause = new Pause();
  #running = new Set();
  #all = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  #post;
  #changed;
  #arrived;

  /**
   * `post(chat, path, body)` sends and resolves to the line; `changed(chat)` whenever something here changed;
   * `arrived(chat, line)` when the server has it.
   */
  constructor(post, changed, arrived) {
    this.#post = post;
    this.#changed = changed;
    this.#arrived = arrived;
    for (const each of this.#all) if (each.state === "retrying") each.state = "sending";
  }

  /** What is not there yet of a chat, the oldest first: [{id, chat, path, body, text, state, detail?, findings?}]. */
  of(chat) {
    return this.#all.filter((each) => each.chat === chat);
  }

  /** Sends on what was left by a reload. */
  begin() {
    new Set(this.#all.map(({ chat }) => chat)).forEach((chat) => this.#run(chat));
  }

  /** Sends `body` to a chat's `path` ("messages", "macros"); `text`: what to show until the server's line is there. */
  add(chat, path, body, text) {
    const id = uuid();
    this.#all.push({ id, chat, path, body: { id, ...body }, text, state: "sending" });
    this.#keep(chat);
    this.#run(chat);
  }

  /** Sends one that waits again, with more in its body (`{anyway: true}`). */
  again(id, more = {}) {
    const message = this.#all.find((each) => each.id === id);
    Object.assign(message, { state: "sending", body: { ...message.body, ...more }, findings: undefined });
    this.#keep(message.chat);
    this.#run(message.chat);
  }

  /** Takes one away: the server has it, or the agent wants it no more. */
  drop(id) {
    const message = this.#all.find((each) => each.id === id);
    if (!message) return;
    this.#all = this.#all.filter((each) => each !== message);
    this.#keep(message.chat);
  }

  /** The next try is now. */
  tryNow() {
    this.#pause.end();
  }

  async #run(chat) {
    if (this.#running.has(chat)) return;
    this.#running.add(chat);
    const next = () => this.of(chat).find(({ state }) => GOING.includes(state));
    for (let message = next(); message; message = next()) await this.#deliver(message);
    this.#running.delete(chat);
  }

  async #deliver(message) {
    for (let attempt = 1; this.#all.includes(message); attempt++) {
      try {
        return this.#settle(message, await this.#post(message.chat, message.path, message.body));
      } catch (problem) {
        if (!problem.isPassing) return this.#refuse(message, problem);
        this.#put(message, { state: "retrying" });
        await this.#pause.wait(Math.max(problem.seconds, backoff(attempt)));
      }
    }
  }

  #settle(message, line) {
    this.drop(message.id);
    this.#arrived(message.chat, line);
  }

  #refuse(message, problem) {
    if (problem.name !== "contradicts") return this.#put(message, { state: "refused", detail: problem.message });
    this.#put(message, { state: "held", findings: problem.content.findings });
  }

  #put(message, values) {
    Object.assign(message, values);
    this.#keep(message.chat);
  }

  #keep(chat) {
    sessionStorage.setItem(KEY, JSON.stringify(this.#all));
    this.#changed(chat);
  }
}
