/** Codes and posters (一事一码): make one, print it, see how often it was scanned. */

import { ask } from "/desk/page/desk.js";
import { lastDays } from "/desk/page/days.js";
import { cardOf } from "/desk/page/link-card.js";
import { offerRegions, watch } from "/desk/page/link-form.js";

const [since, until, state, list, csv] = ["since", "until", "state", "list", "csv"].map((id) => document.getElementById(id));

function query() {
  return new URLSearchParams({ since: since.value, until: until.value }).toString();
}

async function show() {
  try {
    const told = await ask("GET", `links?${query()}`);
    offerRegions(told.regions);
    list.replaceChildren(...told.links.map((link) => cardOf(link, end)));
    csv.href = `/desk/api/links.csv?${query()}`;
    const scans = told.links.reduce((sum, link) => sum + link.scans, 0);
    state.textContent = told.links.length ? `${told.links.length} 个码，${told.since} 到 ${told.until} 扫了 ${scans} 次` : "还没有码。";
  } catch (error) {
    state.textContent = error.message;
  }
}

async function end(code, card) {
  if (!window.confirm("这张海报不用了？扫到它的人会从头问起。")) return;
  await ask("DELETE", `links/${code}`).catch((error) => (state.textContent = error.message));
  card.remove();
}

document.getElementById("span").addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
document.getElementById("leave").addEventListener("click", async () => {
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
ask("GET", "session").then(
  (staff) => (document.getElementById("who").textContent = staff.name),
  () => null,
);
watch(async (link) => {
  await show();
  const made = document.getElementById(`link-${link.code}`)?.closest("article");
  made?.setAttribute("tabindex", "-1");
  made?.focus();
});
lastDays(since, until, 30);
await show();
