/** The live feed: hears all that changes, and misses nothing: each new connection goes on after the last one seen. */

import { backoff, Pause } from "/page/pause.js";
import { toLogin } from "/desk/page/desk.js";

const HERE_SECONDS = 20;
/** The server answers what we say. Silence this long: the connection is dead, and nobody told us. */
const SILENCE_SECONDS = 45;
const SIGN_IN_AGAIN = 4401;

export class Live {
  #pause = new Pause();
  #socket = null;
  #stopped = true;
  #hear;
  #tell;

  /** `hear(frame)` gets each frame once; `tell("connecting" | "on" | "off")` says how the connection is. */
  constructor(hear, tell) {
    this.#hear = hear;
    this.#tell = tell;
    this.seq = 0;
    window.addEventListener("online", () => this.tryNow());
    window.addEventListener("offline", () => this.#socket?.close());
  }

  /** Connects, and connects again whenever that breaks; what comes first is `after` + 1 or later. */
  async start(after) {
    this.seq = after;
    this.#stopped = false;
    for (let attempt = 1; !this.#stopped; attempt++) {
      this.#tell("connecting");
      if (await this.#connection()) attempt = 0;
      if (this.#stopped) return;
      this.#tell("off");
      await this.#pause.wait(backoff(attempt + 1));
    }
  }

  /** The end, for good. */
  stop() {
    this.#stopped = true;
    this.#socket?.close();
    this.#pause.end();
  }

  /** The next try is now. */
  tryNow() {
    this.#pause.end();
  }

  /** One connection, until it ends; whether it ever worked. */
  #connection() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/desk/api/live?after=${this.seq}`);
    this.#socket = socket;
    let [worked, last] = [false, performance.now()];
    const timer = setInterval(() => this.#beat(socket, last), HERE_SECONDS * 1000);
    socket.addEventListener("message", ({ data }) => {
      if (!worked) this.#tell("on");
      [worked, last] = [true, performance.now()];
      this.#take(JSON.parse(data));
    });
    return new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => {
        clearInterval(timer);
        if (code === SIGN_IN_AGAIN) this.#leave();
        resolve(worked);
      });
    });
  }

  #beat(socket, last) {
    if (performance.now() - last > SILENCE_SECONDS * 1000) socket.close();
    else if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"here"}');
  }

  #take(frame) {
    if (frame.type === "end") return this.#leave();
    if (frame.type === "event" && frame.seq <= this.seq) return;
    // `here` and `reload` say that up to their number nothing is missing, or all is to be read anew.
    if (["event", "here", "reload"].includes(frame.type)) this.seq = Math.max(this.seq, frame.seq);
    this.#hear(frame);
  }

  #leave() {
    this.stop();
    toLogin();
  }
}
