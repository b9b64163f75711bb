/** Server-sent events out of chunks of bytes: a chunk may end in the middle of an event, or of a character. */

const NEWLINE = 10;
const RETURN = 13;

class EventReader {
  #bytes = [];
  #blank = true;

  /** `hear({id, event, data})` is called for each whole event; comments and keep-alives are skipped. */
  constructor(hear) {
    this.hear = hear;
  }

  /** The next bytes of the stream. */
  read(chunk) {
    for (const byte of chunk) {
      if (byte === RETURN) continue;
      if (byte === NEWLINE && this.#blank) this.#flush();
      else this.#bytes.push(byte);
      this.#blank = byte === NEWLINE;
    }
  }

  #flush() {
    const event = parse(text(this.#bytes));
    this.#bytes = [];
    if (event.data) this.hear(event);
  }
}

function parse(block) {
  const event = { id: null, event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name === "data") event.data += (event.data && "\n") + value;
    else if (name === "id" || name === "event") event[name] = value;
  }
  return event;
}

/** UTF-8 without TextDecoder, which older WeChat on iOS has not. */
function text(bytes) {
  return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
}

module.exports = { EventReader };
