/** The form as filled in so far, a field of it to be put right for the resident, and the papers with their findings. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { labelled } from "/desk/page/keyed.js";
import { maskedView } from "/desk/page/packet.js";
import { words } from "/desk/page/words.js";

/** The elements of a chat's form. */
export function formPart(chat, desk) {
  const { form } = chat;
  if (!form) return [make("p.soft", {}, words.noForm)];
  const groups = [...new Set(form.fields.map(({ group }) => group))];
  const fieldsOf = (group) => form.fields.filter((field) => field.group === group).map((field) => rowOf(chat, field, desk));
  return [
    make("h3", {}, words.form(form)),
    ...groups.flatMap((group) => [group ? make("h4", {}, group) : null, make("ul.fields", {}, ...fieldsOf(group))]).filter(Boolean),
  ];
}

/** What one click sends: macros. */
export function macrosPart(chat, desk) {
  if (!desk.store.isMine(chat)) return [];
  const names = Object.keys(words.macros);
  return [make("div.acts", { role: "group", "aria-label": words.doMacro }, ...names.map((name) => button("button", words.macros[name], () => desk.act(name, chat.id))))];
}

/** The elements of a chat's papers. */
export function papersPart(chat) {
  const papers = chat.papers ?? [];
  if (!papers.length) return [make("h3", {}, words.papers), make("p.soft", {}, words.noPapers)];
  return [make("h3", {}, `${words.papers} ${papers.length}`), make("ul.papers", {}, ...papers.map((paper) => paperOf(chat.id, paper)))];
}

function rowOf(chat, field, desk) {
  const value = make("span.value", {}, field.text || (field.required ? `${words.empty}（${words.required}）` : words.empty));
  const marks = [field.source, field.text ? (field.confirmed ? words.confirmed : words.unconfirmed) : ""].filter(Boolean).join(" · ");
  const row = make("li.one-field", { "data-key": field.key }, make("span.label", {}, field.label), value, make("span.soft", {}, marks));
  row.classList.toggle("open", !field.text && field.required);
  if (field.masked && desk.me.rights.includes("reveal")) row.append(maskedView(chat.id, `field:${field.key}`, `${words.reveal}${field.label}`));
  if (field.editable && desk.store.isMine(chat)) row.append(changeButton(chat, field, row, desk));
  return row;
}

function changeButton(chat, field, row, desk) {
  const change = button("button.change", words.change, () => edit(chat, field, row, desk));
  change.setAttribute("aria-label", `${words.change}${field.label}`);
  return change;
}

/** In the place of the row a field; what is saved there the resident is asked to confirm. */
function edit(chat, field, row, desk) {
  const input = inputFor(field);
  const problem = make("p.problem", { role: "alert" });
  const done = () => {
    input.blur();
    desk.panel.show(true);
    document.querySelector(`[data-key="${CSS.escape(field.key)}"] .change`)?.focus();
  };
  const form = make("form.edit", {}, labelled(`${field.label}${field.unit ? `（${field.unit}）` : ""}`, input), problem, make("div.acts", {}, make("button.main", { type: "submit" }, words.save), button("button", words.cancel, done)));
  form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), done()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      chat.form = await ask("PUT", `chats/${chat.id}/form/${encodeURIComponent(field.key)}`, { text: input.value.trim(), version: chat.form.version });
      done();
    } catch (error) {
      if (error.name === "form_changed") await desk.readForm(chat.id).catch(() => null);
      problem.textContent = error.message;
    }
  });
  row.replaceChildren(form);
  input.focus();
}

function inputFor(field) {
  if (!field.choices?.length) {
    const input = make("input", { maxlength: "200", required: "" });
    input.value = field.masked ? "" : field.text;
    return input;
  }
  const named = field.choices.map((choice) => (typeof choice === "string" ? choice : choice.label));
  const input = make("select", {}, ...named.map((value) => make("option", { value }, value)));
  input.value = named.includes(field.text) ? field.text : named[0];
  return input;
}

function paperOf(chat, { material, file, verdict, findings }) {
  const address = file && `/desk/api/chats/${chat}/files/${encodeURIComponent(file.id)}`;
  const open = file ? make("a.file", { href: address, target: "_blank", rel: "noopener" }, words.file(file)) : null;
  const isPicture = file?.media_type?.startsWith("image/");
  const picture = isPicture ? make("img.paper", { src: address, alt: material, loading: "lazy" }) : null;
  const found = findings.map(({ severity, text }) => make(`li.${severity}`, {}, text));
  return make(
    "li.paper-row",
    {},
    make("span.label", {}, material, " ", make(`span.tag.${verdict}`, {}, words.verdicts[verdict] ?? verdict)),
    found.length ? make("ul.found", {}, ...found) : null,
    picture,
    open,
  );
}
