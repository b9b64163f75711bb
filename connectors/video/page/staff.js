/** The desk's side: `mountCall` puts a call into an element of the page. See connectors/desk/page/call.js. */
import { button, make } from "/page/element.js";
import { uuid } from "/page/outbox.js";
import { Call } from "./call.js";
import { consent, mediaButtons, photograph } from "./controls.js";
import { Media } from "./media.js";
import { resumeUploads } from "./parts.js";
import { fileOf } from "./photo.js";
import { Recorder } from "./recorder.js";
import { Stage } from "./stage.js";
import { words } from "./words.js";

/** Opens (or finds) the call of a chat: {id, number, …}. Raises Error with a sentence. */
export async function openCall(conversation) {
  return (await ask("POST", "calls", { conversation })).call;
}

/** What is open in one's chats and what rings: {open: […], ringing: [{id, number, asked_by, …}]}. */
export function callsNow() {
  return ask("GET", "calls");
}

/** Calls an office ({office: code}) or a colleague ({staff: id}) into the call. */
export function invite(id, whom) {
  return ask("POST", `calls/${id}/invitations`, whom);
}

/** Who was called in does not come. */
export function decline(id) {
  return ask("DELETE", `calls/${id}/invitations`);
}

/**
 * Joins the call `id` and shows it in `element`. `left(text)`: it is over here, and why.
 * `photo(answer)`: a photo was taken into the case; `offices`: [{code, name}] that may be called in.
 * Resolves to {call, close()}; `close` hangs up.
 */
export async function mountCall(element, id, { left = () => {}, photo = () => {}, offices = [] } = {}) {
  const media = new Media("user");
  const trouble = await media.open();
  if (trouble === "insecure") return left(words.insecure);
  return new StaffCall(element, id, media, { left, photo, offices }).begin(trouble);
}

class StaffCall {
  #id;
  #media;
  #call;
  #stage;
  #recorder = null;
  #tell;
  #offices;
  #leave = (event) => event.preventDefault();

  constructor(element, id, media, { left, photo, offices }) {
    this.#id = id;
    this.#media = media;
    this.#tell = { left, photo };
    this.#offices = offices;
    const stillOpen = async () => (await ask("GET", `calls/${id}`)).call.ended_at === null;
    this.#call = new Call({ path: `/desk/api/calls/${id}`, protocols: ["bangban-call"], stillOpen }, media, {
      welcomed: () => this.#stage.welcomed(),
      changed: () => this.#draw(),
      lost: () => this.#stage.lost(),
      over: (why, state) => this.#end(why, state),
      askedForPhoto: (title, paper) => this.#shoot(words.photoTitle(title, paper)),
    });
    this.#stage = new Stage(this.#call, media, this.#buttons());
    this.#stage.element.classList.add("staff");
    this.#stage.recordingText = () => this.#recordingText();
    element.append(this.#stage.element);
  }

  begin(trouble) {
    if (trouble) this.#stage.note(words[trouble]);
    this.#call.start();
    resumeUploads((left) => this.#uploading(left));
    window.bangbanCall = this.#call;
    return { call: this.#call, close: () => this.#call.hangUp() };
  }

  #buttons() {
    const [media, call] = [this.#media, this.#call];
    const resident = () => call.others.find(({ side, link }) => side === "resident" && link === "connected");
    const target = () => resident() ?? call.others.find(({ link }) => link === "connected");
    return [
      ...mediaButtons(media),
      { name: "share", label: () => (media.isSharing ? words.stopSharing : words.share), act: () => this.#share(), pressed: () => media.isSharing, shown: () => Boolean(navigator.mediaDevices?.getDisplayMedia) },
      { name: "ask_photo", label: () => words.askPhoto, act: () => call.askForPhoto(target().peer), shown: () => Boolean(target()) },
      { name: "capture", label: () => words.capture, act: () => this.#capture(), shown: () => Boolean(target()) },
      { name: "record", label: () => (this.#recorder?.isRunning ? words.stopRecording : words.record), act: () => this.#record(), pressed: () => Boolean(this.#recorder?.isRunning), shown: () => Boolean(Recorder.kind()) && call.others.length > 0 },
      ...this.#offices.map(({ code, name }) => ({ name: `office-${code}`, label: () => `请${name}`, act: () => this.#invite({ office: code }) })),
      { name: "hang_up", label: () => words.hangUp, act: () => call.hangUp() },
    ];
  }

  #draw() {
    this.#stage.draw();
    if (!this.#call.state) return;
    consent(this.#stage, this.#call);
    this.#followConsent();
  }

  async #share() {
    if (this.#media.isSharing) this.#media.stopSharing();
    else if (!(await this.#media.share())) this.#stage.note(words.noScreen);
  }

  async #invite(whom) {
    await invite(this.#id, whom).catch((error) => this.#stage.note(error.message));
  }

  /** The other side's picture as it is, into the case, after a look at it. */
  async #capture() {
    const [main] = this.#stage.videos;
    const file = await fileOf(await createImageBitmap(main), this.#call.watermark);
    this.#stage.note((await this.#send(file)) ? words.photoSent : words.photoFailed);
  }

  #shoot(title) {
    const { cameraTrack } = this.#media;
    if (!cameraTrack || this.#stage.sheet.childElementCount) return;
    photograph(this.#stage, this.#media, this.#call.watermark, title, (file) => this.#send(file));
  }

  async #send(file) {
    const form = new FormData();
    form.append("id", uuid());
    form.append("file", file, file.name);
    try {
      const answer = await ask("POST", `calls/${this.#id}/photos`, form);
      this.#tell.photo(answer);
      return true;
    } catch {
      return false;
    }
  }

  async #record() {
    if (this.#recorder?.isRunning) return this.#stopRecording();
    if (this.#call.state.recording.state === "agreed") return this.#startRecording();
    this.#wanted = true;
    return this.#call.askToRecord();
  }

  #wanted = false;
  /** Begins when the other side agrees, ends when they take it back. */
  #followConsent() {
    const { state } = this.#call.state.recording;
    if (state === "agreed" && this.#wanted) this.#startRecording();
    if (state === "refused") this.#wanted = false;
    if (state !== "agreed" && this.#recorder?.isRunning) this.#stopRecording();
  }

  async #startRecording() {
    this.#wanted = false;
    const kind = Recorder.kind();
    try {
      const { id } = await ask("POST", `calls/${this.#id}/recordings`, { media_type: kind });
      this.#recorder = new Recorder(() => this.#stage.videos, () => this.#call.watermark, (left) => this.#uploading(left));
      this.#recorder.start(id, kind);
    } catch (error) {
      this.#stage.note(error.message);
    }
    this.#stage.draw();
  }

  async #stopRecording() {
    const ended = this.#recorder.stop();
    this.#stage.draw();
    await ended;
    this.#stage.draw();
  }

  #recordingText() {
    if (this.#recorder?.isRunning) return words.recording;
    const state = this.#call.state?.recording.state;
    if (state === "asked") return words.recordingAsked;
    return state === "refused" && this.#call.state.recording.asked_by === this.#call.seat ? words.recordingRefused : "";
  }

  #uploading(left) {
    window[left ? "addEventListener" : "removeEventListener"]("beforeunload", this.#leave);
    if (left > 1) this.#stage.note(words.uploading(left));
  }

  async #end(why, state) {
    const recording = this.#recorder?.stop();
    const text = why === "over" || why === "left" ? words.over(state?.call.seconds) : words[why];
    this.#stage.close();
    await recording?.catch(() => null);
    this.#tell.left(text);
  }
}

async function ask(method, path, body) {
  const json = body && !(body instanceof FormData);
  const options = { method, body: json ? JSON.stringify(body) : body, headers: json ? { "Content-Type": "application/json" } : {} };
  const answer = await fetch(`/desk/api/${path}`, options);
  const content = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content?.detail ?? `${answer.status}`);
  return content;
}
