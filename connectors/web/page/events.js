/** Hears what staff and reminders send, and misses nothing: each new connection goes on after the last one seen. */
import { ConversationGone, openEvents } from "./api.js";
import { backoff, Pause } from "./pause.js";
import { EventParser } from "./sse.js";

/** The server says something every 15 seconds. Silence this long: the connection is dead, and nobody told us. */
const SILENCE_SECONDS = 40;

export class Events {
  #pause = new Pause();
  #stopping = null;
  #hear;
  #gone;

  /** `hear(entry)` gets {seq, from, at, reply, mode?}; `gone(id)` is called when the conversation is no more. */
  constructor(hear, gone) {
    this.#hear = hear;
    this.#gone = gone;
    this.seq = 0;
  }

  /** Connects to the conversation `key`, instead of what it was connected to. */
  start(key) {
    this.stop();
    this.#stopping = new AbortController();
    this.#listen(key, this.#stopping.signal);
  }

  /** Closes the connection. */
  stop() {
    this.#stopping?.abort();
    this.#pause.end();
  }

  async #listen(key, signal) {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const response = await openEvents(key, this.seq, signal);
        await this.#read(response.body.getReader(), () => (attempt = 0));
      } catch (error) {
        if (error instanceof ConversationGone) return this.#gone(key.id);
        // Every other failure, a stream that breaks off too, means the same: connect again.
      }
      if (!signal.aborted) await this.#pause.wait(backoff(attempt));
    }
  }

  /** Reads to the end; `works` is called at each piece: a server that only accepts and hangs up does not count. */
  async #read(reader, works) {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const next = () => withinSilence(reader);
    for (let part = await next(); !part.done; part = await next()) {
      works();
      parser.feed(decoder.decode(part.value, { stream: true })).forEach((event) => this.#take(event));
    }
  }

  #take({ type, data }) {
    if (type !== "reply") return;
    const entry = JSON.parse(data);
    if (entry.seq <= this.seq) return;
    this.seq = entry.seq;
    this.#hear(entry);
  }
}

/** The next piece; the end of the stream when none comes in time. */
async function withinSilence(reader) {
  const timer = setTimeout(() => reader.cancel(), SILENCE_SECONDS * 1000);
  try {
    return await reader.read();
  } finally {
    clearTimeout(timer);
  }
}
