/** A chat on the screen: who it is, what was said, and the field to write in. Several stand side by side. */

import { button, make } from "/page/element.js";
import { asideView, lineView, outgoingView } from "/desk/page/bubble.js";
import { secondsUntil } from "/desk/page/clock.js";
import { keyed, write } from "/desk/page/keyed.js";
import { replyTo, whisperTo, answerTo } from "/desk/page/speaking.js";
import { words } from "/desk/page/words.js";

const NEAR_END_PIXELS = 80;
/** Notes that are said to somebody: they stand between the lines; the others only in the panel. */
const SPOKEN = ["whisper", "answer", "passed"];
const MY_ACTS = ["video", "pass", "askBeside", "giveBack", "end"];

export class Column {
  #desk;
  #sees = null;
  #typingUntil = 0;
  #end = 0;
  #name = make("h2");
  #about = make("p.soft");
  #tools = make("div.tools");
  #older = button("button.older", words.older, () => this.#readOlder());
  #lines = make("div.lines");
  #log = make("div.log", { role: "log", tabindex: "0" }, this.#older, this.#lines);
  #state = make("p.state", { role: "status" });
  #suggestions = make("div.suggestions");
  #foot = make("div.foot-of-chat");

  /** `chat`: as the store has it. */
  constructor(chat, desk) {
    this.id = chat.id;
    this.#desk = desk;
    const close = button("button.close", "×", () => desk.close(this.id));
    close.setAttribute("aria-label", words.close);
    const head = make("header", {}, make("div.who", {}, this.#name, this.#about), close, this.#tools);
    /** Where a video call shows itself. */
    this.callPlace = make("div.call-place");
    this.element = make("section.column", { "data-chat": this.id }, head, this.callPlace, this.#log, this.#state, this.#suggestions, this.#foot);
    this.element.addEventListener("focusin", () => desk.activate(this.id, false));
    this.#holdWhenResized();
    this.update();
    this.toEnd();
  }

  /** Shows what the store and the sending have now. */
  update() {
    const chat = this.#desk.store.chats.get(this.id);
    const name = chat.resident || words.nobody;
    write(this.#name, name);
    write(this.#about, [chat.matter?.name ?? words.noMatter, chat.region?.name, chat.packet?.elder ? words.elder : "", chat.language === words.standardSpeech ? "" : chat.language].filter(Boolean).join(" · "));
    this.element.setAttribute("aria-label", words.chatWith(name));
    this.#log.setAttribute("aria-label", words.chatWith(name));
    this.element.classList.toggle("active", this.#desk.active === this.id);
    this.#older.hidden = !chat.more;
    this.#mode(chat, name);
    this.#showLines(chat);
    this.tick();
  }

  /** What changes by itself: how long the resident waits, that they are typing. */
  tick() {
    const chat = this.#desk.store.chats.get(this.id);
    write(this.#state, this.#stateOf(chat));
    this.#state.classList.toggle("warned", chat.warned === true && this.#sees === "agent");
  }

  /** The resident is typing; without another word of it that is over in 5 s. */
  typing() {
    this.#typingUntil = performance.now() + 5000;
    this.tick();
  }

  /** Replies from the catalogue for what was last asked: [{text, matter, part}]. */
  suggest(replies) {
    const view = (reply) => ({ element: button("button.suggestion", reply.text, () => this.insert(reply.text)) });
    this.#suggestions.hidden = !replies.length || this.#sees !== "agent";
    this.#suggestions.setAttribute("role", "group");
    this.#suggestions.setAttribute("aria-label", words.suggested);
    keyed(this.#suggestions, replies.slice(0, 2), ({ text }) => text, view);
  }

  /** Puts the focus on the first suggested reply. */
  focusSuggestion() {
    this.#suggestions.querySelector("button")?.focus();
  }

  /** The field to write in, or the conversation where there is none. */
  focus() {
    if (this.speaking) this.speaking.focus();
    else this.#log.focus({ preventScroll: true });
  }

  /** Puts a text into the field. */
  insert(text, instead = true) {
    this.speaking?.insert(text, instead);
  }

  /** Shows the newest line. */
  toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#end = this.#log.scrollTop - 1;
  }

  /** Shows a line that a search found. */
  show(seq) {
    this.#end = Infinity;
    const found = this.#lines.querySelector(`[data-seq="${seq}"]`);
    found?.classList.add("found");
    found?.scrollIntoView({ block: "center" });
  }

  #mode(chat, name) {
    const sees = chat.state === "ended" ? "past" : chat.state === "elsewhere" ? "elsewhere" : this.#desk.store.isMine(chat) ? "agent" : this.#seesElse(chat);
    const key = `${sees}/${sees === "beside" ? this.#question()?.id : ""}`;
    if (this.#sees !== null && this.modeKey === key) return;
    const hadFocus = this.#foot.contains(document.activeElement);
    [this.#sees, this.modeKey] = [sees, key];
    this.#tools.replaceChildren(...this.#acts(sees));
    this.speaking = { agent: replyTo, supervisor: whisperTo, beside: answerTo }[sees]?.(chat, name, this.#desk, this.#question()) ?? null;
    this.#foot.replaceChildren(this.speaking?.element ?? "");
    if (sees !== "agent") this.suggest([]);
    if (hadFocus) this.focus();
  }

  #seesElse(chat) {
    if (this.#desk.store.waiting.some(({ id }) => id === chat.id)) return "queue";
    if (this.#question()) return "beside";
    return ["supervisor", "past"].includes(chat.sees) ? chat.sees : this.#desk.me.rights.includes("supervise") && chat.state === "taken" ? "supervisor" : "past";
  }

  #question() {
    return this.#desk.store.beside.find(({ chat }) => chat === this.id);
  }

  #acts(sees) {
    const over = this.#desk.me.rights.includes("supervise") ? ["takeOver"] : [];
    const names = { agent: MY_ACTS, supervisor: over, beside: over, queue: ["take"] }[sees] ?? [];
    return names.map((name) => button(`button.act-${name}`, words[name], () => this.#desk.act(name, this.id)));
  }

  #stateOf(chat) {
    if (this.#typingUntil > performance.now()) return words.typing;
    if (chat.state === "ended") return `${words.ended}${words.outcomes[chat.outcome] ? `：${words.outcomes[chat.outcome]}` : ""}`;
    if (this.#sees !== "agent") return words.sees[this.#sees] ?? "";
    if (!chat.silence_due_at) return "";
    const left = secondsUntil(chat.silence_due_at);
    return chat.warned ? `${words.warned} · ${words.silence(left)}` : left < 90 ? words.silence(left) : "";
  }

  #showLines(chat) {
    const follow = this.#follows();
    const sent = new Set(chat.messages.map(({ id }) => id).filter(Boolean));
    const outgoing = this.#desk.sending.of(this.id).filter(({ id }) => !sent.has(id));
    const spoken = spokenOf(chat).map((note) => ({ key: `n${note.id}`, at: note.at, note }));
    const lines = chat.messages.map((line) => ({ key: line.id ?? `s${line.seq}`, at: line.at, line }));
    const together = spoken.length ? [...lines, ...spoken].sort((one, other) => Date.parse(one.at) - Date.parse(other.at)) : lines;
    const items = [...together, ...outgoing.map((message) => ({ key: `o${message.id}`, message }))];
    keyed(this.#lines, items, ({ key }) => key, (item) => this.#view(item));
    if (follow) this.toEnd();
  }

  #view({ line, note, message }) {
    if (note) return asideView(note);
    if (line) return unwrapped(lineView(line, this.id), "line");
    const { sending } = this.#desk;
    const edit = (one) => {
      sending.drop(one.id);
      this.insert(one.body.text ?? "", false);
    };
    return unwrapped(outgoingView(message, { again: (one, more) => sending.again(one.id, more), drop: (one) => sending.drop(one.id), edit }), "message");
  }

  /** A suggestion comes, the field grows, the chat comes back to the screen: who was at the end stays there. */
  #holdWhenResized() {
    new ResizeObserver(() => this.#follows() && this.toEnd()).observe(this.#log);
  }

  /** Whether the end is in sight, or was until something came below it. */
  #follows() {
    const { scrollHeight, clientHeight, scrollTop } = this.#log;
    return scrollTop >= this.#end || scrollHeight - clientHeight - scrollTop < NEAR_END_PIXELS;
  }

  async #readOlder() {
    const height = this.#log.scrollHeight;
    await this.#desk.readOlder(this.id);
    this.#log.scrollTop += this.#log.scrollHeight - height;
  }
}

/** What staff said to each other about a chat: notes, and answers that came without one. */
function spokenOf({ notes, questions = [] }) {
  const told = new Set(notes.filter(({ kind }) => kind === "answer").map(({ question }) => question));
  const answers = questions.filter(({ id, answer }) => answer && !told.has(id));
  const asNotes = answers.map((each) => ({ id: `q${each.id}`, at: each.answered_at ?? each.asked_at, kind: "answer", by: each.answered_by, text: `${each.text}\n${each.answer}` }));
  return [...notes.filter(({ kind }) => SPOKEN.includes(kind)), ...asNotes];
}

/** A view that is updated with a part of its item. */
function unwrapped({ element, update }, part) {
  return { element, update: (item) => update(item[part]) };
}
