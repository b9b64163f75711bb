/** The flying service's stops and the teams: shown, added, taken back. */

import { make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";

const value = (id) => document.getElementById(id).value.trim();

/** A line for each stop, with a way to take it back. */
export function stopsOf(stops, changed) {
  if (!stops.length) return [make("p.soft", {}, "还没有排。")];
  return stops.map((stop) => {
    const text = `${stop.day} ${stop.since}–${stop.until} ${stop.village}${stop.place}：${stop.team} ${stop.brings}`;
    const drop = () => ask("DELETE", `visits/rounds/${stop.id}`).then(changed);
    return make("p.card.done", {}, make("span", {}, text), make("button", { type: "button", "aria-label": `${text}，不去了`, onclick: drop }, "不去了"));
  });
}

/** Sends the two forms; `changed()` after each that worked, `failed(error)` else. */
export function watch(changed, failed) {
  onSubmit("stop", () =>
    ask("POST", "visits/rounds", {
      team: Number(value("stop-team")),
      region: value("stop-region"),
      day: value("stop-day"),
      place: value("stop-place"),
      since: value("since"),
      until: value("until"),
      brings: value("brings"),
    }),
  );
  onSubmit("new-team", () => ask("POST", "visits/teams", { name: value("team-name"), region: value("team-region"), telephone: value("team-telephone") }));

  function onSubmit(id, send) {
    document.getElementById(id).addEventListener("submit", (event) => {
      event.preventDefault();
      send().then(changed, failed);
    });
  }
}
