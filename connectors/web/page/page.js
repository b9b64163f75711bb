/** The resident's page: everything is made and connected here. */
import { ConversationGone, fileAddress, offeredSpeech, postFile, postMessage, recordingAddress, Refused, spokenWords, storeElder, tellHeard, TryAgain } from "./api.js";
import { elsewhereParts } from "./carry.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Events } from "./events.js";
import { Log } from "./log.js";
import { Outbox, uuid } from "./outbox.js";
import { dropFile, fileOf, keepFile, pictureOf } from "./photo.js";
import { keep, kept } from "./shelf.js";
import { readInTurn, serveSpeech, stopReading, watchVoices } from "./speech.js";
import { Video } from "./video.js";
import { words } from "./words.js";

const find = (id) => document.getElementById(id);
/** Whose lines come outside a turn; the server wants to know that they are here. */
const PUSHED = new Set(["agent", "system"]);
const region = /[?&]region=(\d{12})(?:&|$)/.exec(location.search)?.[1] ?? null;
const link = /[?&]q=(\w{1,12})(?:&|$)/.exec(location.search)?.[1] ?? null;
const carry = /[?&]carry=([\w-]{8,64})(?:&|$)/.exec(location.search)?.[1] ?? null;
if (link || carry) history.replaceState(null, "", location.pathname); // to reload is not to scan again

const conversation = new Conversation(region, link, carry);
const log = new Log(find("log"), { choose, tryNow, address: (url) => fileAddress(conversation.key, url) });
const outbox = new Outbox(post, { trying, answered, delayed, refused, gone });
const events = new Events(hear, gone);
const composer = new Composer(find("composer"), (text) => say({ text }), sendFile);

const video = new Video({ sendPhoto: sendFile, say: (text) => log.line(text) && log.scrollToLatest() });

let starting = false;
let regionName = words.defaultRegion;

/** Takes the conversation up, shows it, sends what still waits, and listens. */
async function start() {
  if (starting) return;
  starting = true;
  const slow = setTimeout(() => banner(words.connecting), 1500);
  try {
    showStart(await conversation.begin(kept("elder", false)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showReplies([{ id: uuid(), kind: "notice", text: error.message }]);
  } finally {
    clearTimeout(slow);
    starting = false;
  }
  if (!conversation.key) return;
  banner(navigator.onLine ? "" : words.offline);
  if (conversation.hasEarlier) log.offer(words.backToEarlier, backToEarlier);
  listen();
  outbox.send();
  onVideo(() => video.resume(conversation.key));
}

function showStart({ entries, elder, mode, region: place, replaced, carried }) {
  events.seq = Math.max(0, ...entries.map(({ seq = 0 }) => seq));
  regionName = place?.name ?? words.defaultRegion;
  showMode(mode);
  if (carried && !elder && kept("elder", false)) saveElder(true); // chosen on this phone, by the same person
  else settleElder(elder);
  if (entries.some(({ from }) => PUSHED.has(from))) tellHeard(conversation.key, events.seq);
  log.turnPage();
  log.quietly(() => {
    if (replaced) log.line(words.gone);
    entries.forEach((entry) => log.entry(entry));
    outbox.waiting.forEach((message) => log.outgoing(message));
  });
}

function listen() {
  if (document.hidden || !conversation.key) events.stop();
  else events.start(conversation.key);
}

async function post(message) {
  if (!conversation.key) throw new TryAgain("no conversation yet");
  const { id, text, choice, file } = message;
  if (!file) return postMessage(conversation.key, choice === undefined ? { id, text } : { id, choice });
  if (!fileOf(id)) throw new Refused(words.fileLost);
  return postFile(conversation.key, id, fileOf(id));
}

/** The server has lost the conversation `id`: a new one, and what waits for an answer is sent there. */
function gone(id) {
  if (starting) return;
  if (conversation.key?.id !== id) return void setTimeout(() => outbox.send());
  events.stop();
  conversation.forget();
  log.line(words.gone);
  start();
}

async function sendFile(file) {
  const id = uuid();
  await keepFile(id, file);
  const label = { image: words.photo, audio: words.voice }[file.type.split("/")[0]] ?? words.document;
  say({ id, file: true, label }, await pictureOf(id));
}

function say(message, picture) {
  const outgoing = { id: uuid(), ...message };
  stopReading();
  outbox.add(outgoing);
  log.outgoing(outgoing, picture);
  log.scrollToLatest();
  if (conversation.key && !starting) outbox.send();
  else start(); // it sends what waits
}

function choose({ id, label }) {
  if (id === "find_nearest:here") tellPlace(label);
  else say({ choice: id, label });
}

async function tellPlace(label) {
  const { nearestChoice } = await import("./whereabouts.js");
  try {
    say({ choice: await nearestChoice(), label });
  } catch ({ message }) {
    log.line(message);
    log.scrollToNewest();
  }
}

function answered(message, { replies, mode }) {
  dropFile(message.id);
  const isNew = showReplies(replies);
  if (isNew || !replies.length) log.state(message.id, "sent");
  else log.withdraw(message.id); // the answer was on the screen already: the transcript had both
  showMode(mode);
  const elder = replies.map(({ data }) => data?.elder).find((value) => value !== undefined);
  if (elder !== undefined) settleElder(elder); // switched by words: 字大一点
  log.scrollToLatest();
  if (isNew && replies.some(({ data }) => data?.read_aloud)) readInTurn(log.answerBefore); // 念给我听
}

function showReplies(replies) {
  return replies.map((reply) => log.entry({ from: "bot", reply })).some(Boolean);
}

function trying(message) {
  log.state(message.id, "sending");
}

function delayed(message) {
  log.state(message.id, "retrying");
}

function refused(message, detail) {
  dropFile(message.id);
  log.state(message.id, "refused");
  showReplies([{ id: uuid(), kind: "notice", text: detail || words.refused }]);
  if (message.text) composer.giveBack(message.text);
  log.scrollToLatest();
}

function hear(entry) {
  if (entry.mode) showMode(entry.mode);
  if (entry.from === "resident") return;
  if (PUSHED.has(entry.from)) tellHeard(conversation.key, entry.seq);
  const follow = log.isAtEnd;
  if (log.entry(entry) && follow) log.scrollToNewest();
}

function showMode(mode) {
  find("region").textContent = words.mode[mode] ?? regionName;
  find("video").hidden = !words.mode[mode]; // a person is there, or on the way
}

/** Does something about a call; what stands in its way is said. */
async function onVideo(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TryAgain)) throw error;
    log.line(error instanceof Refused ? error.message : words.callFailed);
  }
}

/** The button to speak, where recordings are understood or a person listens; reading aloud by the service's voice. */
async function offerSpeech() {
  const { hears, reads, seconds } = await offeredSpeech();
  serveSpeech({
    reads,
    words: (id, open) => spokenWords(conversation.key, id, open),
    address: (id, open) => recordingAddress(conversation.key, id, open),
  });
  const { canRecord, Recorder } = await import("./recorder.js");
  if (!hears || !canRecord()) return;
  const middle = (text) => log.line(text) && log.scrollToNewest();
  new Recorder(find("speak"), { send: sendFile, say: middle, starting: stopReading }, seconds);
  find("speak").hidden = false;
}

function tryNow() {
  conversation.tryNow();
  outbox.tryNow();
}

function banner(text) {
  find("banner").textContent = text;
}

function showElder(elder) {
  const follow = log.isAtEnd;
  document.documentElement.classList.toggle("elder", elder);
  find("elder").textContent = elder ? words.toStandard : words.toElder;
  if (follow) afterLayout(() => log.scrollToLatest());
}

/** The log hears of its new height after the next frame is laid out. */
function afterLayout(act) {
  requestAnimationFrame(() => requestAnimationFrame(act));
}

/** What the resident chose here and the server has not heard wins; otherwise what the server knows. */
function settleElder(elder) {
  if (kept("elderUnsaved")) return saveElder(kept("elder", false));
  keep("elder", elder);
  showElder(elder);
}

async function saveElder(elder) {
  keep("elder", elder);
  keep("elderUnsaved", true);
  showElder(elder);
  try {
    if (conversation.key) await storeElder(conversation.key, elder).then(() => keep("elderUnsaved", null));
  } catch (error) {
    if (!(error instanceof TryAgain)) throw error; // sent again with the next start
  }
}

/** 换个地方聊. One code at a time: a second tap while it comes does nothing. */
async function goElsewhere({ currentTarget: tapped }) {
  if (!conversation.key || tapped.getAttribute("aria-busy") === "true") return;
  tapped.setAttribute("aria-busy", "true");
  try {
    log.told(...(await elsewhereParts(conversation.key)));
    log.scrollToNewest();
  } catch (error) {
    if (!(error instanceof ConversationGone)) throw error;
    gone(error.id);
  } finally {
    tapped.removeAttribute("aria-busy");
  }
}

function startFresh() {
  if (!window.confirm(words.freshQuestion)) return;
  stopReading();
  events.stop();
  outbox.clear();
  conversation.forget();
  keep("earlier", null);
  log.clear();
  start();
}

function backToEarlier() {
  stopReading();
  events.stop();
  conversation.goBack();
  log.clear();
  start();
}

function cameBack() {
  banner(words.online);
  setTimeout(() => navigator.onLine && banner(""), 3000);
  tryNow();
  listen();
}

find("video").addEventListener("click", () => onVideo(() => video.call(conversation.key)));
find("log").addEventListener("answercall", () => onVideo(() => video.answer(conversation.key)));
find("elder").addEventListener("click", () => saveElder(!kept("elder", false)));
find("carry").addEventListener("click", goElsewhere);
find("fresh").addEventListener("click", startFresh);
window.addEventListener("offline", () => banner(words.offline));
window.addEventListener("online", cameBack);
document.addEventListener("visibilitychange", listen);

showElder(kept("elder", false));
watchVoices();
start();
offerSpeech().catch(() => {}); // then one types, and the phone's own voice reads
