/** The desk's requests. Who is not logged in is sent to the login; any other problem is an Error with its sentence. */

const LOGIN = "/desk/login";
const UNREACHABLE = "连不上，请看看网络，再点一次。";

/** Sends `body` (undefined: nothing) and gives the answer's JSON, or null where there is none. */
export async function ask(method, path, body) {
  const answer = await send(method, path, body);
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  if (answer.status === 401 && location.pathname !== LOGIN) location.assign(LOGIN);
  throw new Error(content.detail || UNREACHABLE);
}

async function send(method, path, body) {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  try {
    return await fetch(`/desk/api/${path}`, { method, ...json });
  } catch {
    throw new Error(UNREACHABLE);
  }
}
