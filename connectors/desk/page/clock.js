/** The server's time: a PC at a window may be minutes wrong, and a clock that is set must not make anybody wait longer. */

let ahead = Date.now() - performance.now();
let heard = false;

/** Takes the Date header of an answer: the first, and later ones only if we are more than 2 s off (it has no fractions). */
export function hearDate(header) {
  const at = Date.parse(header ?? "");
  if (Number.isNaN(at)) return;
  const now = at + 500 - performance.now();
  if (heard && Math.abs(now - ahead) < 2000) return;
  ahead = now;
  heard = true;
}

/** Milliseconds since 1970, by the server's clock. */
export function now() {
  return performance.now() + ahead;
}

/** Seconds since `at` (ISO 8601), never below 0. */
export function secondsSince(at) {
  return Math.max(0, Math.floor((now() - Date.parse(at)) / 1000));
}

/** Seconds until `at` (ISO 8601), never below 0. */
export function secondsUntil(at) {
  return Math.max(0, Math.ceil((Date.parse(at) - now()) / 1000));
}

/** 7 → "0:07", 3671 → "1:01:11". */
export function lasted(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? `${part}`.padStart(2, "0") : `${part}`)).join(":");
}

/** The time of day, with the date where that is not today. */
export function timeOf(at) {
  const time = new Date(at);
  const clock = time.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const isToday = time.toDateString() === new Date(now()).toDateString();
  return isToday ? clock : `${time.getMonth() + 1}月${time.getDate()}日 ${clock}`;
}
