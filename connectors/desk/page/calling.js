/** Video calls (云导办): begun from a chat, or somebody calls us in. The call itself is of connectors/video. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { keyed } from "/desk/page/keyed.js";
import * as sound from "/desk/page/sound.js";
import { words } from "/desk/page/words.js";

const CALL_MODULE = "/desk/page/call.js";
const CALL_STYLE = "/call/call.css";

/** The calls that this page is in. */
const joined = new Set();

/** Opens (or joins) the call of a chat, in the chat's own column. */
export async function call(work, id) {
  const video = await module();
  const { id: number } = await video.openCall(work.store.chats.get(id).conversation);
  await join(work, video, number, work.columns.of(id).callPlace);
}

/** Shows who calls: a resident of ours, or a colleague who wants us in a call. `place`: the list for it. */
export async function showRinging(work, place) {
  const { ringing = [], open = [] } = await ask("GET", "calls").catch(() => ({}));
  const unanswered = open.filter(({ opened_by, answered_at }) => opened_by === "resident" && !answered_at);
  const all = [...ringing, ...unanswered].filter(({ id }) => !joined.has(id));
  if (all.some(({ id }) => !place.views?.has(id))) sound.play("offer");
  keyed(place, all, ({ id }) => id, (one) => ringView(work, one, place, ringing.includes(one)));
}

/** `isInvited`: who is called in may say no; a resident of ours is not turned away. */
function ringView(work, one, place, isInvited) {
  const settle = (act) => act().catch((problem) => work.notice(problem.message)).finally(() => showRinging(work, place));
  const join_ = async () => join(work, await module(), one.id, placeOf(work, one));
  const yes = button("button.main", words.join, () => settle(join_));
  const no = isInvited ? button("button", words.notNow, () => settle(async () => (await module()).decline(one.id))) : null;
  const text = isInvited ? words.rings(one) : words.residentRings;
  return { element: make("li.waiting.offered", {}, make("span.head", {}, text), make("span.acts", {}, yes, no)) };
}

/** In the column of its chat, where that is on the screen. */
function placeOf(work, { conversation }) {
  const chat = [...work.store.chats.values()].find((each) => each.conversation === conversation);
  return (chat && work.columns.of(chat.id)?.callPlace) ?? work.dock;
}

async function join(work, video, id, place) {
  if (place.childElementCount) return;
  joined.add(id);
  const offices = await ask("GET", "offices").catch(() => []);
  await video.mountCall(place, id, {
    offices: offices.filter(({ code }) => code !== work.me.agent?.office.code).slice(0, 3),
    photo: () => work.notice(words.photoTaken),
    left: (text) => {
      joined.delete(id);
      place.replaceChildren();
      if (text) work.notice(text);
    },
  });
}

/** The modules of the call, once they are needed. */
async function module() {
  try {
    const loaded = await import(CALL_MODULE);
    if (!document.querySelector(`link[href="${CALL_STYLE}"]`)) document.head.append(make("link", { rel: "stylesheet", href: CALL_STYLE }));
    return loaded;
  } catch {
    throw new Error(words.noVideo);
  }
}
