/** The conversation beside the form: what was said, what the bot asks now, and a field to write in. */

import { button, make } from "/page/element.js";
import { labelled } from "/desk/page/keyed.js";
import { fileLink } from "/desk/page/window-papers.js";
import { words } from "/desk/page/window-words.js";

/** Draws the chat, once; afterwards its lines. */
export function talkPart(place, visit) {
  if (!place.querySelector("form")) begin(place, visit);
  const list = place.querySelector(".lines");
  const shown = new Set([...list.children].map(({ dataset }) => dataset.line));
  const id = (line) => `${visit.now.id}/${line.seq}`;
  if (list.dataset.visit !== visit.now.id) list.replaceChildren();
  list.dataset.visit = visit.now.id;
  const news = visit.now.messages.filter((line) => !shown.has(id(line)) || !list.children.length);
  list.append(...news.map((line) => lineOf(line, id(line), visit.now.id)));
  if (news.length) list.scrollTop = list.scrollHeight;
  place.querySelector(".mode").textContent = words.modes[visit.now.mode] ?? "";
}

/** Draws what is asked now with its choices; Alt and a number picks one. */
export function questionPart(place, visit) {
  const last = visit.now.messages.findLast(({ from }) => from !== "system");
  const choices = last?.from === "bot" ? (last.reply?.choices ?? []) : [];
  place.hidden = !choices.length;
  if (place.hidden) return place.replaceChildren();
  const asked = last.text.split("\n").filter((line) => !/^\d+\. /.test(line));
  const buttons = choices.map((choice, index) => button("button", `${index + 1} ${choice.label}`, () => visit.say({ choice: choice.id })));
  return place.replaceChildren(...asked.map((line) => make("p", {}, line)), make("div.choices", {}, ...buttons));
}

/** Picks the choice of that number. */
export function choose(place, number) {
  place.querySelectorAll(".choices button")[number - 1]?.click();
}

function begin(place, visit) {
  const field = make("textarea", { id: "say", rows: "2", maxlength: "300" });
  const form = make("form", {}, labelled(words.say, field), make("button.main", { type: "submit" }, words.send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    if (!(await visit.say({ text })) && !field.value) field.value = text;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const lines = make("div.lines", { tabindex: "0", "aria-label": words.talk, role: "log" });
  place.replaceChildren(make("h2", { id: "talk-title" }, words.talk, " ", make("span.mode.tag.warn", {})), lines, form);
}

function lineOf({ from, text, reply }, id, visit) {
  const file = reply?.data?.file;
  const isFile = file && typeof file === "object";
  const parts = text.split("\n").filter((line) => line.trim()).map((line) => make("p", {}, line));
  return make(`div.line.${from}`, { "data-line": id }, make("span.soft", {}, words.speakers[from] ?? from), ...parts, isFile ? fileLink(visit, file) : null);
}
