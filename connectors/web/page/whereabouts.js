/** Where the telephone is: asked for at a tap, used for one answer. Asked for by import, since few want it. */
import { words } from "./words.js";

const WAIT = 15_000;

/** The choice that tells the place, about a dozen metres exact. Throws an Error that says what to do instead. */
export function nearestChoice() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) {
      reject(new Error(words.noPlace));
      return;
    }
    const told = ({ coords }) => resolve(`find_nearest:${coords.latitude.toFixed(4)}:${coords.longitude.toFixed(4)}`);
    const refused = ({ code, PERMISSION_DENIED }) => reject(new Error(code === PERMISSION_DENIED ? words.placeRefused : words.noPlace));
    navigator.geolocation.getCurrentPosition(told, refused, { timeout: WAIT, maximumAge: 60_000 });
  });
}
