/** Who may act for the resident (帮代办): what they gave, a new one with signature and witness, and taking one back. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { formDialog, select } from "/desk/page/dialog.js";
import { labelled } from "/desk/page/keyed.js";
import { upload } from "/desk/page/window-visit.js";
import { words } from "/desk/page/window-words.js";

const LIVE = ["asked", "active"];

/** Draws what the resident gave, once they are known. */
export function proxiesPart(place, visit) {
  const { proxies } = visit.now;
  place.hidden = !proxies;
  if (!proxies) return place.replaceChildren();
  const add = button("button", `${words.entrust} Alt+A`, () => entrust(visit));
  const list = proxies.given.map((each) => oneOf(each, visit));
  const told = list.length ? make("ul.papers", {}, ...list) : make("p.soft", {}, words.noProxies);
  return place.replaceChildren(make("h2", { id: "proxies-title" }, words.proxies), told, add);
}

/** Asks for all that a new one says, in a dialog. */
export function entrust(visit) {
  if (!visit.now?.proxies) return undefined;
  const [name, number] = [field({ maxlength: "50", required: "" }), field({ maxlength: "30", required: "" })];
  const relation = select(words.relation, Object.entries(words.relations));
  const until = make("input", { type: "date", required: "", max: visit.now.proxies.last_day });
  until.value = visit.now.proxies.last_day;
  const matters = mattersOf(visit.now.matter);
  const about = make("div.many", {}, labelled(words.proxyName, name), labelled(words.proxyNumber, number), relation.element, labelled(words.until, until));
  const body = () => ({ name: name.value, id_number: number.value, relation: relation.field.value, until: until.value, matters: matters.ticked() });
  return signed(visit, words.entrust, [about, matters.element], body);
}

/** Asks for signature and witness, in a dialog with `parts` above; `body()` is what stands there. */
async function signed(visit, title, parts, body) {
  const { id } = visit.now;
  const witness = field({ maxlength: "50", required: "" });
  const photo = make("input", { type: "file", accept: "image/*", required: "" });
  const below = make("div.many", {}, labelled(words.witness, witness), labelled(words.signature, photo));
  const keep = async () => {
    const { signature } = await upload(`window/${id}/signature`, photo.files[0]);
    await ask("POST", `window/${id}/proxies`, { ...body(), signature, witness: witness.value });
  };
  const done = await formDialog(title, [...parts, make("p.soft", {}, words.signHint), below], words.record, keep, true);
  if (done) await visit.take(id);
}

function oneOf(one, visit) {
  const matters = one.matters.map(({ name }) => name).join("、");
  const seen = one.witness ? words.seenBy(one.witness) : "";
  const about = make("span", {}, words.proxy({ ...one, matters }), seen, one.acts.length ? words.acts(one.acts) : "");
  const agree = () => signed(visit, words.agreeHere, [make("p", {}, words.proxy({ ...one, matters }))], () => ({ authorisation: one.id }));
  const live = LIVE.includes(one.state);
  const acts = [one.state === "asked" ? acting(words.agreeHere, one, agree) : null, live ? acting(words.withdraw, one, () => withdraw(one, visit)) : null];
  return make("li", {}, about, " ", make(`span.tag.${one.state === "active" ? "good" : "warn"}`, {}, one.stands), make("div.row", {}, ...acts));
}

function acting(label, { proxy }, act) {
  const element = button("button.small", label, act);
  element.setAttribute("aria-label", `${label}：${proxy}`);
  return element;
}

async function withdraw(one, visit) {
  const { id } = visit.now;
  const done = await formDialog(words.withdraw, [make("p", {}, words.withdrawSure(one))], words.withdraw, () => ask("DELETE", `window/${id}/proxies/${one.id}`));
  if (done) await visit.take(id);
}

/** Boxes for the matter at hand and for whatever is searched; Enter searches and does not send. */
function mattersOf(matter) {
  const list = make("div", {});
  const search = make("input", { type: "search", maxlength: "100", autocomplete: "off" });
  const told = make("p.soft", { role: "status" });
  const offer = ({ code, name }, checked = false) => {
    if (list.querySelector(`[value="${CSS.escape(code)}"]`)) return;
    const box = make("input", { type: "checkbox", value: code });
    box.checked = checked;
    list.append(make("label.tick", {}, box, name));
  };
  if (matter) offer(matter, true);
  search.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const answer = await fetch(`/api/v1/matters?q=${encodeURIComponent(search.value.trim())}`).catch(() => null);
    const { candidates = [] } = answer?.ok ? await answer.json() : {};
    told.textContent = words.tick(candidates.length);
    list.querySelectorAll("input:not(:checked)").forEach((box) => box.parentElement.remove());
    candidates.forEach((each) => offer(each));
    list.querySelector("input:not(:checked)")?.focus();
  });
  const element = make("fieldset", {}, make("legend", {}, words.forMatters), labelled(words.findMatter, search), told, list);
  return { element, ticked: () => [...list.querySelectorAll("input:checked")].map(({ value }) => value) };
}

function field(more) {
  return make("input", { autocomplete: "off", ...more });
}
