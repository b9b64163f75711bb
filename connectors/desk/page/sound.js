/** A short sound when somebody waits; a switch that is kept; of several tabs only one is heard. */

import { keep, kept } from "/page/shelf.js";

const TONES = { message: [880], offer: [660, 990], whisper: [520] };
let context = null;
let isFirstTab = !navigator.locks; // without TLS there are no locks: each tab is heard

// Held until the tab closes; then the next one gets it.
navigator.locks?.request("bangban.desk.sound", () => {
  isFirstTab = true;
  return new Promise(() => {});
});

/** Whether it is on. */
export function isOn() {
  return kept("desk.sound", true);
}

/** Switches it. */
export function switchTo(on) {
  keep("desk.sound", on);
}

/** Plays `message`, `offer` or `whisper`. Browsers allow it once something on the page was clicked or typed. */
export function play(name) {
  if (!isOn() || !isFirstTab) return;
  document.documentElement.dataset.sounded = `${Number(document.documentElement.dataset.sounded ?? 0) + 1}`;
  context ??= new AudioContext();
  if (context.state !== "running") context.resume().catch(() => null);
  TONES[name].forEach((hertz, index) => tone(hertz, context.currentTime + index * 0.16));
}

function tone(hertz, at) {
  const [source, volume] = [context.createOscillator(), context.createGain()];
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0.15, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.15);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + 0.15);
}
