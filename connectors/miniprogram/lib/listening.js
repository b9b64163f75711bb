/** What staff and reminders say: the event stream, resumed after the last line that was heard. */
const { ConversationGone } = require("./failures");
const { EventReader } = require("./sse");

const PAUSE = 3000;

class Listening {
  #task = null;
  #running = 0;

  /** `hear(line)` per line; `gone()` when the conversation is not known any more. */
  constructor(contract, hear, gone, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
    Object.assign(this, { contract, hear, gone, wait, last: 0 });
  }

  /** Listens until `stop`, beginning after line `after`. A drop is resumed: nothing is missed, nothing heard twice. */
  async start(key, after) {
    this.stop();
    const run = ++this.#running;
    this.last = Math.max(this.last, after);
    while (run === this.#running) {
      if (!(await this.#once(key))) return;
      if (run === this.#running) await this.wait(PAUSE);
    }
  }

  /** WeChat cuts a connection 5 s after the program is hidden: stop when hidden, start when shown. */
  stop() {
    this.#running++;
    this.#task?.abort();
    this.#task = null;
  }

  async #once(key) {
    const reader = new EventReader((event) => this.#line(event));
    const { task, ended } = this.contract.events(key, this.last, (bytes) => reader.read(bytes));
    this.#task = task;
    try {
      await ended;
    } catch (error) {
      if (!(error instanceof ConversationGone)) throw error;
      this.gone();
      return false;
    }
    return true;
  }

  #line({ event, data }) {
    if (event !== "reply") return;
    const line = JSON.parse(data);
    if (line.seq <= this.last) return;
    this.last = line.seq;
    this.hear(line);
  }
}

module.exports = { Listening };
