/** Offices for supervisors: hours, windows, closures, market days, as texts with their notation beside them. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { menuOf } from "/desk/page/menu.js";
import { words } from "/desk/page/appointment-words.js";

const part = (id) => document.getElementById(id);
let offices = [];

function shown() {
  return offices.find(({ code }) => code === part("office").value);
}

function fieldOf([name, [label, rows]], value) {
  const field = rows > 1 ? make("textarea", { name, rows }) : make("input", { name });
  field.value = value;
  return make("label", {}, label, " ", field);
}

function show() {
  const office = shown();
  const fields = Object.entries(words.fields).map((field) => fieldOf(field, office.fields[field[0]]));
  part("fields").replaceChildren(...fields, make("button.main", { type: "submit" }, words.save));
}

/** Only what was changed is sent: what a colleague changes meanwhile stays. */
async function save() {
  const office = shown();
  const told = Object.fromEntries(new FormData(part("fields")));
  const fields = Object.fromEntries(Object.entries(told).map(([name, text]) => [name, text.replaceAll("\r", "")]).filter(([name, text]) => text !== office.fields[name]));
  try {
    Object.assign(office, await ask("PUT", `offices/${office.code}`, { fields }));
    show();
    part("state").textContent = words.saved;
  } catch (error) {
    part("state").textContent = error.message;
  }
}

part("office").addEventListener("change", show);
part("fields").addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
part("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
const me = await ask("GET", "session");
part("menu").append(...menuOf(me.rights));
({ offices } = await ask("GET", "offices/texts"));
part("office").append(...offices.map(({ code, fields }) => make("option", { value: code }, fields.name)));
if (offices.length) show();
