/** The search in transcripts. */

import { button, make } from "/page/element.js";
import { timeOf } from "/desk/page/clock.js";
import { ask } from "/desk/page/desk.js";
import { shown } from "/desk/page/dialog.js";
import { labelled, write } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

/** Opens the search; a line that was found opens its chat there. */
export function search(desk) {
  const field = make("input", { enterkeyhint: "search", required: "", maxlength: "100" });
  const [state, list] = [make("p.soft", { role: "status" }), make("ul.found-lines")];
  const more = button("button", words.more, () => find(next));
  more.hidden = true;
  let [next, asked] = [null, ""];
  const form = make("form.row", {}, labelled(words.searchFor, field), make("button.main", { type: "submit" }, words.doSearch));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asked = field.value.trim();
    list.replaceChildren();
    if (asked) find(null);
  });

  async function find(before) {
    try {
      const answer = await ask("GET", `search?${new URLSearchParams({ q: asked, ...(before && { before }) })}`);
      next = answer.next;
      list.append(...answer.found.map(lineOf));
      write(state, words.found(list.children.length));
      more.hidden = next === null;
    } catch (error) {
      write(state, error.message);
    }
  }

  function lineOf({ chat, line, matter, at }) {
    const open = button("button", "", () => {
      dialog.close();
      desk.open(chat, line.seq);
    });
    open.append(make("span.foot", {}, [timeOf(at ?? line.at), words.speakers[line.from], matter?.name].filter(Boolean).join(" · ")), make("span", {}, ...marked(line.text, asked)));
    return make("li", {}, open);
  }

  const dialog = shown(words.searchTitle, [form, state, list, more], () => {}, true);
}

/** The text with what was asked for marked, cut to what stands around its first place. */
function marked(text, asked) {
  const at = text.toLowerCase().indexOf(asked.toLowerCase());
  if (at < 0) return [text.slice(0, 120)];
  const from = Math.max(0, at - 30);
  return [`${from ? "…" : ""}${text.slice(from, at)}`, make("mark", {}, text.slice(at, at + asked.length)), text.slice(at + asked.length, at + asked.length + 80)];
}
