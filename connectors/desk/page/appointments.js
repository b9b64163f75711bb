/** An office's appointments of a day: who came, who did not. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { menuOf } from "/desk/page/menu.js";
import { words } from "/desk/page/appointment-words.js";

const part = (id) => document.getElementById(id);
const MOVES = { booked: ["arrived", "missed"], arrived: ["booked"], missed: ["booked"] };

/** The time of day in China. */
function clock(time) {
  return new Date(time).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
}

function cardOf(one) {
  const title = `${clock(one.starts_at)} · ${one.window} · ${one.reference}`;
  const about = [one.matters.join("、"), one.whom, one.person, one.first ? words.first : ""].filter(Boolean).join(" · ");
  const problem = make("p.problem", { role: "alert" });
  const act = (state) => {
    const button = make("button", { type: "button" }, words.acts[state]);
    button.addEventListener("click", () => mark(one.reference, state, problem));
    return button;
  };
  const buttons = make("div.choices", {}, ...MOVES[one.state].map(act));
  return make("article.card", { "aria-label": one.reference }, make("h2", {}, title), make("p", {}, about), make("p.state", {}, words.states[one.state]), buttons, problem);
}

async function mark(reference, state, problem) {
  try {
    await ask("POST", `appointments/${encodeURIComponent(reference)}`, { state });
    await show();
  } catch (error) {
    problem.textContent = error.message;
  }
}

async function show() {
  const query = new URLSearchParams({ office: part("office").value, day: part("day").value });
  try {
    const { appointments } = await ask("GET", `appointments?${query}`);
    const arrived = appointments.filter(({ state }) => state === "arrived").length;
    part("list").replaceChildren(...appointments.map(cardOf));
    part("state").textContent = appointments.length ? words.count(appointments.length, arrived) : words.none;
  } catch (error) {
    part("state").textContent = error.message;
  }
}

part("where").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
part("scan").addEventListener("submit", async (event) => {
  event.preventDefault();
  await mark(part("reference").value.trim(), "arrived", part("state"));
  part("reference").value = "";
});
part("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
const [me, { offices }] = [await ask("GET", "session"), await ask("GET", "offices/texts")];
part("menu").append(...menuOf(me.rights));
part("office").append(...offices.map(({ code, fields }) => make("option", { value: code }, fields.name)));
part("day").value = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
if (offices.length) await show();
