/** The service's HTTP contract, over wx.request: the same as the page uses (/openapi.json). */
const { ConversationGone, Refused, TryAgain } = require("./failures");

const TIMEOUT = 30000;
const GONE = new Set([401, 404]);
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

class Contract {
  /** `platform`: the wx object. `base`: https address of the service, without a slash at the end. */
  constructor(platform, base) {
    this.platform = platform;
    this.base = base.replace(/\/+$/, "");
  }

  /** Exchanges wx.login's code for this person's conversation: {id, token, replies, elder, region}. */
  enter(code, { elder, link, region }) {
    const data = { code, ...(elder && { elder }), ...(link && { link }), ...(region && { region }) };
    return this.#request("POST", "/channels/miniprogram/session", { data });
  }

  /** One message {id, text, spoken?} or {id, choice}; resolves to {replies, mode}. The same id has one effect. */
  say(key, { id, text, choice, spoken }) {
    const data = choice === undefined ? { id, text, ...(spoken && { spoken }) } : { id, choice };
    return this.#request("POST", `${path(key)}/messages`, { key, data });
  }

  /** A photo, document or recording by its path on the phone; resolves to {replies, mode}. */
  sendFile(key, { id, file }) {
    return new Promise((resolve, reject) =>
      this.platform.uploadFile({
        url: `${this.base}${path(key)}/messages`,
        filePath: file,
        name: "file",
        formData: { id },
        header: bearer(key),
        timeout: 2 * TIMEOUT,
        success: (answer) => settle(answer, resolve, reject),
        fail: ({ errMsg = "" }) => reject(unsent(errMsg)),
      }),
    );
  }

  /** The last 100 lines, with elder, mode and region. */
  transcript(key) {
    return this.#request("GET", `${path(key)}/messages`, { key });
  }

  /** What a voice should say of a reply: {text, speed}. */
  spokenWords(key, reply) {
    return this.#request("GET", `${path(key)}/speech/${reply}/words`, { key });
  }

  /** The address of a reply's recording, for the player itself. */
  recording(key, reply) {
    return this.address(key, `${path(key)}/speech/${reply}`);
  }

  /** A code of another channel was said: {id, token, replies, mode} of the conversation that goes on here. */
  carryOn(key, { id, text }) {
    return this.#request("POST", "/channels/miniprogram/carried", { key, data: { conversation: key.id, id, text } });
  }

  /** Switches 长辈版. Not the page's PATCH: wx.request has none. */
  setElder(key, elder) {
    return this.#request("POST", "/channels/miniprogram/elder", { key, data: { conversation: key.id, elder } });
  }

  /** All that was pushed up to that line is on the screen. */
  heard(key, number) {
    return this.#request("POST", `${path(key)}/heard`, { key, data: { number } });
  }

  /** Their own telephone number, behind the code of a tap on getPhoneNumber: {telephone}. */
  telephone(key, code) {
    return this.#request("POST", "/channels/miniprogram/telephone", { key, data: { conversation: key.id, code } });
  }

  /** The event stream after line `after`; `hear(bytes)` per chunk. Returns {task, ended}: abort the one, await the other. */
  events(key, after, hear) {
    let task;
    const ended = new Promise((resolve, reject) => {
      task = this.platform.request({
        url: `${this.base}${path(key)}/events?after=${after}`,
        header: { ...bearer(key), Accept: "text/event-stream" },
        enableChunked: true,
        responseType: "arraybuffer",
        timeout: 300000,
        success: ({ statusCode }) => (GONE.has(statusCode) ? reject(new ConversationGone()) : resolve()),
        fail: () => resolve(),
      });
    });
    task.onChunkReceived?.(({ data }) => hear(new Uint8Array(data)));
    return { task, ended };
  }

  /** A file's address with the token in it: downloads can't send headers everywhere. */
  address(key, url) {
    const own = url.startsWith("/") ? `${this.base}${url}` : url;
    return url.startsWith("/") ? `${own}?token=${encodeURIComponent(key.token)}` : own;
  }

  #request(method, where, { key, data } = {}) {
    return new Promise((resolve, reject) =>
      this.platform.request({
        url: `${this.base}${where}`,
        method,
        header: key ? bearer(key) : {},
        data,
        timeout: TIMEOUT,
        success: (answer) => settle(answer, resolve, reject),
        fail: ({ errMsg = "" }) => reject(unsent(errMsg)),
      }),
    );
  }
}

function path({ id }) {
  return `/api/v1/conversations/${id}`;
}

function bearer({ token }) {
  return { Authorization: `Bearer ${token}` };
}

function settle({ statusCode, data, header = {} }, resolve, reject) {
  const body = parsed(data);
  if (statusCode >= 200 && statusCode < 300) return resolve(body);
  if (GONE.has(statusCode)) return reject(new ConversationGone(body.detail));
  if (BUSY.has(statusCode)) return reject(new TryAgain(body.detail, Number(header["Retry-After"]) || 0));
  return reject(new Refused(body.detail || `${statusCode}`));
}

/** wx.uploadFile gives text, wx.request an object unless the type is not application/json (a problem is not). */
function parsed(data) {
  if (typeof data !== "string") return data ?? {};
  try {
    return JSON.parse(data);
  } catch {
    return {};
  }
}

/** A file that is gone from the phone can't be sent again; anything else is the network. */
function unsent(errMsg) {
  return /no such file|file not found|not exist/i.test(errMsg) ? new Refused("") : new TryAgain(errMsg);
}

module.exports = { Contract };
