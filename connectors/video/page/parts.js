/** Parts of recordings on their way: kept in IndexedDB until the server has them, also over a reload or a crash. */
const NAME = "bangban-recordings";
const RETRY_SECONDS = 5;
const LOST = [404, 409, 413, 422]; // the server will never take it

/** Reads and writes in one go; `act(store)` gives a request. */
async function inStore(name, mode, act) {
  const database = await opened();
  const request = act(database.transaction(name, mode).objectStore(name));
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opening = null;
function opened() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("parts", { keyPath: ["recording", "number"] });
      request.result.createObjectStore("recordings", { keyPath: "id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** One recording's parts; the lock tells other tabs that this one is at work. */
export class Parts {
  #id;
  #count;
  #ended;
  #sending = null;
  #changed;

  /** `changed(left)`: how many parts are still here. */
  constructor(id, changed = () => {}, count = 0, ended = false) {
    this.#id = id;
    this.#changed = changed;
    this.#count = count;
    this.#ended = ended;
  }

  /** Keeps a part and sends it. */
  async add(blob) {
    const number = this.#count++;
    await inStore("parts", "readwrite", (store) => store.put({ recording: this.#id, number, blob }));
    await this.#note();
    this.send();
  }

  /** Nothing more comes. Resolves when all is with the server. */
  async end() {
    this.#ended = true;
    await this.#note();
    return this.send();
  }

  /** Sends what is here, in order, until it is gone; tries again for as long as the page lives. */
  send() {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #sendAll() {
    for (let part = await this.#next(); part; part = await this.#next()) {
      if (!(await this.#put(part))) await new Promise((resolve) => setTimeout(resolve, RETRY_SECONDS * 1000));
    }
    if (this.#ended) await this.#finish();
  }

  async #next() {
    const range = IDBKeyRange.bound([this.#id, 0], [this.#id, Infinity]);
    const left = await inStore("parts", "readonly", (store) => store.count(range));
    this.#changed(left);
    if (!left) return null;
    return (await inStore("parts", "readonly", (store) => store.getAll(range, 1)))[0];
  }

  async #put({ number, blob }) {
    const answer = await send("PUT", `${this.#id}/parts/${number}`, blob);
    if (!answer || (!answer.ok && !LOST.includes(answer.status))) return false;
    await inStore("parts", "readwrite", (store) => store.delete([this.#id, number]));
    return true;
  }

  async #finish() {
    const answer = await send("POST", `${this.#id}/end`, JSON.stringify({ parts: this.#count }));
    if (answer && (answer.ok || LOST.includes(answer.status)))
      await inStore("recordings", "readwrite", (store) => store.delete(this.#id));
  }

  #note() {
    const record = { id: this.#id, count: this.#count };
    return inStore("recordings", "readwrite", (store) => store.put(record));
  }
}

/** Sends what an earlier page left behind; recordings that another tab is making are left to it. */
export async function resumeUploads(changed) {
  const left = await inStore("recordings", "readonly", (store) => store.getAll()).catch(() => []);
  await Promise.all(left.map(({ id, count }) => alone(id, () => new Parts(id, changed, count, true).send(), true)));
}

/** Does `act` while no other tab works on that recording; with `ifFree` only if none does. */
export function alone(id, act, ifFree = false) {
  if (!navigator.locks) return act();
  return navigator.locks.request(`${NAME}-${id}`, { ifAvailable: ifFree }, (lock) => (lock ? act() : null));
}

async function send(method, path, body) {
  const type = typeof body === "string" ? "application/json" : "application/octet-stream";
  try {
    return await fetch(`/desk/api/recordings/${path}`, { method, body, headers: { "Content-Type": type } });
  } catch {
    return null;
  }
}
