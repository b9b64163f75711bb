/** A complaint that a bad mark made: what it is about, and what was done, which the resident is told. */

import { make } from "/page/element.js";

const MARKS = { 1: "非常不满意", 2: "不满意" };

function day(time) {
  return new Date(new Date(time).getTime() - 1).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric" });
}

/** `handle(card, reference, outcome)` stores it. */
export function complaintOf(complaint, handle) {
  const about = [complaint.office, complaint.agent, complaint.matter].filter(Boolean).join(" · ");
  const late = complaint.late ? make("span.problem", {}, "已经超期") : "";
  const words = make("textarea", { maxlength: "300", required: "", "aria-label": `${complaint.reference}，怎么处理的` });
  const form = make("form", {}, words, make("p.problem", { role: "alert" }), make("button.main", { type: "submit" }, "处理好了，告诉居民"));
  const card = make(
    "article.card",
    { "aria-label": `差评 ${complaint.reference}` },
    make("p", {}, `${complaint.reference} · ${MARKS[complaint.mark]}${complaint.reason_words ? ` · ${complaint.reason_words}` : ""}`),
    make("p.soft", {}, `${about || "没有写明"}，${day(complaint.due_at)}前处理`, late),
    form,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handle(card, complaint.reference, words.value.trim());
  });
  return card;
}
