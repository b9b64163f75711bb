/** What stands beside the words of a reply: values that were filled in, a file to open, a page to go to. */
import { make } from "./element.js";
import { words } from "./words.js";

/** The parts of `data` that the page shows better than words do; `address(url)` adds what opens one of our files. */
export function filledParts(data, address) {
  return [
    data?.values?.length ? values(data.values) : null,
    data?.file ? opener(address(data.file.url), words.openFile(data.file), data.file.name) : null,
    data?.link ? opener(data.link.url, data.link.label) : null,
  ].filter(Boolean);
}

/** [{group, label, value, source}]: a part of the form after the other, each value with where it comes from. */
function values(list) {
  const groups = [...new Set(list.map(({ group }) => group))];
  const rows = (group) => list.filter((one) => one.group === group).flatMap(row);
  const part = (group) => [group ? make("h3", {}, group) : null, make("dl", {}, ...rows(group))];
  return make("div.filled", {}, ...groups.flatMap(part));
}

function row({ label, value, source }) {
  return [make("dt", {}, label), make("dd", {}, `${value} `, make("small", {}, source))];
}

function opener(href, label, name) {
  return make("a.opener", { href, target: "_blank", rel: "noopener noreferrer", ...(name && { title: name }) }, label);
}
