/** What came with the chat: what the resident wants, what the bot tried, how they speak; and what is masked. */

import { button, make } from "/page/element.js";
import { reveal } from "/desk/page/acting.js";
import { now, timeOf } from "/desk/page/clock.js";
import { write } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

/** 转人工, 我要找真人. */
const LONGEST_CALL_FOR_A_PERSON = 6;

/** The elements for a chat. */
export function packetPart(chat, desk) {
  const { packet = {} } = chat;
  const rows = {
    wish: wish(packet) || reasonOf(chat) || words.noReason,
    matter: chat.matter ? `${chat.matter.name}（${chat.matter.code}）` : words.noMatter,
    reason: packet.wants ? reasonOf(chat) : "",
    window: packet.window ? words.atWindow(packet.window) : "",
    region: chat.region?.name,
    language: [packet.language || chat.language, packet.elder ? words.elderYes : ""].filter(Boolean).join("；"),
    tried: listed(tried(packet.tried)),
    before: packet.before ? [words.outcomes[packet.before.outcome], packet.before.summary].filter(Boolean).join("：") : "",
    form: packet.application ? [words.steps[packet.application.state], words.filled(packet.application.filled)].filter(Boolean).join("，") : "",
    visits: listed((chat.appointments ?? []).map(({ text, reference }) => `${text}（${reference}）`)),
    last: listed((packet.said ?? []).map(spoken)),
    waited: timeOf(chat.entered_at),
  };
  const shown = Object.entries(rows).filter(([, value]) => value);
  const list = make("dl.facts", {}, ...shown.flatMap(([key, value]) => [make("dt", {}, words.packet[key]), make("dd", {}, value)]));
  return [list, ...(desk.me.rights.includes("reveal") ? [secrets(chat)] : [])];
}

/** Why somebody wants a person, in words. */
export function reasonOf({ reason }) {
  return words.reasons[reason] ?? reason;
}

/** What was said last; 转人工 and the like tell nothing, so the words before it stand for it. */
function wish({ wants = "", said = [] }) {
  const before = said.filter(({ from, text }) => from === "resident" && text !== wants).at(-1)?.text;
  return wants.length > LONGEST_CALL_FOR_A_PERSON ? wants : [before, wants].filter(Boolean).join("；");
}

/** What the bot did so far, in words. */
function tried({ misunderstood = 0, offered = [], part = null } = {}) {
  return [misunderstood ? words.misunderstood(misunderstood) : "", offered.length ? words.offered(offered) : "", part ? words.part : ""].filter(Boolean);
}

function listed(texts) {
  return texts.length ? make("ul", {}, ...texts.map((text) => make("li", {}, text))) : null;
}

function spoken({ from, text }) {
  return `${words.speakers[from] ?? from}：${text}`;
}

function secrets(chat) {
  const one = (what, label) => maskedView(chat.id, what, label);
  return make("div.secrets", { role: "group", "aria-label": words.packet.who }, one("id_number", words.revealIdNumber), one("telephone", words.revealTelephone));
}

/** A button that shows what is masked, once a reason is given, until the server says it is enough. */
export function maskedView(chat, what, label) {
  const value = make("output.revealed");
  const look = button("button.reveal", label, async () => {
    const found = await reveal(chat, what, label.replace(/^看/, ""));
    if (found) show(found);
  });
  const show = (found) => {
    const left = Math.ceil((Date.parse(found.until) - now()) / 1000);
    write(value, left > 0 ? words.revealed(found.value, left) : "");
    if (left > 0 && value.isConnected) setTimeout(() => show(found), 1000);
  };
  return make("span.masked", {}, look, value);
}
