/** Papers with what was found, what is printed and signed, handing in, and the slip. */

import { button, make } from "/page/element.js";
import { words } from "/desk/page/window-words.js";

const SUBMIT = "answer:submit.yes";

/** Draws the papers of the form. */
export function papersPart(place, visit) {
  const { form, consent, requirements, papers, step } = visit.now;
  place.hidden = !form || consent?.state === "needed" || form.state !== "draft";
  if (place.hidden) return;
  const wanted = requirements.map(({ name, state, needed }) => make("li", {}, make("span", {}, name), " ", make(`span.tag.${needed ? "warn" : "good"}`, {}, words.states[needed ? "needed" : state] ?? state)));
  const field = make("input", { type: "file", id: "paper", accept: "image/*,.pdf,.heic" });
  field.addEventListener("change", () => field.files[0] && visit.send(field.files[0]));
  const handIn = button("button.main", `${words.handIn} Alt+J`, () => submit(visit));
  handIn.disabled = step !== "submit";
  place.replaceChildren(
    make("h2", { id: "papers-title" }, words.papers),
    make("ul.papers", {}, ...wanted),
    make("label.field", {}, make("span", {}, words.upload), field),
    make("ul.papers", {}, ...papers.filter(({ material }) => material).map((paper) => paperOf(visit.now.id, paper))),
    ...signed(visit.now),
    handIn,
  );
}

/** Hands the form in, once it can be. */
export function submit(visit) {
  if (visit.now?.step === "submit") visit.say({ choice: SUBMIT });
}

/** Draws the slips of what was handed in. */
export function casesPart(place, visit) {
  const { cases } = visit.now;
  place.hidden = !cases.length;
  const print = button("button", `${words.print} Alt+P`, () => window.print());
  place.replaceChildren(make("h2", { id: "cases-title" }, words.cases), ...cases.map((each) => slipOf(each, visit.now)), print);
}

function slipOf(one, { resident, clerk, office }) {
  const rows = [
    [words.reference, one.reference],
    [words.name, resident ? words.resident(resident) : ""],
    [words.stands, one.now],
    [words.handedIn, new Date(one.submitted_at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })],
    [words.due, one.due_on ?? ""],
    [words.by, [one.clerk ?? clerk.name, office?.name].filter(Boolean).join(" · ")],
  ].filter(([, value]) => value);
  const list = rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("article.slip", { "aria-label": `${words.slip} ${one.reference}` }, make("h3", {}, `${words.slip}：${one.matter.name}`), make("dl", {}, ...list), make("p", {}, words.follow));
}

function signed({ id, messages }) {
  const files = messages.map(({ reply }) => reply?.data?.file).filter((file) => file?.media_type === "application/pdf");
  const latest = [...new Map(files.map((file) => [file.name, file])).values()];
  if (!latest.length) return [];
  return [make("h3", {}, words.sign), make("ul.papers", {}, ...latest.map((file) => make("li", {}, fileLink(id, file))))];
}

/** A link to a file of the visit. */
export function fileLink(id, { name, url }) {
  const address = `/desk/api/window/${id}/files/${encodeURIComponent(decodeURIComponent(url.split("/").pop()))}`;
  return make("a.file", { href: address, target: "_blank", rel: "noopener" }, name);
}

function paperOf(id, { material, verdict, findings, file }) {
  const found = findings.map(({ severity, text }) => make(`li.${severity}`, {}, text));
  const link = fileLink(id, { name: file.name, url: file.id });
  return make("li", {}, material, " ", make(`span.tag.${verdict}`, {}, words.verdicts[verdict] ?? verdict), " ", link, found.length ? make("ul.found", {}, ...found) : null);
}
