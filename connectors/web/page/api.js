/** The HTTP contract: JSON in, JSON out; errors named by what the page has to do about them. */
const BASE = "/api/v1/conversations";
const ANSWER_WITHIN_SECONDS = 30;
const FILE_WITHIN_SECONDS = 120; // up a village's line, and then it is looked at
const BUSY = [408, 409, 425, 429];
const GONE = [401, 403, 404];

/** The conversation `id` is not there for us any more (401, 403, 404): a new one is needed. */
export class ConversationGone extends Error {
  constructor(id) {
    super(id);
    this.id = id;
  }
}

/** The server will never take this (400, 413, 422 …): `message` is the problem's detail, for the resident. */
export class Refused extends Error {}

/** No answer, or a busy or broken server: the same again later is right. `seconds`: how long it asks to wait. */
export class TryAgain extends Error {
  constructor(message, seconds = 0) {
    super(message);
    this.seconds = seconds;
  }
}

/** A new conversation, of a poster's code where one was scanned: {id, token, replies?, region?, elder?}. */
export function openConversation(elder, region, link) {
  return request("POST", null, "", { channel: "web", elder, ...(region && { region }), ...(link && { link }) });
}

/** The conversation that a link carries over to this page: {id, token}. Works once. */
export function takeOver(secret) {
  return request("POST", null, "/carried", { secret });
}

/** A code and a link with which the conversation goes on elsewhere: {code, say, expires_at, link}. */
export function offerElsewhere(key) {
  return request("POST", key, "/carry", {});
}

/** The last messages: {messages: [{seq, from, at, text, reply}], elder, mode, region?}. */
export function readTranscript(key) {
  return request("GET", key, "/messages");
}

/** Sends {id, text} or {id, choice}: {replies, mode}. The same id again gives the same answer. */
export function postMessage(key, message) {
  return request("POST", key, "/messages", message);
}

/** Sends a file as one message: {replies, mode}. The same id again gives the same answer. */
export function postFile(key, id, file) {
  const form = new FormData();
  form.append("id", id);
  form.append("file", file, file.name || "photo.jpg");
  return request("POST", key, "/messages", form, FILE_WITHIN_SECONDS);
}

/** What the service does with speech: {hears, reads, seconds}. */
export function offeredSpeech() {
  return request("GET", null, "", undefined, ANSWER_WITHIN_SECONDS, "/api/v1/speech");
}

/** What a voice should say of a reply: {text, speed}. `open`: the places of a card's unfolded sections. */
export function spokenWords(key, id, open = []) {
  return request("GET", key, `/speech/${id}/words?open=${open.join(",")}`);
}

/** The address of a reply's recording, for the browser itself. */
export function recordingAddress(key, id, open = []) {
  return `${BASE}/${key.id}/speech/${id}?open=${open.join(",")}&token=${encodeURIComponent(key.token)}`;
}

/** Tells that the page has everything up to `number`. Nothing depends on it here: a failure is let be. */
export function tellHeard(key, number) {
  return request("POST", key, "/heard", { number }).catch(() => {});
}

/** Calls the person who has the conversation: {call}. A call that is open stays the one. */
export function openCall(key) {
  return request("POST", key, "/call", {});
}

/** The conversation's open call: {call}, null when there is none. */
export function currentCall(key) {
  return request("GET", key, "/call");
}

/** The address under which the browser itself opens one of the conversation's files. */
export function fileAddress(key, url) {
  return url.startsWith(BASE) && key ? `${url}?token=${encodeURIComponent(key.token)}` : url;
}

/** Stores whether the resident wants the elder version. */
export function storeElder(key, elder) {
  return request("PATCH", key, "", { elder });
}

/** The stream of what staff and reminders send after `seq`: a Response whose body is being sent. */
export async function openEvents(key, seq, signal) {
  // fetch, not EventSource: that one gives up for good at a 503, and would put the token into the address.
  const wanted = { ...headers(key), Accept: "text/event-stream", "Last-Event-ID": `${seq}` };
  const response = await reach(`${BASE}/${key.id}/events`, { headers: wanted, signal });
  if (!response.ok) throw await problem(response, key.id);
  return response;
}

/** `key` is {id, token} of the conversation, null when there is none yet. */
async function request(method, key, path, body, seconds = ANSWER_WITHIN_SECONDS, base = BASE) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), seconds * 1000);
  const address = `${base}${key ? `/${key.id}` : ""}${path}`;
  const content = body instanceof FormData ? body : body && JSON.stringify(body);
  const options = { method, headers: headers(key, body), body: content, signal: giveUp.signal };
  try {
    const response = await reach(address, options);
    if (!response.ok) throw await problem(response, key?.id);
    return await json(response);
  } finally {
    clearTimeout(timer);
  }
}

function headers(key, body) {
  return {
    ...(key && { Authorization: `Bearer ${key.token}` }),
    ...(body && !(body instanceof FormData) && { "Content-Type": "application/json" }),
  };
}

async function reach(address, options) {
  try {
    return await fetch(address, { cache: "no-store", ...options });
  } catch (error) {
    throw new TryAgain(error.message);
  }
}

/** An answer that breaks off in the middle is no answer. */
async function json(response) {
  if (response.status === 204) return {};
  try {
    return await response.json();
  } catch (error) {
    throw new TryAgain(error.message);
  }
}

async function problem(response, id) {
  const { status } = response;
  const after = Number(response.headers.get("Retry-After")) || 0;
  if (id && GONE.includes(status)) return new ConversationGone(id);
  if (status >= 500 || BUSY.includes(status)) return new TryAgain(`${status}`, after);
  const { detail, title } = await response.json().catch(() => ({}));
  return new Refused(detail || title || "");
}
