/** One reply on the screen: its bubble, its choices as buttons, and what one can do with it. */
import { card, unfoldedText } from "./card.js";
import { copyButton } from "./copying.js";
import { button, make } from "./element.js";
import { filledParts } from "./filled.js";
import { label, line } from "./lead.js";
import { callLinks } from "./phones.js";
import { readAloud } from "./speech.js";
import { answerButton } from "./video.js";
import { words } from "./words.js";

/** The parts of `reply`, for below one avatar; `choose(choice)` when a choice is tapped, `address(url)` of a file. */
export function replyParts(reply, choose, address) {
  const kind = reply.data?.emergency ? "emergency" : reply.kind;
  const parts = [...filledParts(reply.data, address), answerButton(reply.data?.call)].filter(Boolean);
  const bubble = make(`div.bubble.${kind}`, {}, ...content(reply, parts));
  return [
    bubble,
    reply.choices?.length ? choiceButtons(reply, choose) : null,
    actions(reply, bubble),
  ];
}

function isCard({ kind, data }) {
  return kind === "card" && Boolean(data?.name);
}

/** What is read where the service can't be asked, and which sections of a card are unfolded. */
function aloud(reply, bubble) {
  const { id, text } = reply;
  if (!isCard(reply)) return { id, text: text.replace(/^(\d)\. /gm, (line, number) => `${words.place(number)}，`) };
  const open = [...bubble.querySelectorAll("details")].flatMap((section, place) => (section.open ? [place] : []));
  return { id, text: cardAloud(bubble, reply), open };
}

function cardAloud(bubble, { data, choices = [] }) {
  return [unfoldedText(bubble, data), ...choices.map((choice, index) => `${words.place(index + 1)}，${choice.label}`)].join("\n");
}

/** What is asked about the values of `parts` stands below them: nobody scrolls back up to the question. */
function content(reply, parts) {
  if (isCard(reply)) return [card(reply.data), ...parts];
  const isEmergency = reply.data?.emergency === true;
  const said = paragraphs(shortWords(reply));
  const asked = reply.data?.values && said.length > 1 ? said.splice(-1) : [];
  return [
    isEmergency ? make("strong.mark", {}, words.emergency) : null,
    ...said,
    reply.kind === "form" ? null : callLinks(reply.text, isEmergency), // a form's numbers are the family's own
    ...parts,
    ...asked,
  ];
}

/** Several lines are a list: each is a paragraph of its own, so that the eye finds them. */
function paragraphs(text) {
  const lines = text.split("\n").filter((one) => one.trim());
  if (lines.length < 2) return [make("p.words", {}, text)];
  return lines.map((one) => make("p.words", {}, ...line(one)));
}

/** What a table or a button below says need not be said in words too. */
function shortWords(reply) {
  const text = reply.data?.prompt || withoutChoices(reply);
  const { values, link } = reply.data ?? {};
  if (link) return text.replace(`：${link.url}`, "。");
  const lines = text.split("\n");
  return values && lines.length > 2 ? [lines[0], lines.at(-1)].join("\n") : text;
}

/** The text without the lines that list the choices: the buttons show those. */
function withoutChoices({ text, choices = [] }) {
  const labels = choices.map(({ label }, index) => `${index + 1}${label}`);
  const bare = (line) => line.replace(/[\s.．、)）]/g, "");
  const kept = text.split("\n").filter((line) => !labels.some((label) => bare(line) === bare(label)));
  return kept.join("\n").trim() || text;
}

/** 听错了 and the like stand beside the question: their reply does not count them, its numbers are the question's. */
function choiceButtons({ text, choices }, choose) {
  const counted = text.includes(`1. ${choices[0].label}`);
  const row = (choice, index) => {
    const tap = button("button.choice", "", () => choose(choice));
    tap.append(...(counted ? [make("span.number", {}, `${index + 1}`), " "] : []), label(choice.label));
    return tap;
  };
  return make(counted ? "div.choices" : "div.choices.beside", { role: "group", "aria-label": words.choices }, ...choices.map(row));
}

function actions(reply, bubble) {
  const read = button("button.read", words.readAloud, () => readAloud(aloud(reply, bubble), read));
  read.addEventListener("readaloud", ({ detail }) => readAloud(aloud(reply, bubble), read, detail.then));
  const copy = copyButton(words.copy, reply.text);
  return make("div.actions", {}, read, copy);
}
