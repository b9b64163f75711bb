/** Calling tickets at a window: the next, again, not there, done; the queue behind it. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { menuOf } from "/desk/page/menu.js";

const EVERY = 5000;
const KEPT = "bangban.window";
const part = (id) => document.getElementById(id);
let offices = [];
let told = null;

const mine = () => told?.windows.find(({ name }) => name === part("window").value);

function show(queue) {
  told = queue;
  const { ticket, open } = mine() ?? {};
  part("now").textContent = ticket ? ticket.label : "没有叫号";
  part("about").textContent = ticket ? [ticket.matters.join("、"), ticket.kind, ticket.calls > 1 ? `叫了 ${ticket.calls} 次` : ""].filter(Boolean).join(" · ") : "";
  for (const id of ["again", "absent", "done"]) part(id).disabled = !ticket;
  part("open").textContent = open === false ? "开窗" : "今天关窗";
  part("count").textContent = queue.waiting.length ? `${queue.waiting.length} 位` : "没有人在等";
  part("waiting").replaceChildren(...queue.waiting.map(lineOf));
}

function lineOf({ label, kind, matters, minutes }) {
  const wait = minutes === null ? "今天可能来不及" : `约等 ${minutes} 分钟`;
  return make("li", {}, [label, kind, matters.join("、"), wait].filter(Boolean).join(" · "));
}

async function act(name, more = {}) {
  const number = mine()?.ticket?.number ?? null;
  part("problem").textContent = "";
  try {
    show(await ask("POST", `tickets/${name}`, { office: part("office").value, window: part("window").value, number, ...more }));
  } catch (error) {
    part("problem").textContent = error.message;
    await look();
  }
}

async function look() {
  if (!part("office").value) return;
  try {
    show(await ask("GET", `tickets?${new URLSearchParams({ office: part("office").value })}`));
  } catch (error) {
    part("problem").textContent = error.message;
  }
}

function windowsOf(kept = "") {
  const office = offices.find(({ code }) => code === part("office").value);
  part("window").replaceChildren(...(office?.windows ?? []).map((name) => make("option", { value: name }, name)));
  if (office?.windows.includes(kept)) part("window").value = kept;
  part("screen").href = `/hall/${part("office").value}`;
}

function keep() {
  localStorage.setItem(KEPT, JSON.stringify([part("office").value, part("window").value]));
  look();
}

for (const id of ["next", "again", "absent", "done"]) part(id).addEventListener("click", () => act(id));
part("open").addEventListener("click", () => act(mine()?.open === false ? "open" : "close"));
part("office").addEventListener("change", () => {
  windowsOf();
  keep();
});
part("window").addEventListener("change", keep);
part("where").addEventListener("submit", (event) => event.preventDefault());
part("take").addEventListener("submit", async (event) => {
  event.preventDefault();
  await act("take", { first: part("first").checked, reference: part("reference").value.trim(), number: null });
  part("take").reset();
});
part("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});

const { rights } = await ask("GET", "session");
part("menu").replaceChildren(...menuOf(rights));
({ offices } = await ask("GET", "tickets"));
const [office, window] = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
part("office").replaceChildren(...offices.map(({ code, name }) => make("option", { value: code }, name)));
if (offices.some(({ code }) => code === office)) part("office").value = office;
windowsOf(window);
await look();
setInterval(look, EVERY);
