/** "name：what it means", as choices and papers are written: the name stands out. */
import { make } from "./element.js";

const LEAD = /^([^：\n]{1,24})：(.+)$/s;

/** The name; the whole text when it has no such parts. */
export function lead(text) {
  return LEAD.exec(text)?.[1] ?? text;
}

/** Two lines for a choice: its name, and smaller what it means for the resident. */
export function label(text) {
  const [, name, meaning] = LEAD.exec(text) ?? [];
  if (!name) return make("span.label", {}, text);
  return make("span.label", {}, make("strong", {}, name), make("span.meaning", {}, meaning));
}

/** One line for a list: "户口簿：原件" begins bold; "各地不一样，有的：…" is a sentence, and stays as it is. */
export function line(text) {
  const name = lead(text);
  if (name === text || /[，。；]/.test(name)) return [text];
  return [make("strong", {}, `${name}：`), text.slice(name.length + 1)];
}
