/** The form for a new link: what it leads to is searched by words, its division is chosen by name. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";

const KINDS = { matter: "事项", office: "窗口", bundle: "一件事" };
const WAIT_MILLISECONDS = 250;
const [form, q, found, region, place, elder, list, problem] = ["make", "q", "found", "region", "place", "elder", "regions", "problem"].map(
  (id) => document.getElementById(id),
);

let chosen = null;
let waiting = 0;
let regions = [];

/** The divisions that may be chosen; the first village is filled in when there is nothing yet. */
export function offerRegions(known) {
  regions = known;
  list.replaceChildren(...known.map(({ name }) => make("option", { value: name })));
}

/** Calls `made(link)` after each new link. What was typed before the page was ready is searched for too. */
export function watch(made) {
  if (q.value) search();
  q.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, WAIT_MILLISECONDS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = wrong();
    if (!problem.textContent) await send(made);
  });
}

async function search() {
  chosen = null;
  const { targets } = await ask("GET", `links/targets?q=${encodeURIComponent(q.value)}`).catch(() => ({ targets: [] }));
  found.replaceChildren(...targets.map(buttonOf));
}

function buttonOf(target) {
  const choose = () => {
    chosen = target;
    for (const each of found.children) each.setAttribute("aria-pressed", String(each === button));
  };
  const button = make("button", { type: "button", "aria-pressed": "false", onclick: choose }, `${KINDS[target.kind]}：${target.name}`);
  return button;
}

function codeOf(name) {
  return regions.find((each) => each.name === name.trim() || each.code === name.trim())?.code;
}

function wrong() {
  if (!chosen) return "先选贴什么：打几个字，再点一个。";
  return codeOf(region.value) ? "" : "没有这个村（镇），从下拉里选一个。";
}

async function send(made) {
  const { kind, target } = chosen;
  try {
    made(await ask("POST", "links", { kind, target, region: codeOf(region.value), place: place.value, elder: elder.checked }));
  } catch (error) {
    problem.textContent = error.message;
  }
}
