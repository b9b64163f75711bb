/** What the desk knows of its chats: begun from one answer, kept up by the numbered events of the live feed. */

const IN_QUEUE = ["waiting", "offered"];
/** So many lines come at once. */
const A_PAGE = 50;
/** Ways to see a chat in which it may be taken. A server that does not say has only sent what may be taken. */
const TAKEABLE = [undefined, null, "queue", "agent"];

export class Store {
  me = null;
  cards = new Map();
  questions = new Map();
  /** The chats that were opened: Card, and packet, messages, notes, questions, form, papers, history, sees. */
  chats = new Map();
  unread = new Map();
  /** What was said last in each chat, as far as it was heard here. */
  last = new Map();

  /** Takes the answer of `GET chats`. */
  begin({ me, mine, waiting, beside = [], running = [], elsewhere = [] }) {
    this.me = me;
    this.cards = new Map([...elsewhere, ...running, ...waiting, ...mine].map((card) => [card.id, card]));
    this.questions = new Map(beside.map((question) => [question.id, question]));
    for (const card of this.cards.values()) this.#update(card);
  }

  /** My chats, the oldest first. */
  get mine() {
    return this.#listed((card) => this.isMine(card), "taken_at");
  }

  /** What may be taken, first what is offered to me, then by its place. */
  get waiting() {
    const found = this.#listed((card) => IN_QUEUE.includes(card.state) && TAKEABLE.includes(card.sees), "entered_at");
    return [...found.filter((card) => this.isOffered(card)), ...found.filter((card) => !this.isOffered(card))];
  }

  /** What others have, where one may see that. */
  get running() {
    if (!this.me?.rights.includes("supervise")) return [];
    return this.#listed((card) => card.state === "taken" && !this.isMine(card), "taken_at");
  }

  /** What people in WeCom answer, with those who wait for them. */
  get elsewhere() {
    return this.#listed((card) => card.state === "elsewhere", "entered_at");
  }

  /** Questions to me or my office. */
  get beside() {
    return [...this.questions.values()].sort((one, other) => one.asked_at.localeCompare(other.asked_at));
  }

  /** How many words of residents nobody here has looked at. */
  get unreadTotal() {
    return [...this.unread.values()].reduce((sum, count) => sum + count, 0);
  }

  isMine(card) {
    return card?.state === "taken" && card.taken_by?.staff === this.me?.id;
  }

  isOffered(card) {
    return card.state === "offered" && card.offered_to === this.me?.id;
  }

  /** A chat as `GET chats/{id}` tells it. What the feed brought meanwhile stays. */
  open(chat) {
    const known = this.chats.get(chat.id);
    const messages = merged(known?.messages ?? [], chat.messages);
    if (messages.length) this.last.set(chat.id, messages.at(-1).text);
    const more = known?.more ?? chat.messages.length >= A_PAGE;
    this.chats.set(chat.id, { ...chat, more, messages, notes: byId([...chat.notes, ...(known?.notes ?? [])]) });
  }

  /** More lines of an opened chat. */
  add(id, lines) {
    const chat = this.chats.get(id);
    if (chat) chat.messages = merged(chat.messages, lines);
  }

  /** Lines before those that are here; `more`: there are others before them. */
  older(id, lines, more) {
    this.add(id, lines);
    Object.assign(this.chats.get(id) ?? {}, { more });
  }

  /** A note of an opened chat. */
  note(id, note) {
    const chat = this.chats.get(id);
    if (chat) chat.notes = byId([...chat.notes, note]);
  }

  /** An event of the feed: `{what, chat, by, details, card, line, note, question}`. */
  take(event) {
    if (event.chat) this.#takeCard(event);
    if (event.line) this.#heard(event.chat, event.line);
    if (event.note) this.note(event.chat, event.note);
    if (event.question) this.#question(event.question);
    if (event.what === "delivered" || event.what === "failed") this.#delivery(event);
    if (event.what === "duty" && event.details.agent?.staff === this.me.id) this.me.agent = event.details.agent;
  }

  /** A card that an answer brought. */
  put(card) {
    this.cards.set(card.id, card);
    this.#update(card);
  }

  #heard(id, line) {
    this.last.set(id, line.text);
    this.add(id, [line]);
  }

  #takeCard({ chat, card }) {
    if (card) this.put(card);
    else this.cards.delete(chat);
    if (!this.isMine(card)) this.unread.delete(chat);
  }

  /** What an opened chat says of itself is that of its card, which is newer. */
  #update(card) {
    const chat = this.chats.get(card.id);
    if (chat) Object.assign(chat, card);
  }

  #question(question) {
    const chat = this.chats.get(question.chat);
    if (chat) chat.questions = byId([...chat.questions.filter(({ id }) => id !== question.id), question]);
    if (question.answer || question.asked_by.staff === this.me.id) this.questions.delete(question.id);
    else this.questions.set(question.id, question);
  }

  #delivery({ what, chat, details: { number } }) {
    const told = ({ seq }) => (what === "delivered" ? seq <= number : seq === number);
    for (const line of this.chats.get(chat)?.messages ?? []) {
      if (line.delivery && told(line)) line.delivery = what;
    }
  }

  #listed(fits, by) {
    const found = [...this.cards.values()].filter(fits);
    return found.sort((one, other) => (one[by] ?? "").localeCompare(other[by] ?? ""));
  }
}

/** Lines by their number, each once; the newer word about one counts, but what was delivered stays so. */
function merged(known, more) {
  const lines = new Map(known.map((line) => [line.seq, line]));
  for (const line of more) {
    const before = lines.get(line.seq)?.delivery;
    lines.set(line.seq, { ...line, delivery: before === "delivered" ? before : line.delivery });
  }
  return [...lines.values()].sort((one, other) => one.seq - other.seq);
}

function byId(list) {
  const found = new Map(list.map((one) => [one.id, one]));
  return [...found.values()].sort((one, other) => (one.at ?? one.asked_at).localeCompare(other.at ?? other.asked_at));
}
