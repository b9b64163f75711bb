/** The way to the desk's other pages: those that one has the right to see. */

import { make } from "/page/element.js";
import { words } from "/desk/page/words.js";

const PAGES = { answer: "chats", window: "window", review: "review", outbox: "outbox", figures: "figures", links: "links", visits: "visits", supervise: "reveals", appointments: "appointments", tickets: "tickets", offices: "offices", proxies: "proxies" };

/** Links for `rights`, without the page one is on. */
export function menuOf(rights) {
  const pages = Object.entries(PAGES).filter(([right]) => rights.includes(right));
  const others = pages.filter(([, page]) => location.pathname !== `/desk/${page}`);
  return others.map(([right, page]) => make("a", { href: `/desk/${page}` }, words.menu[page] ?? words.menu[right]));
}
