/** Small windows over the page: the browser's own dialog, which holds the focus and closes by Escape. */

import { button, make } from "/page/element.js";
import { labelled } from "/desk/page/keyed.js";
import { words } from "/desk/page/words.js";

/**
 * Shows a form in a dialog. `submit()` does its work; a problem is shown and the dialog stays open.
 * Resolves to what `submit` gave, or null when it was closed.
 */
export function formDialog(title, parts, label, submit, wide = false) {
  return new Promise((resolve) => {
    let result = null;
    const problem = make("p.problem", { role: "alert" });
    const go = make("button.main", { type: "submit" }, label);
    const form = make("form", {}, ...parts, problem, make("div.acts", {}, go, button("button", words.cancel, () => dialog.close())));
    const dialog = shown(title, [form], () => resolve(result), wide);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      problem.textContent = "";
      try {
        result = (await submit()) ?? true;
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
      }
      go.disabled = false;
    });
  });
}

/** Shows `parts` in a dialog; `closed()` afterwards. */
export function shown(title, parts, closed = () => {}, wide = false) {
  const heading = make("h2", { id: "dialog-title" }, title);
  const close = button("button.close", "×", () => dialog.close());
  close.setAttribute("aria-label", words.dismiss);
  const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, make("header", {}, heading, close), ...parts);
  dialog.classList.toggle("wide", wide);
  document.querySelectorAll("dialog").forEach((other) => other.close());
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input, select, textarea, .main")?.focus();
  return dialog;
}

/** A field of several lines with its label. */
export function area(text, rows = 3, more = {}) {
  const field = make("textarea", { rows: `${rows}`, maxlength: "1000", ...more });
  return { field, element: labelled(text, field) };
}

/** A choice with its label; `options`: [[value, text]]. */
export function select(text, options) {
  const field = make("select", {}, ...options.map(([value, shownAs]) => make("option", { value }, shownAs)));
  return { field, element: labelled(text, field) };
}
