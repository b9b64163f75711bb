/** Says the numbers that are called, each call once: by a Chinese voice of the screen's computer, else by the service's. */

import { keep, kept } from "/page/shelf.js";
import { voice } from "/page/speech.js";

const FRESH_SECONDS = 30;
const LONGEST = 15000; // a browser may never say that an utterance ended
const SPEED = 0.9;
const SAID = `hall.said.${location.pathname}`;
const MUTED = "hall.muted";
const button = document.getElementById("sound");
let serviceReads = false;
let blocked = false;
let looked = false;
let utterance = null; // Chrome forgets one that nobody holds, and its end with it
let audio = null;
let end = () => {};
let line = Promise.resolve();

button.addEventListener("click", () => (isOn() ? mute() : unmute()));

/** Says what was called since it looked before. What nobody could say yet waits for a voice, as long as it is fresh. */
export function announce({ calls, reads }) {
  serviceReads = reads;
  showSound();
  if (!canSpeak()) return;
  const said = kept(SAID, []);
  const due = calls.filter((call) => !said.includes(call.id) && isNews(call));
  keep(SAID, calls.map(({ id }) => id));
  looked = true;
  if (isOn()) due.reverse().forEach(sayNext);
}

/** The button, for who can be heard: mute, or let it speak. */
export function showSound() {
  button.hidden = !canSpeak();
  button.textContent = isOn() ? "静音" : "打开声音";
}

/** Who was called again is news, however long ago they were called first, unless the page was only opened now. */
function isNews({ seconds, calls }) {
  return seconds < FRESH_SECONDS || (looked && calls > 1);
}

const canSpeak = () => voice() !== undefined || serviceReads;
const isOn = () => !blocked && !kept(MUTED, false);

function mute() {
  keep(MUTED, true);
  window.speechSynthesis?.cancel();
  audio?.pause();
  end();
  showSound();
}

function unmute() {
  keep(MUTED, null);
  blocked = false;
  if (voice()) sayNext({ words: "声音打开了。" }); // within the tap: browsers speak from then on
  showSound();
}

/** One after the other; what comes to its turn when it is muted is not said. */
function sayNext(call) {
  line = line.then(() => isOn() && say(call));
}

function say({ id, words }) {
  return new Promise((over) => {
    end = over;
    setTimeout(over, LONGEST);
    if (voice()) speak(words);
    else play(`${location.pathname}/calls/${id}`);
  });
}

function speak(words) {
  utterance = Object.assign(new SpeechSynthesisUtterance(words), { lang: "zh-CN", voice: voice(), rate: SPEED });
  utterance.onend = end;
  utterance.onerror = ({ error }) => failed(error === "not-allowed");
  window.speechSynthesis.speak(utterance);
}

function play(address) {
  audio = new Audio(address);
  audio.addEventListener("ended", end);
  audio.addEventListener("error", () => failed(false));
  audio.play().catch(({ name }) => failed(name === "NotAllowedError"));
}

/** `isBlocked`: the browser wants a tap first, which the button then asks for. */
function failed(isBlocked) {
  blocked ||= isBlocked;
  end();
  showSound();
}
