/** Logs in and goes on to the review. */

import { ask } from "/desk/page/desk.js";

const form = document.getElementById("login");
const problem = document.getElementById("problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  problem.textContent = "";
  try {
    await ask("POST", "session", { name: form.elements.name.value.trim(), password: form.elements.password.value });
    location.assign("/desk/review");
  } catch (error) {
    problem.textContent = error.message;
    form.elements.password.select();
  } finally {
    button.disabled = false;
  }
});
