/** What follows from an event of the live feed: what is shown, what is heard, what is read again. */

import * as sound from "/desk/page/sound.js";
import { words } from "/desk/page/words.js";

const FOR_THE_AGENT = ["whisper", "answered_back", "warned"];

/** Takes an event: {seq, at, what, chat, by, details, card, line, note, question}. `work`: work.js. */
export function takeEvent(event, work) {
  const { store, columns } = work;
  const { what, chat, card } = event;
  const wasMine = store.isMine(store.cards.get(chat));
  store.take(event);
  const isMine = store.isMine(card);
  if (isMine) listen(event, work);
  else ring(event, store);
  if (isMine && !wasMine && !columns.of(chat)) work.load(chat).then(() => work.redraw(), () => null);
  if (what.startsWith("call_")) work.readRinging();
  const isOfVisit = event.line?.from === "bot" || event.line?.reply?.data?.appointment; // the bot speaks in a chat of mine: a visit was changed
  if ((what === "form" || isOfVisit) && columns.of(chat)) work.readForm(chat).catch(() => null);
  if (store.chats.has(chat)) goOn(event, store.chats.get(chat));
  if (chat && !card && columns.of(chat)) lose(chat, work);
  if (chat === work.active) work.panel.show();
}

/** Something in a chat of mine. */
function listen({ what, line, chat }, work) {
  if (FOR_THE_AGENT.includes(what)) sound.play("whisper");
  if (what !== "said" || line?.from !== "resident") return;
  const isLookedAt = chat === work.active && document.hasFocus();
  if (!isLookedAt) work.store.unread.set(chat, (work.store.unread.get(chat) ?? 0) + 1);
  sound.play("message");
  if (chat === work.active) work.suggest(chat);
}

/** Somebody waits: for me, or for anybody while I have nothing to do. */
function ring({ what, chat, card }, store) {
  const isForMe = what === "offered" && card && store.isOffered(card);
  const isNew = what === "entered" && !store.mine.length && store.waiting.some(({ id }) => id === chat);
  if (isForMe || isNew || (what === "asked_beside" && store.beside.some((question) => question.chat === chat))) sound.play("offer");
}

/** The chat's history goes on. */
function goOn({ seq, at, what, by }, chat) {
  const isKnown = chat.history?.some((each) => each.seq === seq);
  if (words.events[what] && !isKnown) chat.history = [...(chat.history ?? []), { seq, at, what, by }];
}

/** One may not see it any more: perhaps still as one that one had; else it goes. */
async function lose(id, work) {
  try {
    await work.load(id);
    work.redraw();
  } catch {
    work.close(id);
    work.notice(words.moved);
  }
}
