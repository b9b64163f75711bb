/** The desk's requests. Who is not logged in is sent to the login; any other problem is a Problem with its sentence. */

import { hearDate } from "/desk/page/clock.js";

const LOGIN = "/desk/login";
const UNREACHABLE = "连不上，请看看网络，再点一次。";
const ANSWER_WITHIN_SECONDS = 30;
const BUSY = [408, 425, 429];

/** What the server (or the network) says against it: `name`, `content` (the problem's JSON); `message` can be shown. */
export class Problem extends Error {
  constructor(status, content = {}, seconds = 0) {
    super(content.detail || UNREACHABLE);
    this.status = status;
    this.content = content;
    this.name = (content.type ?? "").split(":").pop() || (status ? "unknown" : "unreachable");
    this.seconds = seconds;
  }

  /** Whether the same again later is right: no answer, or a busy or broken server. */
  get isPassing() {
    return this.status === 0 || this.status >= 500 || BUSY.includes(this.status);
  }
}

/** Sends `body` (undefined: nothing) and gives the answer's JSON, or null where there is none. Raises Problem. */
export async function ask(method, path, body) {
  const answer = await send(method, path, body);
  hearDate(answer.headers.get("Date"));
  if (answer.status === 204) return null;
  const content = await read(answer);
  if (answer.ok) return content;
  const problem = new Problem(answer.status, content, Number(answer.headers.get("Retry-After")) || 0);
  if (answer.status === 401 || problem.name === "setup_needed") toLogin();
  throw problem;
}

/** To the login, which leads back; unless that is where we are. */
export function toLogin() {
  if (location.pathname !== LOGIN) location.assign(LOGIN);
}

async function send(method, path, body) {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  try {
    return await fetch(`/desk/api/${path}`, { method, signal: AbortSignal.timeout(ANSWER_WITHIN_SECONDS * 1000), ...json });
  } catch {
    throw new Problem(0);
  }
}

/** An answer that breaks off in the middle is no answer. */
async function read(answer) {
  try {
    return await answer.json();
  } catch {
    if (answer.ok) throw new Problem(0);
    return {};
  }
}
