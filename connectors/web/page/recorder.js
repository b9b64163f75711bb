/** Records what the resident says: a tap begins, a tap sends; who holds the button sends by letting go. */
import { button, make } from "./element.js";
import { words } from "./words.js";

const HELD_MILLISECONDS = 600;
const SHORTEST_MILLISECONDS = 500;
const LAST_SECONDS = 10;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** Whether this browser can record: it does so only over TLS, or on the machine itself. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
}

export class Recorder {
  #speak;
  #panel;
  #clock;
  #tell;
  #longest;
  #recorder = null;
  #asking = false;
  #ending = false;
  #since = 0;
  #pressed = 0;
  #ticking;

  /** `speak`: the button. `tell`: send(file), say(text), starting(). `longest`: seconds of a recording. */
  constructor(speak, tell, longest) {
    this.#speak = speak;
    this.#tell = tell;
    this.#longest = longest;
    this.#clock = make("span.clock", { role: "timer" });
    this.#panel = make(
      "div.recording",
      { hidden: "" },
      make("span.listening", { role: "status" }, words.listening),
      this.#clock,
      button("button.drop", words.dropRecording, () => this.#end(false)),
    );
    speak.closest("form").prepend(this.#panel);
    speak.addEventListener("pointerdown", (event) => this.#press(event));
    speak.addEventListener("pointerup", () => this.#release());
    speak.addEventListener("pointercancel", () => this.#release());
    speak.addEventListener("touchend", (event) => event.preventDefault()); // no click for what comes in its place
    speak.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press is ours
    speak.addEventListener("click", (event) => event.detail === 0 && this.#toggle()); // the keyboard
    document.addEventListener("visibilitychange", () => document.hidden && this.#end(false));
  }

  #press({ pointerId }) {
    this.#speak.setPointerCapture(pointerId); // the button moves under the finger
    this.#ending = Boolean(this.#recorder); // by letting go: else the tap would go on to what comes in its place
    if (this.#ending) return;
    this.#pressed = Date.now();
    this.#begin();
  }

  #release() {
    const held = this.#pressed && Date.now() - this.#pressed > HELD_MILLISECONDS;
    this.#pressed = 0;
    if ((held || this.#ending) && this.#recorder) this.#end(true);
    this.#ending = false;
  }

  #toggle() {
    if (this.#recorder) this.#end(true);
    else this.#begin();
  }

  async #begin() {
    if (this.#asking) return;
    this.#asking = true;
    this.#tell.starting();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
      this.#record(stream);
    } catch (error) {
      this.#tell.say(refusal(error));
    } finally {
      this.#asking = false;
    }
  }

  #record(stream) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000, ...(mimeType && { mimeType }) });
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    recorder.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      if (recorder.wanted) this.#send(new Blob(parts, { type: recorder.mimeType }));
    });
    this.#recorder = recorder;
    this.#since = Date.now();
    recorder.start();
    this.#show(true);
    this.#ticking = setInterval(() => this.#tick(), 250);
  }

  #tick() {
    const seconds = (Date.now() - this.#since) / 1000;
    const left = Math.ceil(this.#longest - 0.5 - seconds);
    this.#clock.textContent = left <= LAST_SECONDS ? words.secondsLeft(Math.max(0, left)) : `0:${`${Math.floor(seconds)}`.padStart(2, "0")}`;
    if (left <= 0) this.#end(true);
  }

  #end(wanted) {
    const recorder = this.#recorder;
    if (!recorder) return;
    this.#recorder = null;
    clearInterval(this.#ticking);
    this.#show(false);
    const tooShort = Date.now() - this.#since < SHORTEST_MILLISECONDS;
    if (wanted && tooShort) this.#tell.say(words.tooShort);
    recorder.wanted = wanted && !tooShort;
    recorder.stop();
  }

  #show(recording) {
    this.#panel.hidden = !recording;
    this.#clock.textContent = "0:00";
    this.#speak.textContent = recording ? words.sendRecording : words.speak;
    this.#speak.setAttribute("aria-pressed", `${recording}`);
    this.#speak.closest("form").classList.toggle("is-recording", recording);
  }

  #send(blob) {
    const type = blob.type.split(";")[0] || "audio/webm";
    this.#tell.send(new File([blob], `voice.${type.split("/")[1]}`, { type }));
  }
}

function refusal({ name }) {
  if (name === "NotAllowedError" || name === "SecurityError") return words.microphoneRefused;
  return name === "NotFoundError" ? words.noMicrophone : words.microphoneBusy;
}
