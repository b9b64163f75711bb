/** One link: its code drawn, what it leads to, how often it was scanned, its poster to print. */

import { make } from "/page/element.js";

const KINDS = { matter: "事项", office: "窗口", bundle: "一件事" };

/** A card; `end(code)` takes the poster down. */
export function cardOf(link, end) {
  const { code, name, kind, place, region_name: where, elder, url } = link;
  const title = make("h3", { id: `link-${code}` }, name);
  const facts = [KINDS[kind], where, place || "没写贴在哪里", elder ? "长辈版" : ""].filter(Boolean).join(" · ");
  const counted = make("p", {}, `这些天扫了 ${link.scans} 次，一共 ${link.scans_ever} 次`);
  const drawing = make("img.drawing", { src: `/desk/api/links/${code}/qr`, alt: `二维码，打开 ${url}`, width: 120, height: 120 });
  const posters = ["A4", "A3"].map((size) =>
    make("a", { href: `/desk/api/links/${code}/poster?size=${size}`, target: "_blank", rel: "noopener", "aria-label": `${name}，海报 ${size}` }, `海报 ${size}`),
  );
  const take = make("button", { type: "button", "aria-label": `${name}，不用了`, onclick: () => end(code, card) }, "不用了");
  const about = make("div.about", {}, title, make("p.soft", {}, facts), make("p.soft", {}, url), counted, make("div.actions", {}, ...posters, take));
  const card = make("article.card.link", { "aria-labelledby": `link-${code}` }, drawing, about, daysOf(link.days));
  return card;
}

function daysOf(days) {
  if (!days.length) return "";
  const rows = days.map(({ day, scans }) => make("tr", {}, make("th", { scope: "row" }, day), make("td", {}, `${scans} 次`)));
  return make("details.days", {}, make("summary", {}, "一天一天看"), make("table", {}, make("tbody", {}, ...rows)));
}
