/** Reading aloud: by a Chinese voice of the phone, else by the service's, where it has one. */
import { words } from "./words.js";

const synthesis = window.speechSynthesis;
const WORDS_WITHIN_MILLISECONDS = 1500;
const USUAL_SPEED = 0.9;
let service = { reads: false, words: null, address: null };
let ended = () => {};
let audio = null;
let turn = 0;

/** Marks the page `can-speak` as soon as there is a Chinese voice: many browsers load theirs late. */
export function watchVoices() {
  synthesis?.addEventListener?.("voiceschanged", markVoice);
  markVoice();
}

/**
 * What the service does: `reads`, whether it has a voice; `words(id, open)` resolves to a reply's spoken form
 * {text, speed}; `address(id, open)` is that of its recording.
 */
export function serveSpeech(offered) {
  service = offered;
  markVoice();
}

function markVoice() {
  document.documentElement.classList.toggle("can-speak", voice() !== undefined || service.reads);
}

/** The Chinese voice of this device, if it has one. */
export function voice() {
  return synthesis?.getVoices().find(({ lang }) => /^(zh|cmn)([-_](CN|Hans.*))?$/i.test(lang));
}

/** Reads what stands at these buttons, one after the other, until something ends it. */
export function readInTurn([first, ...rest]) {
  first?.dispatchEvent(new CustomEvent("readaloud", { detail: { then: () => readInTurn(rest) } }));
}

/**
 * Reads a reply and lets `button` stop it; a second tap, or another reply, ends it. `then` follows when it was read.
 * `text`: what to read where the service can't be asked; `open`: the places of unfolded sections.
 */
export async function readAloud({ id, text, open }, button, then = () => {}) {
  const wasReading = button.getAttribute("aria-pressed") === "true";
  stopReading();
  if (wasReading) return;
  ended = () => show(button, false);
  show(button, true);
  const over = () => (stopReading(), then());
  if (voice()) await speak(id, text, open, over);
  else play(service.address(id, open), over);
}

/** Is quiet. */
export function stopReading() {
  turn += 1;
  ended();
  ended = () => {};
  synthesis?.cancel();
  audio?.pause();
  audio = null;
}

async function speak(id, text, open, over) {
  const mine = turn;
  synthesis.speak(new SpeechSynthesisUtterance("")); // Safari speaks later only after it did so within a tap
  const spoken = (await spokenWords(id, open)) ?? { text, speed: USUAL_SPEED };
  if (mine !== turn) return;
  const parts = utterances(spoken);
  parts[parts.length - 1].onend = () => mine === turn && over();
  parts.forEach((part) => synthesis.speak(part));
}

/** The spoken form, or null where it does not come soon. */
async function spokenWords(id, open) {
  if (!service.words) return null;
  const late = new Promise((resolve) => setTimeout(resolve, WORDS_WITHIN_MILLISECONDS, null));
  return Promise.race([service.words(id, open).catch(() => null), late]);
}

function play(address, over) {
  audio = new Audio(address);
  audio.addEventListener("ended", over);
  audio.addEventListener("error", failed);
  audio.play().catch(failed);
}

function failed() {
  if (!audio) return; // stopped
  const tap = document.querySelector(".read[aria-pressed=true]");
  stopReading();
  if (tap) tap.textContent = words.notRead;
}

function show(button, reading) {
  button.setAttribute("aria-pressed", `${reading}`);
  button.textContent = reading ? words.stopReading : words.readAloud;
}

/** One utterance a sentence: Chrome falls silent in the middle of one longer than 15 seconds. */
function utterances({ text, speed }) {
  const sentences = text.match(/[^。！？；\n]+[。！？；]*/g) ?? [text];
  return sentences.map((sentence) => {
    const utterance = new SpeechSynthesisUtterance(sentence);
    Object.assign(utterance, { lang: "zh-CN", voice: voice(), rate: speed });
    return utterance;
  });
}
