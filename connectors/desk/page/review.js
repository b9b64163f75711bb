/** The review: what waits for a decision, and what was decided. */

import { make, button } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { groupOf, decidedOf } from "/desk/page/group.js";

const list = document.getElementById("list");
const state = document.getElementById("state");
const views = { waiting: showWaiting, decided: showDecided };

async function showWaiting() {
  const { groups, total, names } = await ask("GET", "review");
  state.textContent = total
    ? `有 ${total} 组话没听懂${total > groups.length ? `，先看最多的 ${groups.length} 组` : ""}。`
    : "没有要处理的话。";
  list.replaceChildren(...groups.map((group) => groupOf(group, names, decide)));
}

async function showDecided() {
  const { sayings, names } = await ask("GET", "review/decided");
  state.textContent = sayings.length ? "最近处理的，可以撤销。" : "还没有处理过的话。";
  list.replaceChildren(...sayings.map((saying) => decidedOf(saying, names, decide)));
}

/** Stores a decision and puts what was decided, with a way back, in the place of `element`. */
async function decide(element, decision, done) {
  const buttons = [...element.querySelectorAll("button")];
  buttons.forEach((each) => (each.disabled = true));
  try {
    await ask("POST", "review", decision);
  } catch (error) {
    buttons.forEach((each) => (each.disabled = false));
    element.querySelector(".problem").textContent = error.message;
    return;
  }
  const back = button("button.undo", "撤销", () => undo(decision.sayings));
  const line = make("p.card.done", { tabindex: "-1" }, make("span", {}, done), decision.state === "open" ? null : back);
  element.replaceWith(line);
  line.focus();
}

async function undo(sayings) {
  await ask("POST", "review", { sayings, state: "open" }).catch((error) => (state.textContent = error.message));
  await show("waiting");
}

async function show(view) {
  for (const name of Object.keys(views)) {
    document.getElementById(name).setAttribute("aria-pressed", String(name === view));
  }
  await views[view]().catch((error) => (state.textContent = error.message));
}

for (const view of Object.keys(views)) document.getElementById(view).addEventListener("click", () => show(view));
document.getElementById("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
ask("GET", "session").then(
  (staff) => (document.getElementById("who").textContent = staff.name),
  () => null,
);
await show("waiting");
