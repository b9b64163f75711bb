/** A group of near-equal sayings, and the ways to decide about it. */

import { make, button } from "/page/element.js";
import { ask } from "/desk/page/desk.js";

const REASONS = { none: "没听懂", person: "转了人工", not_this: "说不是这个", changed_matter: "改办别的" };
const STATES = { alias: "别名", out_of_scope: "不归我们管", missing: "缺这个事项" };
let made = 0;

/** The card of a group. `decide(element, decision, done)` stores a decision. */
export function groupOf(group, names, decide) {
  const card = make("article.card", { "aria-label": group.sayings[0].text });
  const words = wordsOf(group);
  const chosen = () => [...card.querySelectorAll(".sayings input:checked")].map((box) => Number(box.value));
  const send = (decision, done) => {
    const sayings = chosen();
    if (sayings.length) return decide(card, { sayings, ...decision }, done(sayings.length));
    card.querySelector(".problem").textContent = "一句也没有勾，请先勾上。";
  };
  const accept = ({ code, name }) => {
    const own = chosen().length === 1 && words.value() ? { words: words.value() } : {};
    return send({ state: "alias", matter: code, ...own }, (count) => `${count} 句记成“${name}”的别名，发布目录以后生效。`);
  };
  const refuse = (state) => send({ state }, (count) => `${count} 句记成“${STATES[state]}”。`);
  card.append(
    make("p.soft", {}, counts(group)),
    sayingsOf(group, names, () => words.show(chosen())),
    words.element,
    make("h2", {}, "是哪件事？"),
    make("div.choices", {}, ...group.suggestions.map((one) => matterButton(one, accept))),
    searchOf(accept),
    make("div.choices", {}, ...["out_of_scope", "missing"].map((each) => button("button", STATES[each], () => refuse(each)))),
    make("p.problem", { role: "alert" }),
  );
  words.show(chosen());
  return card;
}

/** The card of a saying that was decided. */
export function decidedOf(saying, names, decide) {
  const card = make("article.card", { "aria-label": saying.text });
  const what = saying.state === "alias" ? `“${names[saying.matter] || saying.matter}”的别名：${saying.alias}` : STATES[saying.state];
  const back = () => decide(card, { sayings: [saying.id], state: "open" }, "撤销了，又要处理了。");
  card.append(
    make("p", {}, saying.text),
    make("p.soft", {}, `${what} · ${saying.decided_by}${saying.note ? ` · ${saying.note}` : ""}`),
    button("button.undo", "撤销", back),
    make("p.problem", { role: "alert" }),
  );
  return card;
}

function counts(group) {
  const reasons = Object.entries(group.reasons).map(([reason, count]) => `${REASONS[reason]} ${count} 次`);
  return `说了 ${group.times} 次：${reasons.join("，")}`;
}

function sayingsOf(group, names, onchange) {
  const lines = group.sayings.map((saying) => {
    const box = make("input", { type: "checkbox", value: saying.id, onchange });
    box.checked = true;
    const shown = saying.shown ? make("span.soft", {}, `答成了：${names[saying.shown] || saying.shown}`) : null;
    return make("label", {}, box, make("span.saying", {}, saying.text), make("span.soft", {}, `${saying.times} 次`), shown);
  });
  return make("div.sayings", { role: "group", "aria-label": "居民的话" }, ...lines);
}

/** What becomes the alias, to be mended where a single saying is ticked. */
function wordsOf(group) {
  const id = `words-${(made += 1)}`;
  const field = make("input", { id, maxlength: "60" });
  const element = make("div.words", {}, make("label", { for: id }, "别名写成"), field);
  const show = (sayings) => {
    element.hidden = sayings.length !== 1;
    const saying = group.sayings.find((each) => each.id === sayings[0]);
    if (!element.hidden && field.dataset.saying !== String(saying.id)) field.value = saying.words;
    if (saying) field.dataset.saying = saying.id;
  };
  return { element, show, value: () => field.value.trim() };
}

function matterButton(one, accept) {
  const likely = one.score === null || one.score >= 0.3;
  const why = one.score === null ? "居民最后办的" : `像 ${Math.round(one.score * 100)}%`;
  return button(likely ? "button.matter.likely" : "button.matter", `${one.name}（${why}）`, () => accept(one));
}

function searchOf(accept) {
  const id = `search-${(made += 1)}`;
  const field = make("input", { id, type: "search", placeholder: "事项的名称或编码", enterkeyhint: "search" });
  const found = make("div.choices", { "aria-live": "polite" });
  const search = async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    try {
      const matters = await ask("GET", `review/matters?q=${encodeURIComponent(field.value)}`);
      found.replaceChildren(...matters.map((one) => button("button.matter", one.name, () => accept(one))));
      if (!matters.length) found.textContent = "没有找到。";
    } catch (error) {
      found.textContent = error.message;
    }
  };
  const row = make("div.row", {}, field, make("button", { type: "submit" }, "找"));
  return make("form.search", { onsubmit: search }, make("label", { for: id }, "别的事项"), row, found);
}
