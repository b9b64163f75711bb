/** A call on the screen: pictures under the watermark, what goes on, the buttons. */
import { button, make } from "/page/element.js";
import { cover } from "./watermark.js";
import { words } from "./words.js";

const SLOW_SECONDS = 45;

export class Stage {
  #call;
  #media;
  #tiles = new Map();
  #uncover = [];
  #ticking;
  #lost = false;
  #note = "";

  /** `buttons`: [{name, label(), act(), shown?(), pressed?()}]; `call`, `media`: what they act on. */
  constructor(call, media, buttons) {
    this.#call = call;
    this.#media = media;
    this.buttons = buttons;
    this.title = make("h2.call-title", {}, words.title);
    this.clock = make("span.call-clock", {});
    this.badge = make("p.call-recording", { role: "status" });
    this.status = make("p.call-status", { role: "status" });
    this.pictures = make("div.call-pictures", {});
    this.own = this.#tile("own", words.you);
    this.sheet = make("div.call-sheet", {});
    this.controls = make("div.call-controls", { role: "toolbar", "aria-label": words.title });
    this.element = make(
      "section.video-call",
      { "aria-label": words.title },
      make("header.call-top", {}, this.title, this.clock, this.badge),
      make("div.call-scene", {}, this.pictures, this.own.element, this.status),
      this.sheet,
      this.controls,
    );
    this.own.video.muted = true;
    this.#ticking = setInterval(() => this.#tick(), 1000);
    this.draw();
  }

  /** Everything as it is now. */
  draw() {
    const others = this.#call.others;
    this.title.textContent = others.length ? words.with(others.map(({ title }) => title)) : words.title;
    for (const other of others) this.#show(other);
    for (const [peer, tile] of this.#tiles) if (!others.some((other) => other.peer === peer)) this.#remove(peer, tile);
    this.#showOwn();
    this.status.textContent = this.#statusOf(others);
    this.badge.textContent = this.recordingText?.() ?? "";
    this.pictures.dataset.count = `${others.length}`;
    this.controls.replaceChildren(...this.buttons.filter(({ shown }) => !shown || shown()).map((one) => this.#button(one)));
  }

  lost() {
    this.#lost = true;
    this.draw();
  }

  /** The line is up, and with it the watermark. */
  welcomed() {
    this.#lost = false;
    this.#uncover.forEach((end) => end());
    this.#uncover = [this.own, ...this.#tiles.values()].map(({ mark }) => cover(mark, this.#call.watermark));
    this.draw();
  }

  /** Says something until something else is said. */
  note(text) {
    this.#note = text;
    this.status.textContent = this.#statusOf(this.#call.others);
  }

  /** The videos, the main one first; for a recording. */
  get videos() {
    const others = [...this.#tiles.values()].map(({ video }) => video);
    return [...others, this.own.video];
  }

  /** Shows a question or a picture in the place of the buttons. */
  ask(...parts) {
    this.sheet.replaceChildren(...parts);
    this.element.classList.toggle("asking", parts.length > 0);
    this.sheet.querySelector("button")?.focus();
  }

  close() {
    clearInterval(this.#ticking);
    this.#uncover.forEach((end) => end());
    this.element.remove();
  }

  #statusOf(others) {
    if (this.#lost) return words.lost;
    if (!others.length) return this.#waited() > SLOW_SECONDS ? words.slow : words.calling;
    const away = others.find(({ here }) => !here);
    if (away) return words.away(away.title);
    if (others.every(({ link }) => link !== "connected")) return words.connecting;
    const sharing = others.find((other) => other.sharing);
    if (sharing) return words.sharing(sharing.title);
    return others.some(({ microphone }) => !microphone) && !this.#note ? words.muted : this.#note;
  }

  #waited() {
    return (Date.now() - new Date(this.#call.state?.call.opened_at ?? Date.now())) / 1000;
  }

  #tick() {
    const since = this.#call.state?.call.answered_at;
    const seconds = since ? Math.max(0, Math.round((Date.now() - new Date(since)) / 1000)) : 0;
    this.clock.textContent = since ? `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}` : "";
    if (!since) this.status.textContent = this.#statusOf(this.#call.others);
  }

  #tile(kind, title) {
    const video = make("video", { playsinline: "", autoplay: "", "aria-label": title });
    const mark = make("canvas.call-mark", { "aria-hidden": "true" });
    const name = make("span.call-name", {}, title);
    return { video, mark, name, element: make(`figure.call-tile.${kind}`, {}, video, mark, name) };
  }

  #show({ peer, title, stream, camera, sharing, here }) {
    let tile = this.#tiles.get(peer);
    if (!tile) {
      tile = this.#tile("other", title);
      this.#tiles.set(peer, tile);
      this.pictures.append(tile.element);
      if (this.#call.watermark) this.#uncover.push(cover(tile.mark, this.#call.watermark));
    }
    play(tile.video, stream);
    tile.element.classList.toggle("screen", sharing);
    tile.element.classList.toggle("blind", !camera || !here);
    tile.name.textContent = camera ? title : `${title} · ${words.noPicture}`;
  }

  #remove(peer, tile) {
    tile.element.remove();
    this.#tiles.delete(peer);
  }

  #showOwn() {
    const track = this.#media.track("video");
    if (this.own.video.srcObject?.getVideoTracks()[0] !== (track ?? undefined))
      play(this.own.video, new MediaStream([track, this.#media.track("audio")].filter(Boolean)));
    this.own.element.classList.toggle("blind", !track || !this.#media.state.camera);
    const facing = this.#media.cameraTrack?.getSettings().facingMode;
    this.own.element.classList.toggle("mirrored", !this.#media.isSharing && facing === "user");
  }

  #button({ name, label, act, pressed }) {
    const known = this.controls.querySelector(`[data-name="${name}"]`);
    const made = known ?? button(`button.call-button`, "", act);
    made.dataset.name = name;
    if (pressed) made.setAttribute("aria-pressed", `${pressed()}`);
    if (made.textContent !== label()) made.textContent = label();
    return made;
  }
}

function play(video, stream) {
  if (!stream || video.srcObject === stream) return;
  video.srcObject = stream;
  video.play().catch(() => null); // autoplay does it, or a tap
}
