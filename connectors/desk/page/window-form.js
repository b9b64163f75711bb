/** The whole form on one page: what is missing stands open, the rest with where it is from. Enter goes to the next. */

import { button, make } from "/page/element.js";
import { showNumber } from "/desk/page/window-card.js";
import { words } from "/desk/page/window-words.js";

/** What was typed and is not kept yet, by key; problems likewise. A new version of the form keeps both. */
let typed = new Map();
let problems = {};
let drawn = "";

/** Draws the form. */
export function formPart(place, visit) {
  const { form, consent } = visit.now;
  place.hidden = !form || consent?.state === "needed";
  const version = `${visit.now.id}/${form?.application}/${form?.version}`;
  if (place.hidden || version === drawn) return;
  if (!drawn.startsWith(`${visit.now.id}/${form.application}/`)) [typed, problems] = [new Map(), {}];
  drawn = version;
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const groups = [...new Set(form.fields.map(({ group }) => group))];
  const fieldsOf = (group) => form.fields.filter((field) => field.group === group).map((field) => rowOf(field, visit));
  const sets = groups.map((group) => make("fieldset", {}, make("legend", {}, group || form.matter.name), make("div.many", {}, ...fieldsOf(group))));
  const editable = form.fields.some(({ editable: open }) => open);
  const element = make("form", { novalidate: "" }, ...sets, editable ? footOf(form) : null);
  element.addEventListener("keydown", (event) => onEnter(event, element));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    save(visit, element);
  });
  place.replaceChildren(make("h2", { id: "form-title" }, words.form(form)), make("p.soft", { role: "status" }, words.left(form.fields.filter(({ missing }) => missing).length)), element);
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

/** To the first field that is missing or wrong. */
export function firstOpen(place) {
  (place.querySelector(".wrong [data-key]") ?? openFields(place)[0] ?? place.querySelector("#confirm-all, [type=submit]"))?.focus();
}

/** Ticks that what was filled in by itself is right. */
export function confirmAll(place) {
  const box = place.querySelector("#confirm-all");
  if (box) [box.checked] = [true, box.focus()];
}

async function save(visit, element) {
  const confirm = element.querySelector("#confirm-all")?.checked ?? false;
  const sent = new Map(typed);
  const told = await visit.fill(Object.fromEntries(sent), confirm);
  if (told === null) return;
  problems = told;
  for (const [key, text] of sent) if (!(key in told) && typed.get(key) === text) typed.delete(key);
  drawn += "/";
  const place = document.getElementById("form");
  formPart(place, visit);
  firstOpen(place);
}

function footOf(form) {
  const unconfirmed = form.fields.filter(({ text, confirmed }) => text && !confirmed).length;
  const box = make("input", { type: "checkbox", id: "confirm-all" });
  const tick = unconfirmed ? make("label.tick", {}, box, words.unconfirmed(unconfirmed)) : null;
  return make("div.foot", {}, tick, make("button.main", { type: "submit" }, `${words.save} Alt+S`));
}

function rowOf(field, visit) {
  const id = `field-${field.key}`;
  const input = field.editable ? inputOf(field, id) : make("output", { id }, field.text);
  const value = make("span", {}, field.text ? words.keeps(field.text) : "");
  const about = [field.missing ? field.question : "", field.rule, field.required ? "" : words.optional, field.source].filter(Boolean).join(" · ");
  const hint = make("span.soft", { id: `${id}-hint` }, field.masked ? value : "", field.masked ? " " : "", about);
  const problem = make("span.problem", { id: `${id}-problem` }, problems[field.key] ?? "");
  const reveal = field.masked ? button("button.small", words.reveal(field.label), () => showNumber(visit, `field:${field.key}`, field.label, value)) : null;
  const label = make("label", { for: id }, field.label, field.unit ? `（${field.unit}）` : "");
  if (field.why) label.title = field.why;
  const row = make("div.one", {}, label, input, problem, hint, reveal);
  row.classList.toggle("open", field.missing);
  row.classList.toggle("wrong", field.key in problems);
  input.setAttribute("aria-describedby", `${id}-problem ${id}-hint`);
  if (field.key in problems) input.setAttribute("aria-invalid", "true");
  return row;
}

function inputOf(field, id) {
  const kept = field.masked ? "" : field.text;
  const input = field.choices?.length ? choiceOf(field, id) : make("input", { id, maxlength: "500", autocomplete: "off", placeholder: field.missing ? field.example : "" });
  input.dataset.key = field.key;
  if (field.missing) input.dataset.open = "";
  input.value = typed.get(field.key) ?? (field.choices?.length && !field.choices.includes(kept) ? "" : kept);
  const before = typed.has(field.key) ? null : input.value;
  input.addEventListener("input", () => {
    if (input.value === before) typed.delete(field.key);
    else typed.set(field.key, input.value);
  });
  return input;
}

/** A number typed into the list picks that entry. */
function choiceOf(field, id) {
  const options = field.choices.map((choice, index) => make("option", { value: choice }, `${index + 1} ${choice}`));
  return make("select", { id }, make("option", { value: "" }, words.choose), ...options);
}

/** The fields that are missing and still empty. */
function openFields(place) {
  return [...place.querySelectorAll("[data-open]")].filter(({ value }) => !value);
}

function onEnter(event, element) {
  if (event.key !== "Enter" || event.isComposing || !event.target.dataset?.key) return;
  event.preventDefault();
  const next = openFields(element).find((field) => event.target.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING) ?? openFields(element)[0];
  if (next) next.focus();
  else element.requestSubmit();
}
