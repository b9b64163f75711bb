/** One reply on the screen: its bubble, its choices as buttons, and what one can do with it. */
import { card } from "./card.js";
import { button, make } from "./element.js";
import { callLinks } from "./phones.js";
import { readAloud } from "./speech.js";
import { words } from "./words.js";

/** The parts of `reply`, for below one avatar; `choose(choice)` is called when a choice is tapped. */
export function replyParts(reply, choose) {
  const bubble = reply.data?.emergency ? "div.bubble.emergency" : `div.bubble.${reply.kind}`;
  return [
    make(bubble, {}, ...content(reply)),
    reply.choices?.length ? choiceButtons(reply.choices, choose) : null,
    actions(reply.text),
  ];
}

function content(reply) {
  if (reply.kind === "card" && reply.data?.name) return [card(reply.data)];
  const text = make("p.words", {}, reply.data?.prompt || withoutChoices(reply));
  const isEmergency = reply.data?.emergency === true;
  return [isEmergency ? make("strong.mark", {}, words.emergency) : null, text, callLinks(reply.text, isEmergency)];
}

/** The text without the lines that list the choices: the buttons show those. */
function withoutChoices({ text, choices = [] }) {
  const labels = choices.map(({ label }, index) => `${index + 1}${label}`);
  const bare = (line) => line.replace(/[\s.．、)）]/g, "");
  const kept = text.split("\n").filter((line) => !labels.some((label) => bare(line) === bare(label)));
  return kept.join("\n").trim() || text;
}

function choiceButtons(choices, choose) {
  const row = (choice, index) => {
    const tap = button("button.choice", "", () => choose(choice));
    tap.append(make("span.number", {}, `${index + 1}`), " ", make("span", {}, choice.label));
    return tap;
  };
  return make("div.choices", { role: "group", "aria-label": words.choices }, ...choices.map(row));
}

function actions(text) {
  const read = button("button.read", words.readAloud, () => readAloud(text, read));
  const copy = button("button.copy", words.copy, () => copyText(text, copy));
  return make("div.actions", {}, read, copy);
}

async function copyText(text, copy) {
  copy.textContent = (await written(text)) ? words.copied : words.notCopied;
  setTimeout(() => (copy.textContent = words.copy), 2000);
}

/** navigator.clipboard is missing without TLS, and may be forbidden: then the old way. */
async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

function copiedTheOldWay(text) {
  const field = make("textarea.unseen", { "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
