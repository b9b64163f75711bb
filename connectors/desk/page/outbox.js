/** What could not be handed in to the platform: send it again, or drop it with a reason. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { letterOf, triedOf, overdueOf } from "/desk/page/letter.js";

const list = document.getElementById("list");
const state = document.getElementById("state");

/** Shows a list in its section, which is hidden while it is empty. */
function fill(name, items) {
  document.getElementById(`${name}-section`).hidden = !items.length;
  document.getElementById(name).replaceChildren(...items);
}

function say({ dead, waiting }) {
  state.textContent = dead.length ? `有 ${dead.length} 件没交上去，要人看。` : "没有要人看的。";
  if (waiting) state.textContent += `还有 ${waiting} 件等着交。`;
}

function show(content) {
  say(content);
  list.replaceChildren(...content.dead.map((letter) => letterOf(letter, decide)));
  fill("tried", content.tried.map(triedOf));
  fill("overdue", content.overdue.map(overdueOf));
}

/** Stores a decision and says what was done in the place of the card. */
async function decide(card, decision, done) {
  const buttons = [...card.querySelectorAll("button")];
  buttons.forEach((each) => (each.disabled = true));
  try {
    say(await ask("POST", "outbox", decision));
  } catch (error) {
    buttons.forEach((each) => (each.disabled = false));
    card.querySelector(".problem").textContent = error.message;
    return;
  }
  const line = make("p.card.done", { tabindex: "-1" }, make("span", {}, `${card.getAttribute("aria-label")}：${done}`));
  card.replaceWith(line);
  line.focus();
}

document.getElementById("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
ask("GET", "session").then(
  (staff) => (document.getElementById("who").textContent = staff.name),
  () => null,
);
await ask("GET", "outbox").then(show, (error) => (state.textContent = error.message));
