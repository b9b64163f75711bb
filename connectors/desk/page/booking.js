/** The window in which an agent books a visit for the resident: where, which day, what time. */

import { make } from "/page/element.js";
import { uuid } from "/page/outbox.js";
import { ask } from "/desk/page/desk.js";
import { formDialog, select } from "/desk/page/dialog.js";
import { words } from "/desk/page/words.js";

/** Books one; the line comes by the feed. */
export async function bookVisit(desk, id) {
  const fields = { office: select(words.visitOffice, []), day: select(words.visitDay, []), time: select(words.visitTime, []) };
  const [none, once] = [make("p.soft", { role: "status" }), uuid()];
  const { office, day, time } = Object.fromEntries(Object.entries(fields).map(([name, { field }]) => [name, field]));
  const read = async (wanted) => {
    const found = await ask("GET", `chats/${id}/appointments?${new URLSearchParams(wanted)}`);
    fill(office, found.offices.map(({ code, name }) => [code, name]), found.office);
    fill(day, found.days.map((each) => [each.day, each.text]), found.day);
    fill(time, found.times.map(({ start, text, window }) => [start, `${text}（${window}）`]));
    none.textContent = found.office ? (found.times.length ? "" : words.noTimes) : words.noVisitOffice;
  };
  await read({});
  office.addEventListener("change", () => read({ office: office.value }));
  day.addEventListener("change", () => read({ office: office.value, day: day.value }));
  time.required = true;
  const send = async () => {
    try {
      return await ask("POST", `chats/${id}/appointments`, { id: once, office: office.value, start: time.value });
    } catch (problem) {
      if (problem.name === "slot_full") await read({ office: office.value, day: day.value });
      throw problem;
    }
  };
  const line = await formDialog(words.macros.book_visit, [...Object.values(fields).map(({ element }) => element), none], words.doBook, send);
  if (line) desk.readForm(id).catch(() => null);
}

function fill(field, options, chosen = options[0]?.[0]) {
  field.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  field.value = chosen ?? "";
}
