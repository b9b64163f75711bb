/** The chats on the screen: as many side by side as there is room for. */

import { make } from "/page/element.js";
import { Column } from "/desk/page/column.js";
import { words } from "/desk/page/words.js";

const COLUMN_PIXELS = 330;

export class Columns {
  #place;
  #work;
  #all = new Map();
  #recent = [];
  #hint = make("p.soft.hint", {}, words.noChat);

  /** `place`: the element they stand in. */
  constructor(place, work) {
    [this.#place, this.#work] = [place, work];
    place.append(this.#hint);
    new ResizeObserver(() => this.arrange()).observe(place);
  }

  /** The column of a chat, or undefined. */
  of(id) {
    return this.#all.get(id);
  }

  /** Shows a chat that was not on the screen. */
  add(chat) {
    const column = new Column(chat, this.#work);
    this.#all.set(chat.id, column);
    this.#recent.push(chat.id);
    this.#place.append(column.element);
    this.arrange();
    column.toEnd();
  }

  /** Takes a chat away; the one that was in front before it, or undefined. */
  remove(id) {
    this.#all.get(id)?.element.remove();
    this.#all.delete(id);
    this.#recent = this.#recent.filter((each) => each !== id);
    this.arrange();
    return this.#recent[0];
  }

  /** A chat comes to the front: of those that have no room it is the last to go. */
  raise(id) {
    this.#recent = [id, ...this.#recent.filter((each) => each !== id)];
    this.arrange();
  }

  /** Draws all of them. */
  update() {
    for (const column of this.#all.values()) column.update();
  }

  /** What changes by itself. */
  tick() {
    for (const column of this.#all.values()) column.tick();
  }

  /** My chats in the order of the list, then the others that are open. */
  order() {
    const mine = this.#work.store.mine.map(({ id }) => id);
    return [...mine, ...[...this.#all.keys()].filter((id) => !mine.includes(id))];
  }

  /** Those that were last in front stand side by side, in the order of the list. */
  arrange() {
    const room = Math.max(1, Math.floor(this.#place.clientWidth / COLUMN_PIXELS));
    const shown = this.#recent.slice(0, room);
    const order = this.order();
    for (const [id, column] of this.#all) {
      const wasHidden = column.element.hidden;
      column.element.hidden = !shown.includes(id);
      column.element.style.order = order.indexOf(id);
      if (wasHidden && !column.element.hidden) column.toEnd();
    }
    this.#hint.hidden = this.#all.size > 0;
  }
}
