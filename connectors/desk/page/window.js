/** Clerk mode: a clerk does a resident's matter with them at the window. Everything is made and connected here. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { formDialog, shown } from "/desk/page/dialog.js";
import { menuOf } from "/desk/page/menu.js";
import { cardPart, consentPart, matterPart } from "/desk/page/window-card.js";
import { confirmAll, firstOpen, formPart } from "/desk/page/window-form.js";
import { help, listen } from "/desk/page/window-keys.js";
import { casesPart, papersPart, submit } from "/desk/page/window-papers.js";
import { entrust, proxiesPart } from "/desk/page/window-proxies.js";
import { choose, questionPart, talkPart } from "/desk/page/window-talk.js";
import { WindowVisit } from "/desk/page/window-visit.js";
import { words } from "/desk/page/window-words.js";

const CALL_STYLE = "/call/call.css";
const find = (id) => document.getElementById(id);
const visit = new WindowVisit(show, (text) => (find("state").textContent = text));
let listening = "";

function show(now) {
  const isNew = listening !== now.id;
  find("visits").hidden = true;
  find("desk").hidden = false;
  history.replaceState(null, "", `#${now.id}`);
  if (isNew) {
    listening = now.id;
    matterPart(find("matter"), visit);
    find("card").changing = false;
    find("card").replaceChildren();
  }
  aboutPart(now);
  for (const [part, draw] of Object.entries({ question: questionPart, card: cardPart, consent: consentPart, form: formPart, papers: papersPart, proxies: proxiesPart, cases: casesPart, talk: talkPart })) draw(find(part), visit);
  if (isNew) {
    find("matter-words").focus();
    visit.listen();
  }
}

function aboutPart(now) {
  const buttons = [
    button("button", `${words.callUp} Alt+T`, () => visit.say({ choice: "ask_person" })),
    button("button", `${words.callCounty} Alt+X`, () => visit.say({ choice: "ask_person:县" })),
    button("button", `${words.video} Alt+V`, video),
    button("button", `${words.toPhone} Alt+Q`, toPhone),
    button("button", `${words.next} Alt+N`, next),
  ];
  find("about").replaceChildren(make("p.soft", {}, words.clerk(now)), make("div.choices", {}, ...buttons));
}

async function list() {
  listening = "";
  find("visits").hidden = false;
  find("desk").hidden = true;
  history.replaceState(null, "", location.pathname);
  const { visits } = await ask("GET", "window");
  const buttons = visits.map((each) => button("button", words.resume(each), () => visit.take(each.id)));
  find("list").replaceChildren(...(buttons.length ? buttons : [make("p.soft", {}, words.nobody)]));
  find("open").focus();
}

async function next() {
  if (!visit.now) return visit.open();
  const done = await formDialog(words.next, [make("p", {}, words.nextSure)], words.next, () => visit.end());
  return done ? list() : undefined;
}

async function toPhone() {
  if (!visit.now) return;
  const told = await visit.other("POST", "phone", {});
  if (!told) return;
  const code = new DOMParser().parseFromString(told.qr, "text/html").body.firstElementChild;
  shown(words.phoneTitle, [make("div.code", {}, code), make("p", {}, words.phoneHint)]);
}

async function video() {
  if (!visit.now || find("call").childElementCount) return;
  try {
    const { mountCall, openCall } = await import("/desk/page/call.js");
    if (!document.querySelector(`link[href="${CALL_STYLE}"]`)) document.head.append(make("link", { rel: "stylesheet", href: CALL_STYLE }));
    const [{ id }, offices] = [await openCall(visit.now.id), await ask("GET", "offices").catch(() => [])];
    const left = (text) => [find("call").replaceChildren(), (find("state").textContent = text ?? "")];
    await mountCall(find("call"), id, { offices: offices.filter(({ tier }) => tier !== "村").slice(0, 4), photo: () => visit.take(visit.now.id), left });
  } catch (problem) {
    find("state").textContent = problem.message || words.noVideo;
  }
}

listen({
  next,
  matter: () => find("matter-words")?.focus(),
  card: () => find("card").querySelector("input, button")?.focus(),
  agree: () => find("agree")?.click(),
  choose: (number) => choose(find("question"), number),
  form: () => firstOpen(find("form")),
  confirm: () => confirmAll(find("form")),
  save: () => find("form").querySelector("form")?.requestSubmit(),
  upload: () => find("paper")?.click(),
  submit: () => submit(visit),
  print: () => visit.now?.cases.length && window.print(),
  write: () => find("say")?.focus(),
  up: () => visit.now && visit.say({ choice: "ask_person" }),
  county: () => visit.now && visit.say({ choice: "ask_person:县" }),
  video,
  entrust: () => entrust(visit),
  phone: toPhone,
});
find("help").addEventListener("click", help);
find("open").addEventListener("click", () => visit.open());
find("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
const me = await ask("GET", "session");
find("who").textContent = me.name;
find("menu").replaceChildren(...menuOf(me.rights));
const kept = /^#([0-9A-Z]{26})$/.exec(location.hash)?.[1];
if (!(kept && (await visit.take(kept)))) await list();
