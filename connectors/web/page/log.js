/** The conversation on the screen. Each reply is shown once, however often it arrives. */
import { button, make } from "./element.js";
import { lead } from "./lead.js";
import { replyParts } from "./reply.js";
import { words } from "./words.js";

const TIME_SHOWN_AFTER_MINUTES = 5;
const NEAR_END_PIXELS = 120;

export class Log {
  #element;
  #actions;
  #bubbles = new Map();
  #replies = new Set();
  #offered = new Set();
  #lastTime = 0;

  /** `actions`: choose(choice), tryNow(), address(url) of a file. */
  constructor(element, actions) {
    this.#element = element;
    this.#actions = actions;
    this.#holdWhenResized();
  }

  /** Shows an entry of the transcript or of the events: {from, at?, text?, reply?}. False: it was there already. */
  entry({ from, at, text, reply }) {
    if (from === "resident") return this.#add(from, at, make("div.bubble", {}, make("p.words", {}, this.#own(text))));
    const said = reply ?? { kind: "text", text };
    if (said.id !== undefined && this.#replies.has(said.id)) return false;
    this.#replies.add(said.id);
    said.choices?.forEach(({ label }) => this.#offered.add(label));
    if (from === "system" && said.kind === "text") return this.line(said.text);
    return this.#add(from, at, ...replyParts(said, this.#actions.choose, this.#actions.address));
  }

  /** Shows a message that is on its way, at the end; one that is there moves. `picture`: the photo's data URL. */
  outgoing({ id, text, label }, picture) {
    this.#bubbles.get(id)?.remove();
    this.entry({ from: "resident", text: text ?? label });
    const message = this.#element.lastElementChild;
    if (picture) message.querySelector(".words").replaceChildren(make("img.photo", { src: picture, alt: label }));
    message.querySelector(".body").append(make("p.state", {}));
    this.#bubbles.set(id, message);
    this.state(id, "sending");
  }

  /** What has become of an outgoing message: sending, retrying, refused, sent. */
  state(id, state) {
    const message = this.#bubbles.get(id);
    if (!message) return;
    const follow = this.isAtEnd;
    message.dataset.state = state;
    const again = state === "retrying" ? button("button.again", words.retryNow, this.#actions.tryNow) : "";
    message.querySelector(".state").replaceChildren(words[state] ?? "", again);
    if (follow && again) this.#element.scrollTop = this.#element.scrollHeight;
  }

  /** Takes an outgoing message away: the transcript has it already. */
  withdraw(id) {
    this.#bubbles.get(id)?.remove();
    this.#bubbles.delete(id);
  }

  /** A line of the page itself, in the middle. */
  line(text) {
    return this.#append(make("p.line", {}, text));
  }

  /** What the page itself says at length, as the assistant's: elements below its picture. */
  told(...parts) {
    return this.#add("bot", null, ...parts);
  }

  /** A line that can be tapped; once tapped it is gone. */
  offer(text, act) {
    const line = make("p.line", {}, button("button.again", text, () => (line.remove(), act())));
    this.#append(line);
  }

  /** Another conversation follows: its replies may have ids that were here before. */
  turnPage() {
    this.#replies.clear();
  }

  /** Empties the screen. */
  clear() {
    this.turnPage();
    this.#element.replaceChildren();
    this.#bubbles.clear();
    this.#lastTime = 0;
  }

  /** Shows many entries without having them all read out. */
  quietly(show) {
    this.#element.setAttribute("aria-busy", "true");
    show();
    this.#element.removeAttribute("aria-busy");
    this.scrollToLatest();
  }

  /** The buttons that read the answer before the resident's last words (念给我听). */
  get answerBefore() {
    const messages = [...this.#element.querySelectorAll(".message")];
    const isTheirs = (message) => message.classList.contains("resident");
    const earlier = messages.slice(0, messages.findLastIndex(isTheirs));
    const answer = earlier.slice(earlier.findLastIndex(isTheirs) + 1);
    return answer.flatMap((message) => [...message.querySelectorAll(".read")]);
  }

  /** Scrolls to the end, but never past the resident's own last words: a long answer is read from its top. */
  scrollToLatest() {
    const messages = [...this.#element.querySelectorAll(".message")].reverse();
    const latest = messages.find((message) => message.classList.contains("resident")) ?? messages[0];
    this.#element.scrollTop = messages.length > 1 ? latest.offsetTop - 8 : 0;
  }

  /** Scrolls to what came by itself: all of it, or its top. */
  scrollToNewest() {
    const newest = this.#element.lastElementChild;
    newest?.scrollIntoView({ block: newest.offsetHeight < this.#element.clientHeight ? "nearest" : "start" });
  }

  /** True when the end is in sight; who has scrolled up to read is left there. */
  get isAtEnd() {
    return this.#element.scrollHeight - this.#element.clientHeight - this.#element.scrollTop < NEAR_END_PIXELS;
  }

  /** The keyboard opens, or the field grows: what was above it stays above it. */
  #holdWhenResized() {
    let height = this.#element.clientHeight;
    new ResizeObserver(() => {
      this.#element.scrollTop += height - this.#element.clientHeight;
      height = this.#element.clientHeight;
    }).observe(this.#element);
  }

  /** Who taps "危房：唯一的住房要垮了……" has said 危房. */
  #own(text) {
    return this.#offered.has(text) ? lead(text) : text;
  }

  #add(from, at, ...parts) {
    this.#time(at ? new Date(at) : new Date());
    const speaker = make("span.speaker", { "data-from": from }, `${words.speakers[from]}：`);
    const avatar = make("span.avatar", { "aria-hidden": "true" }, words.avatars[from] ?? words.avatars.bot);
    return this.#append(make(`div.message.${from}`, {}, avatar, make("div.body", {}, speaker, ...parts)));
  }

  #append(element) {
    this.#element.append(element);
    return true;
  }

  #time(at) {
    const quietMinutes = (at - this.#lastTime) / 60_000;
    this.#lastTime = Number(at);
    if (quietMinutes < TIME_SHOWN_AFTER_MINUTES) return;
    this.#append(make("time.line", { datetime: at.toISOString() }, clock(at)));
  }
}

function clock(at) {
  const time = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.getMonth() + 1}月${at.getDate()}日 ${time}`;
}
