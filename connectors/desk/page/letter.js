/** A letter that could not be delivered, and what to do with it. */

import { make, button } from "/page/element.js";

const KINDS = { submit: "提交办件", supplement: "补交材料", withdraw: "撤件", revoke: "撤回授权", result: "取结果文件" };
let made = 0;

/** The card of a dead letter. `decide(card, decision, done)` stores a decision. */
export function letterOf(letter, decide) {
  const id = `reason-${(made += 1)}`;
  const reason = make("input", { id, maxlength: "300", placeholder: "比如：已在窗口办好" });
  const card = make("article.card", { "aria-label": titleOf(letter) });
  const again = () => decide(card, { letters: [letter.id], action: "send_again" }, "又去交了。");
  const drop = () => {
    if (reason.value.trim()) return decide(card, { letters: [letter.id], action: "drop", reason: reason.value.trim() }, "不再交了。");
    card.querySelector(".problem").textContent = "不再交要写个原因。";
    reason.focus();
  };
  card.append(
    make("h2", {}, titleOf(letter)),
    make("p.soft", {}, `${letter.case} · ${timeOf(letter.created_at)} · 试了 ${letter.attempts} 次`),
    make("p", {}, letter.error),
    button("button.main", "再交一次", again),
    make("label", { for: id }, "不再交的原因"),
    make("div.row", {}, reason, button("button", "不再交", drop)),
    make("p.problem", { role: "alert" }),
  );
  return card;
}

/** The line of a letter that is tried again by itself. */
export function triedOf(letter) {
  const when = `${timeOf(letter.created_at)} 起试了 ${letter.attempts} 次，下一次 ${timeOf(letter.due_at)}`;
  return make("article.card", {}, make("p", {}, titleOf(letter)), make("p.soft", {}, `${letter.case} · ${when} · ${letter.error}`));
}

/** The line of a case that should be decided already. */
export function overdueOf(one) {
  return make("article.card", {}, make("p", {}, one.matter), make("p.soft", {}, `${one.case} · 平台编号 ${one.number} · 应在 ${one.due_on} 办好`));
}

function titleOf(letter) {
  const kind = KINDS[letter.kind] || letter.kind;
  return letter.matter ? `${letter.matter}：${kind}` : kind;
}

function timeOf(moment) {
  return new Date(moment).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
}
