/** Video calls (云导办): begun from a chat, or somebody calls us in. The call itself is of connectors/video. */

import { button, make } from "/page/element.js";
import { ask } from "/desk/page/desk.js";
import { keyed } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

const CALL_MODULE = "/desk/page/call.js";
const CALL_STYLE = "/call/call.css";

/** Opens (or joins) the call of a chat, in the chat's own column. */
export async function call(work, id) {
  const video = await module();
  const { id: number } = await video.openCall(work.store.chats.get(id).conversation);
  await join(work, video, number, work.columns.of(id).callPlace);
}

/** Shows who calls us in, in `place`; asked again after events that tell of calls. */
export async function showRinging(work, place) {
  const { ringing = [] } = await ask("GET", "calls").catch(() => ({}));
  keyed(place, ringing, ({ id }) => id, (one) => ringView(work, one, place));
}

function ringView(work, one, place) {
  const settle = (act) => act().catch((problem) => work.notice(problem.message)).finally(() => showRinging(work, place));
  const yes = button("button.main", words.join, () => settle(async () => join(work, await module(), one.id, work.dock)));
  const no = button("button", words.notNow, () => settle(async () => (await module()).decline(one.id)));
  return { element: make("li.waiting.offered", {}, make("span.head", {}, words.rings(one)), make("span.acts", {}, yes, no)) };
}

async function join(work, video, id, place) {
  if (place.childElementCount) return;
  const offices = await ask("GET", "offices").catch(() => []);
  await video.mountCall(place, id, {
    offices: offices.slice(0, 4),
    photo: () => work.notice(words.photoTaken),
    left: (text) => {
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
