/** A table of figures as the server tells it: seconds, shares and counts in words. */

import { make } from "/page/element.js";

const MINUTE = 60;
const HOUR = 3600;

/** 80 → 1分20秒, 45 → 45秒, 3700 → 1小时1分. */
export function seconds(value) {
  const whole = Math.round(value);
  if (whole < MINUTE) return `${whole}秒`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}分${whole % MINUTE ? `${whole % MINUTE}秒` : ""}`;
  return `${Math.floor(whole / HOUR)}小时${Math.floor((whole % HOUR) / MINUTE)}分`;
}

export function shown(value, unit) {
  if (value === null || value === undefined) return "—";
  if (unit === "s") return seconds(value);
  return unit === "%" ? `${value}%` : String(value);
}

/** One table with its heading and a link to its CSV, or a line when there is nothing in it. */
export function tableOf(table, query) {
  const id = `table-${table.name}`;
  const csv = make("a", { href: `/desk/api/figures/${table.name}.csv?${query}`, download: `${table.name}.csv`, "aria-label": `${table.title}，下载 CSV` }, "下载 CSV");
  const title = make("header", {}, make("h2", { id }, table.title), table.rows.length ? csv : "");
  const content = table.rows.length
    ? make("div.scroll", { tabindex: "0", role: "region", "aria-labelledby": id }, gridOf(table, id))
    : make("p.soft", {}, "这些天没有。");
  return make("section.figures", {}, title, content);
}

function gridOf(table, id) {
  const heads = table.columns.map((column) => make("th", { scope: "col" }, column.label));
  const rows = table.rows.map((row) =>
    make("tr", {}, ...table.columns.map((column, place) => cellOf(shown(row[column.key], column.unit), place))),
  );
  return make("table", { "aria-labelledby": id }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}

function cellOf(text, place) {
  return place ? make("td", {}, text) : make("th", { scope: "row" }, text);
}
