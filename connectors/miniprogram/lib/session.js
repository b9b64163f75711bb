/** Whose conversation this is: wx.login's code becomes {id, token}, which is kept until the server forgets it. */
const { ConversationGone, TryAgain } = require("./failures");
const { Shelf } = require("./shelf");

class Session {
  #entering = null;

  /** `start`: {link, region} of the poster that was scanned, each may be null. */
  constructor(platform, contract, start) {
    this.platform = platform;
    this.contract = contract;
    this.start = start;
    this.shelf = new Shelf(platform);
    this.key = start.link ? null : this.shelf.kept("conversation");
  }

  /** Resolves to {entries, elder, mode, region} of the conversation, entered anew when there is none or it is gone. */
  async begin(elder) {
    if (this.key) {
      try {
        return await this.#resumed();
      } catch (error) {
        if (!(error instanceof ConversationGone)) throw error;
        this.forget();
      }
    }
    return this.#entered(elder);
  }

  /** Leaves the conversation; `begin` enters again. */
  forget() {
    this.key = null;
    this.shelf.keep("conversation", null);
  }

  /** Another conversation goes on here; `begin` takes it up. */
  become(key) {
    this.key = key;
    this.shelf.keep("conversation", key);
  }

  async #resumed() {
    const { messages, ...rest } = await this.contract.transcript(this.key);
    return { ...rest, entries: messages };
  }

  /** Two callers at once enter once: a code works once. */
  #entered(elder) {
    this.#entering ??= this.#enter(elder).finally(() => (this.#entering = null));
    return this.#entering;
  }

  async #enter(elder) {
    const code = await loginCode(this.platform);
    const { id, token, replies = [], ...rest } = await this.contract.enter(code, { elder, ...this.start });
    this.key = { id, token };
    this.start = { link: null, region: null };
    this.shelf.keep("conversation", this.key);
    if (!replies.length) return this.#resumed();
    return { mode: "bot", elder, ...rest, entries: replies.map((reply) => ({ from: "bot", reply, text: reply.text })) };
  }
}

function loginCode(platform) {
  return new Promise((resolve, reject) =>
    platform.login({ success: ({ code }) => resolve(code), fail: ({ errMsg }) => reject(new TryAgain(errMsg)) }),
  );
}

module.exports = { Session };
