/** The left side: my chats, the queue, questions to me, what others have, call-backs. */

import { button, make } from "/page/element.js";
import { lasted, secondsSince, secondsUntil, timeOf } from "/desk/page/clock.js";
import { keyed, write } from "/desk/page/keyed.js";
import { reasonOf } from "/desk/page/packet.js";
import { words } from "/desk/page/words.js";

export class Lists {
  #sections = {};
  #desk;

  /** `desk`: the page's controller; see chats.js. */
  constructor(element, desk) {
    this.#desk = desk;
    const views = { mine: mineView, waiting: waitingView, beside: besideView, running: runningView, elsewhere: elsewhereView, callbacks: callbackView };
    for (const [name, view] of Object.entries(views)) {
      const [heading, list, none] = [make("h2", { id: `list-${name}` }), make("ul.list", { "aria-labelledby": `list-${name}` }), make("p.soft")];
      this.#sections[name] = { element: make(`section.${name}`, {}, heading, list, none), heading, list, none, view };
      element.append(this.#sections[name].element);
    }
  }

  /** Shows what the store has now. */
  show() {
    const { store } = this.#desk;
    this.#fill("mine", store.mine, ({ id }) => id);
    this.#fill("waiting", this.#numbered(store.waiting), ({ id }) => id);
    this.#fill("beside", store.beside, ({ id }) => id);
    this.#fill("running", store.running, ({ id }) => id);
    this.#fill("elsewhere", store.elsewhere, ({ id }) => id);
    this.#fill("callbacks", this.#desk.callbacks, ({ reference }) => reference);
  }

  /** Places by the time of coming: what is offered to me stands first, and may be another's turn. */
  #numbered(cards) {
    const order = cards.map(({ entered_at }) => entered_at).sort();
    return cards.map((card) => ({ ...card, number: order.indexOf(card.entered_at) + 1 }));
  }

  #fill(name, items, key) {
    const { element, heading, list, none, view } = this.#sections[name];
    write(heading, `${words.lists[name]}${items.length ? ` ${items.length}` : ""}`);
    write(none, items.length ? "" : (words.nothing[name] ?? ""));
    element.hidden = !items.length && !words.nothing[name];
    list.hidden = !items.length;
    keyed(list, items, key, (item) => view(item, this.#desk));
  }
}

/** Who it is, what it is about: the same in every list. */
function headOf(card) {
  const name = make("strong", {}, card.resident || words.nobody);
  const isOther = card.language && card.language !== words.standardSpeech;
  return [make("span.name", {}, name, isOther ? make("span.tag", {}, card.language) : null), make("span.about", {}, card.matter?.name ?? words.noMatter)];
}

function mineView(first, desk) {
  const [head, last, badge, left] = [make("span.head"), make("span.last"), make("span.badge"), make("span.left")];
  const open = button("button.chat", "", () => desk.activate(first.id));
  open.append(head, last, make("span.marks", {}, left, badge));
  const update = (card) => {
    const count = desk.store.unread.get(card.id) ?? 0;
    head.replaceChildren(...headOf(card));
    write(last, desk.store.last.get(card.id) ?? reasonOf(card));
    write(badge, count ? words.unread(count) : "");
    open.setAttribute("aria-current", String(desk.active === card.id));
    open.classList.toggle("warned", card.warned);
    left.dataset.until = card.silence_due_at ?? "";
    tick(left);
  };
  return { element: make("li", {}, open), update };
}

function waitingView(first, desk) {
  const [head, office, time, left] = [make("span.head"), make("span.last"), make("span.time"), make("span.left")];
  const take = button("button.main.take", words.take, () => desk.take(first.id));
  const decline = button("button.decline", words.decline, () => desk.decline(first.id));
  const element = make("li.waiting", {}, head, office, make("span.marks", {}, time, left), make("span.acts", {}, take, decline));
  const update = (card) => {
    const isOffered = desk.store.isOffered(card);
    head.replaceChildren(...headOf(card));
    write(office, [words.place(card.number), card.office?.name ?? card.tier, reasonOf(card)].filter(Boolean).join(" · "));
    element.classList.toggle("offered", isOffered);
    decline.hidden = !isOffered;
    take.setAttribute("aria-label", `${words.takeLong}：${card.resident || words.nobody}，${card.matter?.name ?? words.noMatter}`);
    time.dataset.since = card.entered_at;
    left.dataset.offer = isOffered ? (card.offer_due_at ?? "") : "";
    [time, left].forEach(tick);
  };
  return { element, update };
}

function besideView(question, desk) {
  const open = button("button.chat", "", () => desk.open(question.chat));
  open.append(
    make("span.head", {}, make("strong", {}, question.asked_by.name), make("span.about", {}, question.matter?.name ?? "")),
    make("span.last", {}, question.text),
    make("span.time", {}, timeOf(question.asked_at)),
  );
  return { element: make("li", {}, open) };
}

function runningView(first, desk) {
  return openedView(first, desk, words.listen, (card) => words.takenBy(card.taken_by?.title || card.taken_by?.name || ""));
}

function elsewhereView(first, desk) {
  return openedView(first, desk, words.look, (card) => (card.taken_at ? words.takenElsewhere : words.waitsElsewhere));
}

/** A chat that others have: it is opened to be looked at. */
function openedView(first, desk, act, whose) {
  const [head, by, time] = [make("span.head"), make("span.last"), make("span.time")];
  const open = button("button.chat", "", () => desk.open(first.id));
  open.append(head, by, make("span.marks", {}, time, make("span", {}, act)));
  const update = (card) => {
    head.replaceChildren(...headOf(card));
    write(by, whose(card));
    open.setAttribute("aria-current", String(desk.active === card.id));
    time.dataset.running = card.taken_at ?? "";
    time.dataset.since = card.taken_at ? "" : card.entered_at;
    tick(time);
  };
  return { element: make("li", {}, open), update };
}

function callbackView(callback, desk) {
  const act = (status) => button("button", words.callback[status], () => desk.settleCallback(callback.reference, status));
  const late = callback.late ? make("span.tag.bad", {}, words.late) : null;
  const element = make(
    "li.callback",
    {},
    make("span.head", {}, make("span.name", {}, make("strong", {}, callback.telephone), late), make("span.about", {}, callback.matter?.name ?? callback.matter ?? "")),
    make("span.last", {}, `${callback.reference} · ${words.promised(timeOf(callback.promised_by))}`),
    make("span.acts", {}, ...Object.keys(words.callback).map(act)),
  );
  return { element };
}

/** Brings one time on the screen up to now; called each second for all of them. */
export function tick(element) {
  const { since, offer, until, running } = element.dataset;
  if (since) write(element, words.waited(secondsSince(since)));
  else if (offer) write(element, words.offerLeft(secondsUntil(offer)));
  else if (until) write(element, secondsUntil(until) < 90 ? lasted(secondsUntil(until)) : "");
  else if (running) write(element, lasted(secondsSince(running)));
  else write(element, "");
}

/** All times on the screen. */
export const TICKING = "[data-since], [data-offer], [data-until], [data-running]";
