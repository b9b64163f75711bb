/** The resident's messages on their way: kept until answered, sent one after the other, the same id at each try. */
const { ConversationGone, Refused, TryAgain } = require("./failures");

const LONGEST_PAUSE = 30;

class Outbox {
  #sending = false;
  #wake = null;

  /**
   * `post(message)` sends one and resolves to its answer. `tell` hears what becomes of it: trying(message),
   * answered(message, answer), delayed(message), refused(message, detail), gone(message).
   */
  constructor(shelf, post, tell, wait = pause) {
    Object.assign(this, { shelf, post, tell, wait });
  }

  /** What has no answer yet, the oldest first: {id, text?, choice?, label?, file?}. */
  get waiting() {
    return this.shelf.kept("outbox", []);
  }

  /** Keeps a message; `send` sends it. */
  add(message) {
    this.shelf.keep("outbox", [...this.waiting, message]);
  }

  /** Sends what waits, unless that is going on. Stops when the conversation is gone. */
  async send() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.waiting.length && (await this.#deliver(this.waiting[0])));
    } finally {
      this.#sending = false;
    }
  }

  /** The next try is now: the network is back, or the page is shown again. */
  tryNow() {
    this.#wake?.();
  }

  async #deliver(message) {
    for (let attempt = 1; this.#waits(message); attempt++) {
      this.tell.trying(message);
      try {
        this.#settle(message, "answered", await this.post(message));
      } catch (error) {
        if (error instanceof ConversationGone) return this.#lost(message);
        if (error instanceof Refused) this.#settle(message, "refused", error.message);
        else await this.#delay(message, error, attempt);
      }
    }
    return true;
  }

  #waits({ id }) {
    return this.waiting.some((each) => each.id === id);
  }

  #lost(message) {
    this.tell.gone(message);
    return false;
  }

  #settle(message, outcome, result) {
    this.shelf.keep("outbox", this.waiting.filter(({ id }) => id !== message.id));
    this.tell[outcome](message, result);
  }

  async #delay(message, error, attempt) {
    if (!(error instanceof TryAgain)) throw error;
    this.tell.delayed(message);
    const seconds = Math.max(error.seconds, Math.min(2 ** (attempt - 1), LONGEST_PAUSE));
    await this.wait(seconds, (wake) => (this.#wake = wake));
  }
}

/** Resolves after `seconds`, or as soon as what `offer` was given is called. */
function pause(seconds, offer) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    offer(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A message id: a UUID of version 4. Mini programs have no crypto.getRandomValues that answers at once. */
function messageId(random = Math.random, now = Date.now) {
  const hex = (count) => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  const stamp = now().toString(16).padStart(12, "0").slice(-12);
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}

module.exports = { Outbox, messageId };
