/** Reading aloud, on phones that have a Chinese voice. */
import { words } from "./words.js";

const synthesis = window.speechSynthesis;
let ended = () => {};

/** Marks the page `can-speak` as soon as there is a Chinese voice: many browsers load theirs late. */
export function watchVoices() {
  if (!synthesis) return;
  synthesis.addEventListener?.("voiceschanged", markVoice);
  markVoice();
}

function markVoice() {
  document.documentElement.classList.toggle("can-speak", voice() !== undefined);
}

function voice() {
  return synthesis.getVoices().find(({ lang }) => /^(zh|cmn)([-_](CN|Hans.*))?$/i.test(lang));
}

/** Reads `text` and lets `button` stop it; a second tap, or another text, ends it. */
export function readAloud(text, button) {
  const wasReading = button.getAttribute("aria-pressed") === "true";
  stopReading();
  if (wasReading) return;
  ended = () => show(button, false);
  show(button, true);
  const parts = utterances(text);
  parts[parts.length - 1].onend = stopReading;
  parts.forEach((part) => synthesis.speak(part));
}

/** Is quiet. */
export function stopReading() {
  ended();
  ended = () => {};
  synthesis?.cancel();
}

function show(button, reading) {
  button.setAttribute("aria-pressed", `${reading}`);
  button.textContent = reading ? words.stopReading : words.readAloud;
}

/** One utterance a sentence: Chrome falls silent in the middle of one longer than 15 seconds. */
function utterances(text) {
  const sentences = text.match(/[^。！？；\n]+[。！？；]*/g) ?? [text];
  return sentences.map((sentence) => {
    const utterance = new SpeechSynthesisUtterance(sentence);
    Object.assign(utterance, { lang: "zh-CN", voice: voice(), rate: 0.9 });
    return utterance;
  });
}
