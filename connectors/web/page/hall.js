/** The screen of a hall: asks every few seconds who is called where; what was called last is marked and said. */

import { announce, showSound } from "/page/hall-voice.js";
import { make } from "/page/element.js";

const EVERY = 3000;
const FRESH = 30000;
const part = (id) => document.getElementById(id);

function rowOf({ label, window, seconds }) {
  return make(seconds * 1000 < FRESH ? "tr.fresh" : "tr", {}, make("td", {}, label), make("td", {}, window));
}

function show({ office, calls, next, waiting }) {
  document.title = `${office} · 叫号`;
  part("office").textContent = office;
  part("calls").replaceChildren(...calls.map(rowOf));
  part("none").hidden = calls.length > 0;
  part("next").textContent = next.length ? next.join("　") : "没有人在等";
  part("waiting").textContent = `一共 ${waiting} 位在等。没叫到的，请坐着等，看屏幕或者手机。`;
}

async function look() {
  try {
    const response = await fetch(`${location.pathname}/calls`, { cache: "no-store" });
    if (!response.ok) throw new Error(response.status);
    const told = await response.json();
    show(told);
    announce(told);
    part("state").textContent = "";
  } catch {
    part("state").textContent = "屏幕连不上了，以窗口喊的号为准。";
  }
  part("clock").textContent = new Date().toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
  setTimeout(look, EVERY);
}

showSound();
look();
