/** Who looked at what is masked, when, and why: for supervisors. */

import { make } from "/page/element.js";
import { timeOf } from "/desk/page/clock.js";
import { ask } from "/desk/page/desk.js";
import { menuOf } from "/desk/page/menu.js";
import { words } from "/desk/page/words.js";

const part = (id) => document.getElementById(id);

/** "field:phone" → 表单里的 phone. */
function what(name) {
  return words.reveals.what[name] ?? words.reveals.field(name.replace(/^field:/, ""));
}

function rowOf({ at, by, what: name, chat, reason }) {
  return make("article.card", {}, make("h2", {}, `${by.name} · ${what(name)}`), make("p", {}, reason), make("p.soft", {}, `${timeOf(at)} · ${chat}`));
}

part("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
try {
  const [me, seen] = [await ask("GET", "session"), await ask("GET", "reveals")];
  part("menu").append(...menuOf(me.rights));
  part("state").textContent = seen.length ? "" : words.reveals.none;
  part("list").append(...seen.map(rowOf));
} catch (problem) {
  part("state").textContent = problem.message;
}
