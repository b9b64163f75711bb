/** Which conversation this phone is in: opened once, kept, taken up again after a reload. */
import * as api from "./api.js";
import { backoff, Pause } from "./pause.js";
import { keep, kept } from "./shelf.js";

export class Conversation {
  #pause = new Pause();
  #key = kept("conversation");
  #region;
  #link;
  #carry;

  /**
   * `region`: a division code from the address of the page (a village's QR code), or null.
   * `link`: the code of a poster that was scanned, or null: a new conversation begins there.
   * `carry`: the secret of a link that carries a conversation over from another channel, or null.
   */
  constructor(region, link, carry) {
    this.#region = region;
    this.#link = link;
    this.#carry = carry;
    if ((link || carry) && this.#key) this.#leaveForLink();
    // Another village's QR code: its offices and telephones are meant now.
    if (region && this.#key && this.#key.region !== region) this.forget();
  }

  /** {id, token}; null until `begin` is done. */
  get key() {
    return this.#key;
  }

  /**
   * Takes up the kept conversation, or opens one; goes on trying until there is one.
   * Resolves to {entries, elder, mode, region, replaced, carried}; `replaced`: the kept one was gone; `carried`: it comes
   * from another channel. Raises Refused.
   */
  async begin(elder) {
    let replaced = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return { ...(this.#key ? await this.#resume() : await this.#open(elder)), replaced };
      } catch (error) {
        if (error instanceof api.ConversationGone) replaced = true;
        await this.#recover(error, attempt);
      }
    }
  }

  /** The next try to reach the server is now. */
  tryNow() {
    this.#pause.end();
  }

  /** Leaves this conversation; `begin` opens a new one. */
  forget() {
    this.#key = null;
    keep("conversation", null);
  }

  /** Whether there is a conversation that was left for a poster's. */
  get hasEarlier() {
    return kept("earlier") !== null;
  }

  /** Back to the conversation that was left for a poster's; `begin` takes it up. */
  goBack() {
    this.#key = kept("earlier");
    keep("conversation", this.#key);
    keep("earlier", null);
  }

  #leaveForLink() {
    keep("earlier", this.#key);
    this.forget();
  }

  async #resume() {
    const { messages, ...rest } = await api.readTranscript(this.#key);
    return { ...rest, entries: messages };
  }

  /** Takes over the conversation of the link, which works once: it is kept before anything else is asked. */
  async #takeOver() {
    const { id, token } = await api.takeOver(this.#carry);
    this.#carry = null;
    this.#key = { id, token, region: this.#region };
    keep("conversation", this.#key);
  }

  async #open(elder) {
    if (this.#carry) {
      await this.#takeOver();
      return { ...(await this.#resume()), carried: true };
    }
    const { id, token, replies = [], ...rest } = await api.openConversation(elder, this.#region, this.#link);
    this.#key = { id, token, region: this.#region ?? (this.#link && rest.region?.code) };
    keep("conversation", this.#key);
    this.#link = null;
    return { mode: "bot", elder, ...rest, entries: replies.map((reply) => ({ from: "bot", reply })) };
  }

  /** A link that was used already: what this phone had before goes on, else a new conversation. */
  #refusedLink() {
    this.#carry = null;
    if (this.hasEarlier) this.goBack();
  }

  async #recover(error, attempt) {
    if (error instanceof api.ConversationGone) this.forget();
    else if (error instanceof api.Refused && this.#carry) this.#refusedLink();
    else if (error instanceof api.Refused && (this.#region || this.#link)) this.#region = this.#link = null; // an unknown code shuts nobody out
    else if (error instanceof api.TryAgain) await this.#pause.wait(Math.max(error.seconds, backoff(attempt)));
    else throw error;
  }
}
