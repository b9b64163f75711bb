/** Who may act for whom (帮代办), by proxy or by principal, with what was done; a supervisor ends one for a reason. */

import { button, make } from "/page/element.js";
import { timeOf } from "/desk/page/clock.js";
import { ask } from "/desk/page/desk.js";
import { area, formDialog } from "/desk/page/dialog.js";
import { menuOf } from "/desk/page/menu.js";
import { words } from "/desk/page/proxy-words.js";

const [which, order, state, list] = ["which", "order", "state", "list"].map((id) => document.getElementById(id));
const LIVE = ["asked", "active"];
let all = [];

function show() {
  const some = all.filter((one) => !which.value || LIVE.includes(one.state));
  state.textContent = some.length ? words.count(some.length) : words.none;
  list.replaceChildren(...(order.value ? grouped(some, order.value).map(groupOf) : some.map((one) => cardOf(one, "h2"))));
}

function grouped(some, key) {
  const groups = new Map();
  for (const one of some) groups.set(one[key], [...(groups.get(one[key]) ?? []), one]);
  return [...groups.values()];
}

function groupOf(some) {
  const name = order.value === "by" ? words.byProxy(some) : words.byPrincipal(some);
  return make("section", { "aria-label": name }, make("h2", {}, name), ...some.map((one) => cardOf(one, "h3")));
}

function cardOf(one, heading) {
  const title = make(heading, { id: one.id, tabindex: "-1" }, words.title(one));
  const acts = one.acts.map((act) => make("li", {}, words.act(one, act, timeOf(act.at))));
  const told = [words.standing(one), words.how(one), one.reason && words.reason(one.reason)].filter(Boolean).join(" ");
  const end = LIVE.includes(one.state) ? button("button", words.end, () => endOne(one)) : null;
  end?.setAttribute("aria-label", `${words.end}：${words.title(one)}`);
  return make("article.card", { "aria-labelledby": one.id }, title, make("p", {}, told), acts.length ? make("ul", {}, ...acts) : make("p.soft", {}, words.noActs), end);
}

async function endOne(one) {
  const why = area(words.why, 2, { required: "", minlength: "2", maxlength: "300" });
  const body = () => ({ reason: why.field.value.trim() });
  const parts = [make("p", {}, words.endSure), why.element];
  const ended = await formDialog(words.end, parts, words.end, () => ask("POST", `proxies/${one.id}/end`, body()));
  if (!ended) return;
  all = all.map((each) => (each.id === ended.id ? ended : each));
  show();
  state.textContent = words.ended(ended);
  document.getElementById(ended.id)?.focus();
}

document.getElementById("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
for (const choice of [which, order]) choice.addEventListener("change", show);
try {
  const [me, told] = [await ask("GET", "session"), await ask("GET", "proxies")];
  document.getElementById("menu").append(...menuOf(me.rights));
  all = told.proxies;
  show();
} catch (problem) {
  state.textContent = problem.message;
}
