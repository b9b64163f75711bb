/** A page's line to its call: JSON both ways over a WebSocket that comes back by itself. */
const ENDED = 4000;
const REPLACED = 4001;
const REFUSED = 4002;
const FINAL = { [ENDED]: "over", [REPLACED]: "replaced", [REFUSED]: "refused" };
const LONGEST_SECONDS = 5;

export class Signalling {
  #socket = null;
  #peer = null;
  #closed = false;
  #tries = 0;
  #where;
  #tell;

  /**
   * `where`: {path, protocols, stillOpen()}; `stillOpen` asks over HTTP whether the call goes on.
   * `tell`: heard(message), lost() when the line breaks, over(why) when it will not come back.
   */
  constructor(where, tell) {
    this.#where = where;
    this.#tell = tell;
  }

  /** Connects; comes back under the same peer, so that pictures go on meanwhile. */
  connect() {
    const { path, protocols } = this.#where;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const query = this.#peer ? `?peer=${this.#peer}` : "";
    this.#socket = new WebSocket(`${scheme}//${location.host}${path}${query}`, protocols);
    this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    this.#socket.onclose = ({ code }) => this.#lost(code);
  }

  /** Says it, if the line is up: what must hold is asked for again after a break. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** No more. */
  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  #hear(message) {
    this.#tries = 0;
    if (message.type === "welcome") this.#peer = message.peer;
    this.#tell.heard(message);
  }

  async #lost(code) {
    if (this.#closed) return;
    if (FINAL[code]) return this.#end(FINAL[code]);
    this.#tell.lost();
    const seconds = Math.min(LONGEST_SECONDS, 0.3 * 2 ** this.#tries++);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.75 + Math.random() / 2)));
    // A refused handshake tells a page nothing: after some tries it asks.
    if (this.#tries > 2 && !(await this.#where.stillOpen().catch(() => true))) return this.#end("over");
    if (!this.#closed) this.connect();
  }

  #end(why) {
    this.#closed = true;
    this.#tell.over(why);
  }
}
