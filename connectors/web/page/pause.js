/** Waiting between two tries: longer each time, and over at once when there is a reason to try now. */
const FIRST_SECONDS = 0.6;
const LONGEST_SECONDS = 20;

/** Seconds before try number `attempt` (from 1): doubling, with chance: many phones must not return together. */
export function backoff(attempt) {
  const seconds = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (attempt - 1));
  return seconds * (0.75 + Math.random() / 2);
}

/** A wait that can be ended early. */
export class Pause {
  #end = () => {};

  /** Resolves after `seconds`, or when `end()` is called. */
  wait(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait that is on, if there is one. */
  end() {
    this.#end();
  }
}
