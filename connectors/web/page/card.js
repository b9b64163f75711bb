/** A matter as a card: what it is, and its guide in sections that fold. */
import { make } from "./element.js";
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

/** The first section is open: what most people came for, and a sign that the others open too. */
function section({ title, lines }, index) {
  return make(
    "details",
    index === 0 ? { open: "" } : {},
    make("summary", {}, title),
    make("ul", {}, ...lines.map((line) => make("li", {}, line))),
    callLinks(lines.join("\n")),
  );
}

function rhyme(lines) {
  const verse = make("div.verse", {}, ...lines.map((line) => make("p", {}, line)));
  return make("figure.rhyme", {}, make("figcaption", {}, words.rhyme), verse);
}
