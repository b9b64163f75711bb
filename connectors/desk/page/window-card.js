/** Who is at the window: the matter is found, the ID card typed or photographed, the resident's leave witnessed. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { area, formDialog } from "/desk/page/dialog.js";
import { labelled } from "/desk/page/keyed.js";
import { words } from "/desk/page/window-words.js";

/** Draws the search for a matter, once. */
export function matterPart(place, visit) {
  const field = make("input", { id: "matter-words", type: "search", autocomplete: "off", maxlength: "100" });
  const found = make("div.choices", { role: "group", "aria-label": words.matter });
  const told = make("p.soft", { role: "status" });
  const form = make("form", {}, labelled(words.matterLabel, field), make("button", { type: "submit" }, words.search), told, found);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(`/api/v1/matters?q=${encodeURIComponent(field.value.trim())}`).catch(() => null);
    const { candidates = [] } = answer?.ok ? await answer.json() : {};
    told.textContent = words.found(candidates.length);
    const choose = ({ code }) => visit.say({ choice: `apply:${code}` });
    found.replaceChildren(...candidates.map((each, index) => button("button", `${index + 1} ${each.name}`, () => choose(each))));
    found.querySelector("button")?.focus();
  });
  found.addEventListener("keydown", ({ key }) => found.children[Number(key) - 1]?.click());
  place.replaceChildren(make("h2", { id: "matter-title" }, words.matter), form);
}

/** Draws the card: fields as long as nobody is known, then who it is. */
export function cardPart(place, visit) {
  const title = make("h2", { id: "card-title" }, words.card);
  const { resident } = visit.now;
  if (resident && !place.changing) return place.replaceChildren(title, ...known(place, visit, resident));
  if (place.querySelector("form") && place.visit === visit.now.id) return undefined; // what is typed stays
  place.visit = visit.now.id;
  return place.replaceChildren(title, cardForm(place, visit));
}

function known(place, visit, resident) {
  const change = () => {
    place.changing = true;
    cardPart(place, visit);
    place.querySelector("input").focus();
  };
  const shown = make("span", {}, words.resident(resident));
  const reveal = button("button", words.reveal(words.number), () => showNumber(visit, "id_number", words.number, shown));
  const fixed = visit.now.consent && visit.now.consent.state !== "needed";
  return [make("p.known", {}, shown), make("div.row", {}, reveal, fixed ? null : button("button", words.change, change))];
}

/** Shows a masked number for a minute, for a reason that is kept. */
export async function showNumber(visit, what, label, place) {
  const why = area(words.revealWhy, 2, { required: "", minlength: "2" });
  const body = () => ({ what, reason: why.field.value.trim() });
  const told = await formDialog(words.reveal(label), [why.element], words.reveal(label), () => ask("POST", `window/${visit.now.id}/reveal`, body()));
  if (!told) return;
  const before = place.textContent;
  place.textContent = told.value;
  setTimeout(() => (place.textContent = before), 60_000);
}

function cardForm(place, visit) {
  const name = make("input", { id: "card-name", required: "", maxlength: "50", autocomplete: "off" });
  const number = make("input", { id: "card-number", required: "", maxlength: "30", autocomplete: "off" });
  const telephone = make("input", { inputmode: "tel", maxlength: "30", autocomplete: "off" });
  const photo = make("input", { type: "file", accept: "image/*,.pdf", id: "card-photo" });
  const told = make("p.soft", { role: "status" });
  const go = make("button.main", { type: "submit" }, words.read);
  const fields = [labelled(words.name, name), labelled(words.number, number), labelled(words.telephone, telephone)];
  const form = make("form", {}, make("div.many", {}, ...fields), make("div.row", {}, go, labelled(words.photo, photo)), told);
  let how = "typed";
  photo.addEventListener("change", async () => {
    told.textContent = words.reading;
    const read = photo.files[0] ? await visit.readCard(photo.files[0]) : null;
    photo.value = "";
    told.textContent = read ? [words.readOut, ...read.findings].join(" ") : "";
    if (!read) return;
    how = "photo";
    name.value = read.name;
    number.value = read.id_number;
    go.focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { name: name.value, id_number: number.value, telephone: telephone.value, how };
    if (!(await visit.put("PUT", "card", body))) return number.select();
    place.changing = false;
    cardPart(place, visit);
    return document.querySelector("#consent button, #matter-words")?.focus();
  });
  return form;
}

/** Draws the words that are read out, and what the resident says to them. */
export function consentPart(place, visit) {
  const { consent, resident } = visit.now;
  place.hidden = !consent || !resident;
  if (place.hidden) return undefined;
  const title = make("h2", { id: "consent-title" }, words.consent);
  if (consent.state !== "needed") return place.replaceChildren(title, make("p.known", {}, words.consentStates[consent.state] ?? ""));
  const said = (agreed) => visit.put("POST", "consent", { agreed });
  const agree = button("button.main", `${words.agreed} Alt+Y`, () => said(true));
  agree.id = "agree";
  const decline = button("button", words.declined, () => said(false));
  return place.replaceChildren(title, make("blockquote", {}, consent.words), make("div.row", {}, agree, decline));
}
