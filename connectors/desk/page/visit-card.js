/** Visits: those that wait, by village; those that have a day, each with what can be done about it. */

import { make } from "/page/element.js";

const STATES = { planned: "排好了", done: "办了", cancelled: "取消了" };

/** The waiting visits grouped by village, each with a box to tick. */
export function villagesOf(visits) {
  const groups = new Map();
  for (const visit of visits) groups.set(visit.village, [...(groups.get(visit.village) ?? []), visit]);
  return [...groups].map(([village, some]) =>
    make("fieldset.village", {}, make("legend", {}, `${village}（${some.length}）`), ...some.map(tickOf)),
  );
}

function tickOf(visit) {
  const box = make("input", { type: "checkbox", name: "visit", value: visit.reference });
  return make("label.visit", {}, box, make("span", {}, factsOf(visit)));
}

function factsOf({ reference, whom, address, telephone, matter, said, moved }) {
  const wishes = [matter, said && `“${said}”`, moved && `改日子：“${moved}”`].filter(Boolean).join("；");
  return `${whom || "（没说）"}，${address || "（没说住处）"}，${telephone || "没有电话"}。${wishes} ${reference}`;
}

/** A card of a visit that has a day. `record(visit)`, `move(visit)` and `callOff(visit)` do what the buttons say. */
export function plannedOf(visit, { record, move, callOff }) {
  const { reference, village, day, part, team, state } = visit;
  const title = make("h3", { id: reference }, `${day ?? "没排日子"} ${part || "一整天"} ${village}：${visit.whom}`);
  const who = make("p.soft", {}, `${STATES[state]} · ${team?.name ?? ""} · ${factsOf(visit)}`);
  const ended = visit.record || visit.reason;
  const acts = [["办了，写下来", record], ["换个日子", move], ["办不成", callOff]];
  const buttons = acts.map(([label, act]) => make("button", { type: "button", "aria-label": `${reference}，${label}`, onclick: () => act(visit) }, label));
  const below = state === "planned" ? make("div.actions", {}, ...buttons) : ended ? make("p", {}, ended) : "";
  return make("article.card", { "aria-labelledby": reference }, title, who, below);
}
