/** Copying a text, and saying on the button whether that was done. */
import { button, make } from "./element.js";
import { words } from "./words.js";

/** A button that copies `text`. */
export function copyButton(label, text) {
  return button("button.copy", label, ({ currentTarget }) => copyText(text, currentTarget, label));
}

async function copyText(text, copy, label) {
  copy.textContent = (await written(text)) ? words.copied : words.notCopied;
  setTimeout(() => (copy.textContent = label), 2000);
}

/** navigator.clipboard is missing without TLS, and may be forbidden: then the old way. */
async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text);
  }
}

function copiedTheOldWay(text) {
  const field = make("textarea.unseen", { "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
