/** One line of a chat: what a resident, the bot, an agent or the page said. What anybody wrote only ever becomes text. */

import { button, make } from "/page/element.js";
import { timeOf } from "/desk/page/clock.js";
import { write } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

/** The view of a line of the transcript: {element, update(line)}. */
export function lineView(line, chat) {
  const [state, time] = [make("span.delivery"), make("time", { datetime: line.at }, timeOf(line.at))];
  const who = make("span.speaker", {}, words.speakers[line.from] ?? line.from);
  const element = make(`div.message.${line.from}`, { "data-seq": `${line.seq}` }, make("p.foot", {}, who, " ", time, " ", state), bubbleOf(line, chat));
  const update = ({ delivery }) => {
    write(state, line.from === "agent" && delivery ? words.delivery[delivery] : "");
    element.dataset.delivery = delivery ?? "";
  };
  update(line);
  return { element, update };
}

function bubbleOf({ text, reply }, chat) {
  const file = fileOf(reply?.data);
  return make("div.bubble", {}, ...paragraphs(text), file ? fileView(chat, file) : null);
}

/** A file that we made tells where it is and what it is called; of one that a resident sent its id stands there. */
function fileOf({ file, media_type } = {}) {
  return typeof file === "string" ? { url: file, name: words.sent[media_type?.split("/")[0]] ?? words.sent.other, media_type } : file;
}

function fileView(chat, file) {
  const address = fileAddress(chat, file);
  if (file.media_type?.startsWith("audio/")) return make("audio.file", { controls: "", preload: "none", src: `${address}/sound`, "aria-label": file.name });
  return make("a.file", { href: address, target: "_blank", rel: "noopener" }, words.file(file));
}

/** Where staff get a file of a chat: the last part of the address that the resident has. */
function fileAddress(chat, { url }) {
  return `/desk/api/chats/${chat}/files/${encodeURIComponent(decodeURIComponent(url.split("/").pop()))}`;
}

function paragraphs(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  return (lines.length ? lines : [text]).map((line) => make("p", {}, line));
}

/** The view of what is on its way: {element, update(message)}. `sending`: where it can be sent again or dropped. */
export function outgoingView(first, { again, drop, edit }) {
  const [state, about] = [make("span.delivery"), make("div.about-it")];
  const element = make("div.message.agent.outgoing", {}, make("p.foot", {}, make("span.speaker", {}, words.me), " ", state), make("div.bubble", {}, ...paragraphs(first.text)), about);
  let shown = "";
  const update = (message) => {
    element.dataset.delivery = message.state;
    write(state, words.delivery[message.state]);
    if (shown === message.state) return;
    shown = message.state;
    const discard = () => button("button", words.discard, () => drop(message));
    const parts = {
      held: () => [findings(message.findings), acts(button("button.main.edit", words.edit, () => edit(message)), button("button", words.anyway, () => again(message, { anyway: true })))],
      refused: () => [make("p.problem", { role: "alert" }, message.detail), acts(button("button", words.again, () => again(message)), button("button", words.edit, () => edit(message)), discard())],
    };
    about.replaceChildren(...(parts[message.state]?.() ?? []));
    if (message.state === "held") about.querySelector(".edit").focus();
  };
  update(first);
  return { element, update };
}

/** What in a text contradicts the catalogue. */
export function findings(list) {
  return make("ul.findings", { "aria-label": words.contradicts }, ...list.map(({ text }) => make("li", {}, text)));
}

function acts(...buttons) {
  return make("div.acts", {}, ...buttons);
}

/** The view of a note that belongs between the lines: a whisper of the supervisor's, an answer from beside. */
export function asideView({ kind, by, text, at }) {
  const who = `${words.notes[kind]}${by ? ` · ${by.name}` : ""}`;
  return { element: make(`div.message.aside.${kind}`, {}, make("p.foot", {}, make("span.speaker", {}, who), " ", make("time", { datetime: at }, timeOf(at))), make("div.bubble", {}, ...paragraphs(text))) };
}
