/** Video calls: what the page needs before there is one. The call's own modules come when it begins. */
import { currentCall, openCall } from "./api.js";
import { button } from "./element.js";
import { words } from "./words.js";

const FLAG = "bangban.in-call";

export class Video {
  #tell;
  #joined = false;

  /** `tell`: sendPhoto(file), say(text) in the middle of the log. */
  constructor(tell) {
    this.#tell = tell;
  }

  /** Calls the person who has the conversation, one tap. Raises Refused, TryAgain, ConversationGone. */
  async call(key) {
    if (this.#joined) return;
    await openCall(key);
    await this.#join(key);
  }

  /** Answers a call; one that is over meanwhile is only told. */
  async answer(key) {
    if (this.#joined) return;
    if ((await currentCall(key)).call) await this.#join(key);
    else this.#tell.say(words.callOver);
  }

  /** After a reload in the middle of a call: back into it. */
  async resume(key) {
    if (this.#joined || sessionStorage.getItem(FLAG) !== key.id) return;
    sessionStorage.removeItem(FLAG);
    if ((await currentCall(key)).call) await this.#join(key);
  }

  async #join(key) {
    this.#joined = true;
    const left = (text) => {
      this.#joined = false;
      sessionStorage.removeItem(FLAG);
      if (text) this.#tell.say(text);
    };
    try {
      const { join } = await import("/call/resident.js");
      sessionStorage.setItem(FLAG, key.id);
      await join(key, this.#tell.sendPhoto, left);
    } catch (error) {
      left(words.callFailed);
      throw error;
    }
  }
}

/** The button below a reply that calls, or null. */
export function answerButton(call) {
  if (!call || call.over) return null;
  const tap = button("button.opener", words.answerCall, () =>
    tap.dispatchEvent(new CustomEvent("answercall", { bubbles: true })),
  );
  return tap;
}
