/** The resident's messages on their way: kept until answered, sent one after the other, the same id at each try. */
import { ConversationGone, Refused, TryAgain } from "./api.js";
import { backoff, Pause } from "./pause.js";
import { keep, kept } from "./shelf.js";

export class Outbox {
  #pause = new Pause();
  #sending = false;
  #post;
  #tell;

  /**
   * `post(message)` sends one message and resolves to its answer.
   * `tell` hears what becomes of a message:
   * trying(message), answered(message, answer), delayed(message), refused(message, detail), gone(id).
   */
  constructor(post, tell) {
    this.#post = post;
    this.#tell = tell;
  }

  /** What has no answer yet, the oldest first: {id, text?, choice?, label?, file?}. */
  get waiting() {
    return kept("outbox", []);
  }

  /** Keeps a message; `send` sends it. */
  add(message) {
    keep("outbox", [...this.waiting, message]);
  }

  /** Sends what waits, unless that is going on. Stops when the conversation is gone: send again in the new one. */
  async send() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.waiting.length && (await this.#deliver(this.waiting[0])));
    } finally {
      this.#sending = false;
    }
  }

  /** The next try is now. */
  tryNow() {
    this.#pause.end();
  }

  /** Drops all that waits. */
  clear() {
    keep("outbox", []);
  }

  /** Tries until the message is answered or refused. False: the conversation is gone, and the message still waits. */
  async #deliver(message) {
    for (let attempt = 1; this.#waits(message); attempt++) {
      this.#tell.trying(message);
      try {
        this.#settle(message, "answered", await this.#post(message));
      } catch (error) {
        if (error instanceof ConversationGone) return this.#lost(error);
        if (error instanceof Refused) this.#settle(message, "refused", error.message);
        else await this.#delay(message, error, attempt);
      }
    }
    return true;
  }

  /** Another tab, or 新对话, may have taken it away. */
  #waits(message) {
    return this.waiting.some(({ id }) => id === message.id);
  }

  #lost({ id }) {
    this.#tell.gone(id);
    return false;
  }

  #settle(message, outcome, result) {
    if (!this.#waits(message)) return;
    keep("outbox", this.waiting.filter(({ id }) => id !== message.id));
    this.#tell[outcome](message, result);
  }

  async #delay(message, error, attempt) {
    if (!(error instanceof TryAgain)) throw error;
    this.#tell.delayed(message);
    await this.#pause.wait(Math.max(error.seconds, backoff(attempt)));
  }
}

/** A message id. crypto.randomUUID is missing on pages without TLS (a village's own network). */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
