/** Figures for supervisors: tables of some days, each as CSV too, and the complaints that are to be handled. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { complaintOf } from "/desk/page/complaint.js";
import { tableOf } from "/desk/page/figure-table.js";

const DAY = 86_400_000;
const [since, until, state, list] = ["since", "until", "state", "list"].map((id) => document.getElementById(id));

/** The day in China, as a date field has it. */
function dayOf(time) {
  return new Date(time).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}

function query() {
  return new URLSearchParams({ since: since.value, until: until.value }).toString();
}

async function show() {
  state.textContent = "在算……";
  try {
    const told = await ask("GET", `figures?${query()}`);
    list.replaceChildren(...told.tables.map((table) => tableOf(table, query())));
    state.textContent = `${told.since} 到 ${told.until}`;
  } catch (error) {
    state.textContent = error.message;
  }
}

async function handle(card, reference, outcome) {
  const button = card.querySelector("button");
  button.disabled = true;
  try {
    await ask("POST", `complaints/${reference}`, { outcome });
  } catch (error) {
    button.disabled = false;
    card.querySelector(".problem").textContent = error.message;
    return;
  }
  const line = make("p.card.done", { tabindex: "-1" }, make("span", {}, `${reference}：处理好了，已经告诉居民`));
  card.replaceWith(line);
  line.focus();
  await show();
}

async function showComplaints() {
  const told = await ask("GET", "complaints").catch(() => ({ complaints: [] }));
  document.getElementById("complaints-section").hidden = !told.complaints.length;
  document.getElementById("complaints").replaceChildren(...told.complaints.map((each) => complaintOf(each, handle)));
}

function look(days) {
  until.value = dayOf(Date.now());
  since.value = dayOf(Date.now() - (days - 1) * DAY);
  return show();
}

document.getElementById("span").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
for (const button of document.querySelectorAll("[data-days]")) {
  button.addEventListener("click", () => look(Number(button.dataset.days)));
}
document.getElementById("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
ask("GET", "session").then(
  (staff) => (document.getElementById("who").textContent = staff.name),
  () => null,
);
await Promise.all([look(7), showComplaints()]);
