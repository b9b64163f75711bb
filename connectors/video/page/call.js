/** A call: the line, the other pages, our own media, put together. What is drawn is `stage.js`'s. */
import { Peer } from "./peer.js";
import { Signalling } from "./signalling.js";
import { Watermark } from "./watermark.js";

export class Call {
  #line;
  #media;
  #tell;
  #peers = new Map();
  #ice = [];
  #over = false;
  me = null;
  state = null;
  watermark = null;

  /**
   * `where`: see Signalling. `tell`: welcomed(), changed(), lost(), over(why, state), askedForPhoto(title, words).
   */
  constructor(where, media, tell) {
    this.#media = media;
    this.#tell = tell;
    this.#line = new Signalling(where, {
      heard: (message) => this.#hear(message),
      lost: () => tell.lost(),
      over: (why) => this.#end(why),
    });
    media.onchange(() => this.#mediaChanged());
  }

  start() {
    this.#line.connect();
  }

  /** The others as the server knows them, with their streams: [{peer, title, side, here, camera, …, stream, link}]. */
  get others() {
    const seats = this.state?.seats.filter(({ peer }) => peer !== this.me) ?? [];
    return seats.map((seat) => {
      const peer = this.#peers.get(seat.peer);
      return { ...seat, stream: peer?.stream ?? null, link: peer?.state ?? "new" };
    });
  }

  /** Our own seat: `resident` or `staff:…`. */
  get seat() {
    return this.state?.seats.find(({ peer }) => peer === this.me)?.seat;
  }

  get isOver() {
    return this.#over;
  }

  hangUp() {
    if (this.#line.send({ type: "hang_up" })) return; // the server closes the line
    this.#end("left");
  }

  askForPhoto(to, words = "") {
    this.#line.send({ type: "ask_photo", to, words });
  }

  askToRecord() {
    this.#line.send({ type: "ask_recording" });
  }

  answerRecording(agreed) {
    this.#line.send({ type: "answer_recording", agreed });
  }

  /** For tests and support: the figures of each connection. */
  stats() {
    return Promise.all([...this.#peers.values()].map((peer) => peer.stats()));
  }

  #hear(message) {
    if (message.type === "welcome") this.#welcome(message);
    else if (message.type === "call") this.#show(message);
    else if (message.type === "signal") this.#signal(message);
    else if (message.type === "ask_photo") this.#tell.askedForPhoto(message.title, message.words);
  }

  #welcome({ peer, ice, watermark, now }) {
    if (this.me && this.me !== peer) this.#dropAll(); // the server did not know us any more: others start anew, too
    this.me = peer;
    this.#ice = ice;
    this.watermark = new Watermark(watermark, now);
    this.#sayState();
    this.#tell.welcomed();
  }

  #show(state) {
    this.state = state;
    const there = new Set(state.seats.map(({ peer }) => peer));
    for (const peer of this.#peers.keys()) if (!there.has(peer)) this.#drop(peer);
    // Whoever is away (a line that broke off) keeps the connection: the picture often goes on.
    if (!state.over) this.others.filter(({ here }) => here).forEach(({ peer }) => this.#peer(peer));
    this.#tell.changed();
  }

  #signal({ from, description, candidate }) {
    this.#peer(from)
      .hear({ description, candidate })
      .catch((error) => console.warn("signal", error.message));
  }

  #peer(other) {
    if (!this.#peers.has(other)) {
      const send = (message) => this.#line.send({ type: "signal", to: other, ...message });
      this.#peers.set(other, new Peer(this.me, other, this.#ice, this.#media, send, () => this.#tell.changed()));
    }
    return this.#peers.get(other);
  }

  #drop(peer) {
    this.#peers.get(peer)?.close();
    this.#peers.delete(peer);
  }

  #dropAll() {
    for (const peer of [...this.#peers.keys()]) this.#drop(peer);
  }

  #mediaChanged() {
    for (const peer of this.#peers.values()) peer.useTracks();
    this.#sayState();
    this.#tell.changed();
  }

  #sayState() {
    this.#line.send({ type: "state", ...this.#media.state });
  }

  #end(why) {
    if (this.#over) return;
    this.#over = true;
    this.#line.close();
    this.#dropAll();
    this.#media.close();
    this.#tell.over(why, this.state);
  }
}
