/** Logs in, in two steps where one must; sets the second step up; or leads to the county's single sign-on. */

import { ask } from "/desk/page/desk.js";
import { words } from "/desk/page/words.js";

const part = (id) => document.getElementById(id);
const [form, setup, problem] = [part("login"), part("setup"), part("problem")];

/** Sends a form by `send()`; a problem is said, `trouble(error)` puts the form right. */
async function submit(event, send, trouble) {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  problem.textContent = "";
  try {
    await send();
  } catch (error) {
    problem.textContent = error.name === "code_needed" ? "" : error.message;
    trouble(error);
  } finally {
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => submit(event, logIn, askAgain));
setup.addEventListener("submit", (event) => submit(event, confirm, () => setup.elements.code.select()));

async function logIn() {
  const { name, password, code } = form.elements;
  const wanted = { name: name.value.trim(), password: password.value, ...(code.value && { code: code.value }) };
  await goOn(await ask("POST", "session", wanted));
}

/** Where one must set up the second step first, that; else to one's work. */
async function goOn(me) {
  if (!me.setup_needed) return location.assign("/desk");
  const begun = await ask("POST", "session/totp", {});
  [form.hidden, setup.hidden] = [true, false];
  part("setup-hint").textContent = words.login.setup;
  part("secret").textContent = words.login.secret(begun.secret);
  part("qr").src = `data:image/svg+xml,${encodeURIComponent(begun.qr.replace(/^<svg (?!xmlns)/, '<svg xmlns="http://www.w3.org/2000/svg" '))}`;
  setup.elements.code.focus();
}

async function confirm() {
  await ask("PUT", "session/totp", { code: setup.elements.code.value });
  location.assign("/desk");
}

function askAgain({ name }) {
  const isCode = name === "code_needed" || name === "code_refused";
  if (isCode) part("code-hint").textContent = words.login.code;
  part("code-step").hidden = !isCode && part("code-step").hidden;
  form.elements.code.value = "";
  form.elements.code.required = !part("code-step").hidden;
  form.elements[isCode ? "code" : "password"].focus();
  if (!isCode) form.elements.password.select();
}

async function showOtherWay() {
  const { single_sign_on: other } = await ask("GET", "sign-in").catch(() => ({}));
  if (!other) return;
  Object.assign(part("single"), { href: other.path, textContent: other.label, hidden: false });
}

problem.textContent = words.login.wrong[new URLSearchParams(location.search).get("problem")] ?? "";
showOtherWay();
// Sent here by a page because the second step is missing: there is a session already.
ask("GET", "session").then((me) => me.setup_needed && goOn(me), () => null);
