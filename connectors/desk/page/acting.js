/** What one can do with a chat: pass on, ask beside, give back, end, reveal, macros. Each asks what it must know. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { area, formDialog, select } from "/desk/page/dialog.js";
import { labelled } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

/** Passes a chat on to an office or one of its agents. */
export async function pass(desk, id) {
  const [where, note] = [await whereTo(), area(words.passNote)];
  const send = () => ask("POST", `chats/${id}/pass`, { ...where.chosen(), ...text("note", note.field) });
  if (await formDialog(words.passTitle, [...where.elements, note.element], words.doPass, send)) desk.close(id);
}

/** Asks a colleague; the resident stays here. */
export async function askBeside(desk, id) {
  const [where, question] = [await whereTo(), area(words.question, 3, { required: "" })];
  const send = () => ask("POST", `chats/${id}/questions`, { ...where.chosen(), text: question.field.value.trim() });
  const done = await formDialog(words.askTitle, [question.element, ...where.elements], words.doAsk, send);
  if (done) desk.notice(words.asked);
}

/** Puts a chat back into the queue, at its place. */
export async function giveBack(desk, id) {
  const note = area(words.passNote);
  const send = () => ask("POST", `chats/${id}/return`, text("note", note.field));
  if (await formDialog(words.backTitle, [note.element], words.doBack, send)) desk.close(id);
}

/** Ends a chat. */
export async function end(desk, id) {
  const summary = area(words.summary);
  const outcomes = Object.entries(words.outcomes).map(([value, label], index) => {
    const radio = make("input", { type: "radio", name: "outcome", value, required: "" });
    radio.checked = index === 0;
    return make("label.radio", {}, radio, label);
  });
  const choice = make("fieldset", {}, make("legend", {}, words.outcome), ...outcomes);
  const chosen = () => choice.querySelector("input:checked").value;
  await formDialog(words.endTitle, [choice, summary.element], words.doEnd, () => ask("POST", `chats/${id}/end`, { outcome: chosen(), ...text("summary", summary.field) }));
}

/** A supervisor takes a chat from whoever has it. */
export async function takeOver(desk, id) {
  const send = async () => desk.taken(await ask("POST", `chats/${id}/take-over`, {}));
  await formDialog(words.takeOver, [make("p", {}, words.takeOverSure)], words.takeOver, send);
}

/** Shows what is masked, for a reason that is kept; resolves to {value, until} or null. */
export function reveal(id, what, label) {
  const why = area(words.revealWhy, 2, { required: "", minlength: "2" });
  return formDialog(`${words.revealTitle}：${label}`, [why.element], words.reveal, () => ask("POST", `chats/${id}/reveal`, { what, reason: why.field.value.trim() }));
}

/** Asks the resident for a photo of a paper. */
export async function ask_paper(desk, id) {
  const known = [...new Set((desk.store.chats.get(id)?.papers ?? []).map(({ material }) => material))];
  const field = make("input", { required: "", maxlength: "100", list: "paper-names" });
  const names = make("datalist", { id: "paper-names" }, ...known.map((value) => make("option", { value })));
  const send = () => macro(desk, id, "ask_paper", { material: field.value.trim() }, field.value.trim());
  await formDialog(words.macros.ask_paper, [labelled(words.whichPaper, field), names], words.askPaper, send);
}

/** Sends the form of the chat's matter. */
export function send_form(desk, id) {
  return macro(desk, id, "send_form", { form: null });
}

/** Sends the guide of the chat's matter. */
export function send_guide(desk, id) {
  return macro(desk, id, "send_guide", { matter: null });
}

/** Books a visit for the resident, who reads it in the chat. */
export { bookVisit as book_visit } from "/desk/page/booking.js";

function macro(desk, id, name, values, about = "") {
  desk.sending.add(id, "macros", { macro: name, ...values }, about ? `${words.macros[name]}：${about}` : words.macros[name]);
}

/** `{key: what was written}`; nothing when nothing was. */
function text(key, field) {
  return field.value.trim() ? { [key]: field.value.trim() } : {};
}

/** Where to: an office, and there anybody or one agent. */
async function whereTo() {
  const offices = await ask("GET", "offices");
  const office = select(words.office, offices.map(({ code, name, tier }) => [code, `${name}${tier ? `（${tier}）` : ""}`]));
  const person = select(words.person, []);
  const people = () => {
    const { agents = [] } = offices.find(({ code }) => code === office.field.value) ?? {};
    const options = [["", words.anybody], ...agents.map((agent) => [`${agent.staff}`, words.agentRoom(agent)])];
    person.field.replaceChildren(...options.map(([value, label]) => make("option", { value }, label)));
  };
  office.field.addEventListener("change", people);
  people();
  const chosen = () => ({ office: office.field.value, ...(person.field.value && { staff: Number(person.field.value) }) });
  return { elements: [office.element, person.element], chosen };
}
