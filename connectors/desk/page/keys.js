/** The keyboard: everything at the desk can be done with it. The same table acts and is shown by `?`. */

import { make } from "/page/element.js";
import { shown } from "/desk/page/dialog.js";
import { words } from "/desk/page/words.js";

/** Physical keys, since Option and input methods change the characters: [code, shown as, what it does]. */
const TABLE = [
  ["KeyT", "Alt+T", "next"],
  ["Digit", "Alt+1…9", "mine"],
  ["ArrowUp", "Alt+↑", "up"],
  ["ArrowDown", "Alt+↓", "down"],
  ["KeyW", "Alt+W", "write"],
  ["KeyL", "Alt+L", "lists"],
  ["KeyI", "Alt+I", "panel"],
  ["KeyO", "Alt+O", "tabs"],
  ["KeyN", "Alt+N", "note"],
  ["KeyP", "Alt+P", "pass"],
  ["KeyA", "Alt+A", "ask"],
  ["KeyB", "Alt+B", "back"],
  ["KeyX", "Alt+X", "end"],
  ["KeyV", "Alt+V", "video"],
  ["KeyR", "Alt+R", "replies"],
  ["KeyS", "Alt+S", "search"],
  ["KeyU", "Alt+U", "sound"],
  ["KeyK", "Alt+K", "duty"],
  ["KeyC", "Alt+C", "close"],
];
const PLAIN = [["/", "slash"], ["Enter", "send"], ["Shift+Enter", "line"], ["Esc", "escape"], ["?", "help"]];

/** Calls `actions[name](number)` for the keys of the table, wherever the focus is; not while a dialog is open. */
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    if (event.key === "?" && !isWriting(event.target)) return run(event, actions.help);
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const [, , name] = TABLE.find(([code]) => code === (digit ? "Digit" : event.code)) ?? [];
    if (name) run(event, () => actions[name](Number(digit)));
  });
}

/** The table on the screen. */
export function help() {
  const rows = [...TABLE.map(([, keys, name]) => [keys, name]), ...PLAIN].map(([keys, name]) => make("div", {}, make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words.keys[name])));
  shown(words.helpTitle, [make("p.soft", {}, words.helpHint), make("dl.keys", {}, ...rows)], () => {}, true);
}

function run(event, action) {
  event.preventDefault();
  action();
}

function isWriting(element) {
  return element.matches?.("input, textarea, select") ?? false;
}
