/** The keyboard at the window: everything can be done with it. The same table acts and is shown by `?`. */

import { make } from "/page/element.js";
import { shown } from "/desk/page/dialog.js";
import { words } from "/desk/page/window-words.js";

/** Physical keys, since input methods change the characters: [code, shown as, what it does]. */
const TABLE = [
  ["KeyN", "Alt+N", "next"],
  ["KeyM", "Alt+M", "matter"],
  ["KeyI", "Alt+I", "card"],
  ["KeyY", "Alt+Y", "agree"],
  ["Digit", "Alt+1…9", "choose"],
  ["KeyG", "Alt+G", "form"],
  ["KeyK", "Alt+K", "confirm"],
  ["KeyS", "Alt+S", "save"],
  ["KeyU", "Alt+U", "upload"],
  ["KeyJ", "Alt+J", "submit"],
  ["KeyP", "Alt+P", "print"],
  ["KeyW", "Alt+W", "write"],
  ["KeyT", "Alt+T", "up"],
  ["KeyX", "Alt+X", "county"],
  ["KeyV", "Alt+V", "video"],
  ["KeyA", "Alt+A", "entrust"],
  ["KeyQ", "Alt+Q", "phone"],
];
const PLAIN = [["Enter", "enter"], ["?", "help"]];

/** Calls `actions[name](number)` for the keys of the table, wherever the focus is; not while a dialog is open. */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    if (event.key === "?" && !event.target.matches?.("input, textarea, select")) return run(event, help);
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const [, , name] = TABLE.find(([code]) => code === (digit ? "Digit" : event.code)) ?? [];
    if (name) run(event, () => actions[name](Number(digit)));
  });
}

/** The table on the screen. */
export function help() {
  const rows = [...TABLE.map(([, keys, name]) => [keys, name]), ...PLAIN];
  const list = rows.map(([keys, name]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words.keys[name])));
  shown(words.helpTitle, [make("dl.keys", {}, ...list)], () => {}, true);
}

function run(event, action) {
  event.preventDefault();
  action();
}
