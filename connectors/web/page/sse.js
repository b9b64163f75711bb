/** Reads a stream of server-sent events (HTML standard, 9.2.6), in pieces as they come. */
export class EventParser {
  #rest = "";
  #id = "";
  #type = "message";
  #data = [];

  /** Takes the next piece of text; returns the events that it completes: [{type, id, data}]. */
  feed(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    return lines.map((line) => this.#line(line)).filter(Boolean);
  }

  #line(line) {
    if (line === "") return this.#complete();
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "id") this.#id = value;
    if (field === "event") this.#type = value;
    if (field === "data") this.#data.push(value);
    return null;
  }

  #complete() {
    const event = { type: this.#type, id: this.#id, data: this.#data.join("\n") };
    this.#type = "message";
    this.#data = [];
    return event.data && event;
  }
}
