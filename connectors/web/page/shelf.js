/** What this phone keeps between visits, as JSON in localStorage. */
const PREFIX = "bangban.";

/** A browser may forbid storage (private windows): then things last until the page closes. */
const spare = new Map();

/** The value kept under `key`, or `otherwise`. */
export function kept(key, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key)) ?? otherwise;
  } catch {
    return spare.get(key) ?? otherwise;
  }
}

/** Keeps `value`, or drops the key when it is null. */
export function keep(key, value) {
  spare.set(key, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // The spare copy has it.
  }
}
