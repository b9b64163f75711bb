/** Home visits: tours planned by village and day, moved, called off, done with a record; the flying service's rounds. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { plannedOf, villagesOf } from "/desk/page/visit-card.js";
import { stopsOf, watch } from "/desk/page/visit-rounds.js";

const find = (id) => document.getElementById(id);

async function show() {
  const told = await ask("GET", "visits");
  find("waiting").replaceChildren(...villagesOf(told.waiting));
  find("tour-fields").hidden = !told.waiting.length;
  find("state").textContent = told.waiting.length ? `${told.waiting.length} 户等着排日子` : "没有人等着排日子";
  find("planned").replaceChildren(...told.planned.map((visit) => plannedOf(visit, { record, move, callOff })));
  find("rounds").replaceChildren(...stopsOf(told.rounds, show));
  find("teams").replaceChildren(...told.teams.map(({ name, telephone }) => make("li", {}, `${name} ${telephone}`)));
  for (const id of ["team", "stop-team"]) {
    find(id).replaceChildren(...told.teams.map((team) => make("option", { value: team.id }, team.name)));
  }
  for (const id of ["day", "stop-day"]) find(id).min = told.today;
}

async function send(method, path, body) {
  find("problem").textContent = "";
  try {
    await ask(method, path, body);
    await show();
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  find("problem").textContent = error.message;
  find("problem").scrollIntoView({ block: "center" });
}

function record({ reference }) {
  const done = window.prompt("办了什么？居民会看到这句话。");
  if (done?.trim()) send("POST", `visits/${reference}/record`, { record: done.trim() });
}

function callOff({ reference }) {
  const reason = window.prompt("为什么办不成？居民会看到这句话。");
  if (reason?.trim()) send("DELETE", `visits/${reference}`, { reason: reason.trim() });
}

function move({ reference, day, part, team }) {
  const wanted = window.prompt("换到哪天？写成 2026-11-30", day);
  if (wanted?.trim()) send("POST", "visits/tours", { references: [reference], team: team?.id ?? 0, day: wanted.trim(), part });
}

find("tour").addEventListener("submit", (event) => {
  event.preventDefault();
  const references = [...document.querySelectorAll("input[name=visit]:checked")].map(({ value }) => value);
  if (!references.length) return void (find("problem").textContent = "先勾上要去的人家。");
  send("POST", "visits/tours", { references, team: Number(find("team").value), day: find("day").value, part: find("part").value });
});
find("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
ask("GET", "session").then(
  (staff) => (find("who").textContent = staff.name),
  () => null,
);
watch(() => show(), failed);
await show().catch(failed);
