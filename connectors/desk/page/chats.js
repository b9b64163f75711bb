/** The page of the chats: its head, its keys, and the live feed. */

import { button } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { write } from "/desk/page/keyed.js";
import { help, listen } from "/desk/page/keys.js";
import { Live } from "/desk/page/live.js";
import { menuOf } from "/desk/page/menu.js";
import { search } from "/desk/page/searching.js";
import * as sound from "/desk/page/sound.js";
import { words } from "/desk/page/words.js";
import { Work } from "/desk/page/work.js";
import { keep, kept } from "/page/shelf.js";

const part = (id) => document.getElementById(id);
const work = new Work({ lists: part("lists"), columns: part("columns"), panel: part("panel"), notices: part("notices"), dock: part("dock"), rings: part("rings") }, showHead);

function showHead() {
  const { me } = work;
  if (!me) return;
  document.title = words.title(work.store.unreadTotal);
  write(part("who"), [me.agent?.title || me.name, me.agent ? words.load({ ...me.agent, load: work.store.mine.length }) : ""].filter(Boolean).join(" · "));
  part("duty").hidden = !me.agent;
  write(part("duty"), me.agent?.on_duty ? words.onDuty : words.offDuty);
  part("duty").setAttribute("aria-pressed", String(Boolean(me.agent?.on_duty)));
  part("duty").title = me.agent?.on_duty ? words.goOffDuty : words.goOnDuty;
  part("search").hidden = !me.rights.includes("search");
}

function showSwitches() {
  write(part("sound"), sound.isOn() ? words.soundOn : words.soundOff);
  part("sound").setAttribute("aria-pressed", String(sound.isOn()));
  const isShown = kept("desk.panel", true);
  part("panel").hidden = !isShown;
  document.body.classList.toggle("no-panel", !isShown);
  write(part("panel-switch"), isShown ? words.panelShown : words.panelHidden);
  part("panel-switch").setAttribute("aria-expanded", String(isShown));
}

const actions = {
  next: () => work.store.waiting.length && work.take(work.store.waiting[0].id),
  mine: (number) => work.store.mine[number - 1] && work.activate(work.store.mine[number - 1].id),
  up: () => work.step(-1),
  down: () => work.step(1),
  write: () => work.front?.focus(),
  lists: () => (part("lists").querySelector("li button") ?? part("lists")).focus(),
  panel: () => {
    keep("desk.panel", !kept("desk.panel", true));
    showSwitches();
  },
  tabs: () => withPanel(() => work.panel.next()),
  note: () => withPanel(() => work.panel.focusNote()),
  pass: () => mine("pass"),
  ask: () => mine("askBeside"),
  back: () => mine("giveBack"),
  end: () => mine("end"),
  video: () => mine("video"),
  replies: () => work.front?.focusSuggestion(),
  search: () => work.me.rights.includes("search") && search(work),
  sound: () => {
    sound.switchTo(!sound.isOn());
    showSwitches();
  },
  duty: () => work.me.agent && work.duty(),
  close: () => work.active && work.close(work.active),
  help,
};

/** Does an act with the chat in front, where it is mine. */
function mine(name) {
  if (work.store.isMine(work.store.chats.get(work.active))) work.act(name, work.active);
}

function withPanel(act) {
  if (!work.active) return;
  keep("desk.panel", true);
  showSwitches();
  act();
}

for (const name of ["duty", "sound", "search", "help"]) part(name).addEventListener("click", () => actions[name]());
part("panel-switch").addEventListener("click", actions.panel);
part("leave").addEventListener("click", async () => {
  live.stop();
  await ask("DELETE", "session").catch(() => null);
  location.assign("/desk/login");
});
write(part("search"), words.search);
write(part("help"), words.help);
write(part("leave"), words.leave);
showSwitches();

const live = new Live(
  (frame) => work.hear(frame),
  (state) => {
    write(part("connection"), words.connection[state]);
    document.body.dataset.connection = state;
    if (state === "on") work.sending.tryNow();
  },
);

async function begin() {
  try {
    const seq = await work.begin();
    part("menu").replaceChildren(...menuOf(work.me.rights));
    listen(actions);
    live.start(seq);
  } catch (problem) {
    work.notice(problem.message);
    work.notices.append(button("button", words.again, () => location.reload()));
  }
}
await begin();
