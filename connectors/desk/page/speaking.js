/** What can be said in a chat: to the resident, to its agent (whisper), to the colleague who asked. */

import { ask } from "/desk/page/desk.js";
import { words } from "/desk/page/words.js";
import { Writing } from "/desk/page/writing.js";

/** The field of the chat's own agent. */
export function replyTo(chat, name, desk) {
  return new Writing(chat.id, name, {
    say: (text) => desk.sending.add(chat.id, "messages", { text }, text),
    check: async (text) => (await ask("POST", `chats/${chat.id}/check`, { text })).findings,
    replies: () => ask("GET", `chats/${chat.id}/replies`),
    pick: (macro) => desk.act(macro, chat.id),
  });
}

/** A supervisor's field: only the agent sees it. */
export function whisperTo(chat, name, desk) {
  const writing = new Writing(chat.id, name, {
    whisper: true,
    say: (text) => desk.kept(ask("POST", `chats/${chat.id}/whisper`, { text }), chat.id, () => writing.insert(text)),
  });
  return writing;
}

/** The field of somebody who was asked beside. */
export function answerTo(chat, name, desk, question) {
  const writing = new Writing(chat.id, name, {
    whisper: true,
    label: words.answer,
    hint: `${words.answerPlaceholder}：${question.text}`,
    say: (text) => desk.answered(question, text, () => writing.insert(text)),
  });
  return writing;
}
