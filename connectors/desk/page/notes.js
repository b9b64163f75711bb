/** What staff write for each other, the questions to colleagues, and what happened in the chat. */

import { make } from "/page/element.js";
import { timeOf } from "/desk/page/clock.js";
import { ask } from "/desk/page/desk.js";
import { area } from "/desk/page/dialog.js";
import { words } from "/desk/page/words.js";

const DRAFT = "bangban.desk.note.";

/** The elements for a chat. */
export function notesPart(chat, desk) {
  const open = (chat.questions ?? []).filter(({ answer }) => !answer);
  const notes = [...chat.notes].reverse();
  return [
    ...(chat.state === "ended" || !desk.me.rights.includes("answer") ? [] : [formOf(chat, desk)]),
    ...open.map((question) => make("p.note.question", {}, head(words.notes.question, question.asked_by, question.asked_at), `${question.text}（${words.asked}）`)),
    notes.length ? make("ul.notes", {}, ...notes.map((note) => make(`li.note.${note.kind}`, {}, head(words.notes[note.kind], note.by, note.at), note.text))) : make("p.soft", {}, words.noNotes),
    make("h3", {}, words.history),
    make("ol.history", {}, ...(chat.history ?? []).map((event) => make("li", {}, `${timeOf(event.at)} ${words.events[event.what] ?? event.what}`))),
  ];
}

function head(kind, by, at) {
  return make("span.foot", {}, [kind, by?.name, timeOf(at)].filter(Boolean).join(" · "));
}

function formOf(chat, desk) {
  const note = area(words.addNote, 2, { required: "" });
  note.field.value = sessionStorage.getItem(DRAFT + chat.id) ?? "";
  note.field.addEventListener("input", () => sessionStorage.setItem(DRAFT + chat.id, note.field.value));
  const form = make("form.add-note", {}, note.element, make("button.main", { type: "submit" }, words.keepNote));
  note.field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = note.field.value.trim();
    if (!text) return;
    note.field.value = "";
    sessionStorage.removeItem(DRAFT + chat.id);
    const back = () => sessionStorage.setItem(DRAFT + chat.id, text);
    desk.kept(ask("POST", `chats/${chat.id}/notes`, { text }), chat.id, back);
  });
  return form;
}
