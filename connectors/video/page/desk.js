/** A page with nothing but a call: /desk/call/{id}. */
import { make } from "/page/element.js";
import { mountCall } from "/desk/page/call.js";
import { words } from "/call/words.js";

const place = document.getElementById("call");
const said = document.getElementById("said");
const id = location.pathname.split("/").at(-1);

/** Says how it ended, and lets the page be closed or joined again. */
function left(text) {
  said.textContent = text;
  const again = make("button", { type: "button", onclick: () => location.reload() }, words.title);
  place.replaceChildren(again);
}

await mountCall(place, id, { left, photo: ({ replies }) => (said.textContent = replies[0]?.text ?? "") });
