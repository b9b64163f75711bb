/** A matter as a card: what it is, and its guide in sections that fold. */
import { make } from "./element.js";
import { line } from "./lead.js";
import { callLinks } from "./phones.js";
import { words } from "./words.js";

/** `data` is {code, version, name, purpose, verified, sections: [{title, lines}], rhyme: [line]|null}. */
export function card(data) {
  return make(
    "div.card",
    {},
    make("h2", {}, data.name),
    data.purpose ? make("p", {}, data.purpose) : null,
    data.verified === false ? make("p.unverified", {}, words.unverified) : null,
    ...(data.sections ?? []).map(section),
    data.rhyme?.length ? rhyme(data.rhyme) : null,
    make("p.version", {}, words.version(data.code, data.version)),
  );
}

/** What reading aloud says of the `card` that shows `data`: what is unfolded, not minutes of everything. */
export function unfoldedText(card, { name, purpose, sections = [] }) {
  const isOpen = [...card.querySelectorAll("details")].map(({ open }) => open);
  const unfolded = sections.filter((_, index) => isOpen[index]).flatMap(({ title, lines }) => [title, ...lines]);
  return [name, purpose, ...unfolded].filter(Boolean).join("\n");
}

/** The first section is open: what most people came for, and a sign that the others open too. */
function section({ title, lines }, index) {
  return make(
    "details",
    index === 0 ? { open: "" } : {},
    make("summary", { onclick: showUnfolded }, title),
    make("ul", {}, ...lines.map((text) => make("li", {}, ...line(text)))),
    callLinks(lines.join("\n")),
  );
}

/** At the foot of a small screen a section would unfold out of sight. */
function showUnfolded({ currentTarget: { parentElement: section } }) {
  requestAnimationFrame(() => {
    if (!section.open) return;
    const room = section.closest(".log").clientHeight;
    section.scrollIntoView({ block: section.offsetHeight < room ? "nearest" : "start" });
  });
}

function rhyme(lines) {
  const verse = make("div.verse", {}, ...lines.map((line) => make("p", {}, line)));
  return make("figure.rhyme", {}, make("figcaption", {}, words.rhyme), verse);
}
