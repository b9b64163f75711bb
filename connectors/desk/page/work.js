/** The desk at work: what is open and in front, and what the agent does. The views draw what is here. */

import { uuid } from "/page/outbox.js";
import * as acting from "/desk/page/acting.js";
import { call, showRinging } from "/desk/page/calling.js";
import { Columns } from "/desk/page/columns.js";
import { ask } from "/desk/page/desk.js";
import { takeEvent } from "/desk/page/feed.js";
import { Lists, tick, TICKING } from "/desk/page/lists.js";
import { Panel } from "/desk/page/panel.js";
import { Sending } from "/desk/page/sending.js";
import { Store } from "/desk/page/store.js";

const NOTICE_SECONDS = 8;

export class Work {
  store = new Store();
  callbacks = [];
  /** The id of the chat in front, or null. */
  active = null;
  /** Where a call shows itself that belongs to no chat on the screen. */
  dock;
  #notices;
  #rings;
  #tabs = new BroadcastChannel("bangban.desk");
  #tab = uuid();
  #changed;

  /** `parts`: the elements lists, columns, panel, notices, rings, dock. `changed()` when what the head of the page says may be other. */
  constructor(parts, changed) {
    [this.#notices, this.#rings, this.dock, this.#changed] = [parts.notices, parts.rings, parts.dock, changed];
    const post = (chat, path, body) => ask("POST", `chats/${chat}/${path}`, body);
    this.sending = new Sending(post, (chat) => this.columns.of(chat)?.update(), (chat, line) => this.#arrived(chat, line));
    this.columns = new Columns(parts.columns, this);
    this.lists = new Lists(parts.lists, this);
    this.panel = new Panel(parts.panel, this);
    this.#tabs.addEventListener("message", ({ data }) => data.tab !== this.#tab && this.#readElsewhere(data.chat));
    setInterval(() => this.#tick(), 1000);
    window.addEventListener("focus", () => this.#read(this.active));
  }

  get me() {
    return this.store.me;
  }

  /** The chat in front as a column, or undefined. */
  get front() {
    return this.columns.of(this.active);
  }

  /** Takes up the work: all my chats are opened. Resolves to the number after which the feed goes on. */
  async begin() {
    const now = await ask("GET", "chats");
    this.store.begin(now);
    await Promise.all(this.store.mine.map(({ id }) => this.load(id).catch(() => null)));
    const first = this.store.mine[0];
    this.redraw();
    if (first) this.activate(first.id);
    this.sending.begin();
    this.readCallbacks();
    this.readRinging();
    return now.seq;
  }

  /** Takes a frame of the live feed. */
  hear(frame) {
    if (frame.type === "hello") this.store.me = { ...this.store.me, ...frame.me };
    if (frame.type === "typing") this.columns.of(frame.chat)?.typing();
    if (frame.type === "event") takeEvent(frame, this);
    if (frame.type === "reload") this.#anew();
    if (frame.type === "here") this.readRinging(); // whoever is called in may not see the chat, and so no event of it
    this.redraw();
  }

  /** Reads a chat, and shows it if it was not on the screen. Raises Problem. */
  async load(id) {
    this.store.open(await ask("GET", `chats/${id}`));
    if (!this.columns.of(id)) this.columns.add(this.store.chats.get(id));
  }

  /** Opens a chat and brings it to the front; `seq`: shows that line. */
  open(id, seq = null) {
    return this.#try(async () => {
      if (!this.columns.of(id)) await this.load(id);
      this.activate(id);
      if (seq !== null) await this.#show(id, seq);
    });
  }

  /** Brings a chat to the front; `focus`: the field to write in gets the focus. */
  async activate(id, focus = true) {
    if (!this.columns.of(id)) return this.open(id);
    const isOther = this.active !== id;
    this.active = id;
    this.#read(id);
    if (isOther) {
      this.columns.raise(id);
      this.redraw();
      this.panel.show(true);
      this.suggest(id);
    }
    if (focus) this.front.focus();
  }

  /** Takes a chat off the screen; it stays in the lists it is in. */
  close(id) {
    this.store.chats.delete(id);
    const next = this.columns.remove(id);
    if (id === this.active) this.active = null;
    if (next && !this.active) this.activate(next);
    this.panel.show(true);
    this.redraw();
  }

  /** Goes `step` chats on, in the order of my chats and then the others that are open. */
  step(step) {
    const order = this.columns.order();
    if (order.length) this.activate(order[(order.indexOf(this.active) + step + order.length) % order.length]);
  }

  /** Takes a chat from the queue. */
  take(id) {
    return this.#try(async () => this.taken(await ask("POST", `chats/${id}/take`, {})));
  }

  /** A chat is mine now: shows it. */
  async taken(card) {
    this.store.put(card);
    await this.load(card.id);
    await this.activate(card.id);
    this.redraw();
  }

  /** Lets an offer pass. */
  decline(id) {
    return this.#try(() => ask("POST", `chats/${id}/decline`, {}));
  }

  /** Does one of the acts of acting.js, or `take`, `video`, with a chat. */
  act(name, id) {
    const others = { take: () => this.take(id), video: () => call(this, id) };
    return this.#try(others[name] ?? (() => acting[name](this, id)));
  }

  /** A note that is on its way: shown when it is kept; when it is not, `back()` saves the words. */
  kept(promise, chat, back) {
    return this.#try(async () => {
      this.store.note(chat, await promise);
      this.redraw();
      if (chat === this.active) this.panel.show(true);
    }, back);
  }

  /** Answers a colleague; when that fails, `back()` saves the words. */
  answered(question, text, back) {
    return this.#try(async () => {
      this.store.take({ question: await ask("POST", `questions/${question.id}/answer`, { text }) });
      this.redraw();
    }, back);
  }

  /** More lines, before the first that is here. */
  readOlder(id) {
    return this.#try(async () => {
      const { messages, more } = await ask("GET", `chats/${id}/messages?before=${this.store.chats.get(id).messages[0]?.seq ?? 0}`);
      this.store.older(id, messages, more);
      this.columns.of(id)?.update();
    });
  }

  /** The chat's form, papers and appointments again, after they were changed. */
  async readForm(id) {
    const { form, papers, appointments } = await ask("GET", `chats/${id}`);
    Object.assign(this.store.chats.get(id) ?? {}, { form, papers, appointments });
    if (id === this.active) this.panel.show();
  }

  /** The list of call-backs. */
  async readCallbacks() {
    if (this.me.rights.includes("answer")) this.callbacks = await ask("GET", "callbacks").catch(() => []);
    this.lists.show();
  }

  /** Who calls us into a call. */
  readRinging() {
    return showRinging(this, this.#rings);
  }

  /** What became of a call-back. */
  async settleCallback(reference, status) {
    await this.#try(() => ask("POST", `callbacks/${reference}`, { status }));
    await this.readCallbacks();
  }

  /** On duty, or off. */
  async duty() {
    await this.#try(async () => (this.me.agent = await ask("PUT", "duty", { on_duty: !this.me.agent.on_duty })));
    this.redraw();
  }

  /** Asks what the catalogue would say to the last question of a chat of mine. */
  async suggest(chat) {
    if (!this.store.isMine(this.store.chats.get(chat))) return;
    const { replies } = await ask("GET", `chats/${chat}/suggestions`).catch(() => ({ replies: [] }));
    this.columns.of(chat)?.suggest(replies);
  }

  /** Says something to the agent at the foot of the page, for a while. */
  notice(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.#notices.replaceChildren(line);
    setTimeout(() => line.remove(), NOTICE_SECONDS * 1000);
  }

  /** Draws everything that may have changed. */
  redraw() {
    this.lists.show();
    this.columns.update();
    this.#changed();
  }

  /** Too much was missed: the lists and the open chats are read again. */
  #anew() {
    return this.#try(async () => {
      this.store.begin(await ask("GET", "chats"));
      await Promise.all([...this.store.chats.keys()].map((id) => this.load(id).catch(() => this.close(id))));
      this.redraw();
      this.panel.show();
    });
  }

  async #try(act, back = () => {}) {
    try {
      await act();
    } catch (problem) {
      back();
      this.notice(problem.message);
    }
  }

  /** Reads back until the line is there. */
  async #show(id, seq) {
    const chat = this.store.chats.get(id);
    for (let before = null; chat.more && chat.messages[0]?.seq > seq && before !== chat.messages[0].seq; ) {
      before = chat.messages[0].seq;
      await this.readOlder(id);
    }
    this.columns.of(id)?.show(seq);
  }

  #read(chat) {
    if (!chat || !this.store.unread.delete(chat)) return;
    this.#tabs.postMessage({ tab: this.#tab, chat });
    this.redraw();
  }

  /** Another tab of ours shows it: it is read here too. */
  #readElsewhere(chat) {
    if (this.store.unread.delete(chat)) this.redraw();
  }

  #arrived(chat, line) {
    this.store.add(chat, [line]);
    this.columns.of(chat)?.suggest([]);
    this.columns.of(chat)?.update();
    this.columns.of(chat)?.toEnd();
  }

  #tick() {
    document.querySelectorAll(TICKING).forEach(tick);
    this.columns.tick();
  }
}
