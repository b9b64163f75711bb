/** Two date fields: from a day to a day, in China. */

const DAY = 86_400_000;

/** The day in China, as a date field has it. */
export function dayOf(time) {
  return new Date(time).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}

/** Sets both fields to the last `days` days. */
export function lastDays(since, until, days) {
  until.value = dayOf(Date.now());
  since.value = dayOf(Date.now() - (days - 1) * DAY);
}
