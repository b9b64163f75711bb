const assert = require("node:assert/strict");
const path = require("node:path");
const { test } = require("node:test");
const { ROOT, phone } = require("./screen");

const lib = (name) => require(path.join(ROOT, "lib", name));
const { ConversationGone, Refused, TryAgain } = lib("failures");
const { Contract } = lib("contract");
const { EventReader } = lib("sse");
const { Outbox, messageId } = lib("outbox");
const { Session } = lib("session");
const { Shelf } = lib("shelf");
const { Voice, plugin } = lib("voice");
const { wantsElder } = lib("elder");
const { phonesIn } = lib("phones");
const { pieces } = lib("reading");
const { rowsOf } = lib("rows");

const KEY = { id: "C1", token: "t" };

function contract(answer) {
  const wx = phone(answer);
  return [new Contract(wx, "https://county.example.cn/"), wx];
}

async function answered(status, header = {}) {
  const [asked] = contract(() => ({ statusCode: status, data: { detail: "原因" }, header }));
  return asked.say(KEY, { id: "1", text: "你好" }).catch((error) => error);
}

test("what the server answers is named by what it means", async () => {
  assert.ok((await answered(404)) instanceof ConversationGone);
  assert.ok((await answered(401)) instanceof ConversationGone);
  assert.equal((await answered(503, { "Retry-After": "7" })).seconds, 7);
  assert.ok((await answered(422)) instanceof Refused);
  assert.equal((await answered(413)).message, "原因");
});

test("no network is something to try again, a file that is gone is not", async () => {
  const [offline] = contract(() => {
    throw new Error("request:fail timeout");
  });
  const [lost] = contract(() => {
    throw new Error("uploadFile:fail file not found");
  });

  await assert.rejects(offline.say(KEY, { id: "1", text: "你好" }), TryAgain);
  await assert.rejects(lost.sendFile(KEY, { id: "1", file: "wxfile://gone" }), Refused);
});

test("the token goes in the header, and into the address of our own files only", async () => {
  const [asked, wx] = contract(() => ({ data: { replies: [], mode: "bot" } }));

  await asked.say(KEY, { id: "1", text: "你好" });

  assert.equal(wx.asked[0].header.Authorization, "Bearer t");
  assert.equal(asked.address(KEY, "/api/v1/f"), "https://county.example.cn/api/v1/f?token=t");
  assert.equal(asked.address(KEY, "https://other.example/x"), "https://other.example/x");
});

for (const size of [1, 2, 3, 7, 1000]) {
  test(`events come whole out of chunks of ${size} bytes`, () => {
    const heard = [];
    const reader = new EventReader((event) => heard.push(event));
    const bytes = Buffer.from(": keep\r\n\r\nid: 3\nevent: reply\ndata: 老人家\ndata: 您好😀\n\nid: 4\ndata: 好\n\n");

    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));

    assert.deepEqual(heard, [
      { id: "3", event: "reply", data: "老人家\n您好😀" },
      { id: "4", event: "message", data: "好" },
    ]);
  });
}

function outbox(outcomes, told = []) {
  const shelf = new Shelf(phone(() => ({})));
  const sent = [];
  const post = async (message) => {
    sent.push(message.id);
    const outcome = outcomes.shift();
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const names = ["trying", "answered", "delayed", "refused", "gone"];
  const tell = Object.fromEntries(names.map((name) => [name, ({ id }) => told.push(`${name} ${id}`)]));
  const waited = [];
  const box = new Outbox(shelf, post, tell, async (seconds) => waited.push(seconds));
  return { box, shelf, sent, told, waited };
}

test("messages go out in order, the same id at each try, with growing pauses", async () => {
  const { box, sent, waited } = outbox([new TryAgain("off"), new TryAgain("off"), { replies: [] }, { replies: [] }]);
  box.add({ id: "a", text: "1" });
  box.add({ id: "b", text: "2" });

  await Promise.all([box.send(), box.send()]);

  assert.deepEqual(sent, ["a", "a", "a", "b"]);
  assert.deepEqual(waited, [1, 2]);
  assert.deepEqual(box.waiting, []);
});

test("the server's own pause is kept to, and a refused message makes room for the next", async () => {
  const { box, told, waited } = outbox([new TryAgain("busy", 9), new Refused("太长"), { replies: [] }]);
  box.add({ id: "a", text: "1" });
  box.add({ id: "b", text: "2" });

  await box.send();

  assert.deepEqual(waited, [9]);
  assert.deepEqual(told.filter((each) => !each.startsWith("trying")), ["delayed a", "refused a", "answered b"]);
});

test("what waits is still there after the program was killed", () => {
  const { box, shelf } = outbox([]);
  box.add({ id: "a", text: "我要修房子" });

  const again = new Outbox(shelf, null, null);

  assert.deepEqual(again.waiting, [{ id: "a", text: "我要修房子" }]);
});

test("a conversation that is gone keeps the message for the new one", async () => {
  const { box } = outbox([new ConversationGone()]);
  box.add({ id: "a", text: "1" });

  await box.send();

  assert.equal(box.waiting.length, 1);
});

test("ids are UUIDs and differ", () => {
  const ids = new Set(Array.from({ length: 1000 }, () => messageId()));

  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("two callers at once log in once, because a code works once", async () => {
  const wx = phone(() => ({ statusCode: 201, data: { ...KEY, replies: [{ id: "r", kind: "text", text: "您好" }] } }));
  const session = new Session(wx, new Contract(wx, "https://county.example.cn"), { link: null, region: null });

  await Promise.all([session.begin(false), session.begin(false)]);

  assert.equal(wx.asked.length, 1);
  assert.deepEqual(session.key, KEY);
});

test("a full storage loses nothing but what would have been kept", () => {
  const wx = phone(() => ({}), {
    setStorageSync: () => {
      throw new Error("exceed storage max size");
    },
  });

  new Shelf(wx).keep("conversation", KEY);

  assert.equal(new Shelf(wx).kept("conversation"), null);
});

function voice(more = {}) {
  const told = [];
  const recorder = { start: (options) => (recorder.options = options), stop: () => {}, onStop: (f) => (recorder.stopped = f), onError: (f) => (recorder.failed = f) };
  const manager = { start: (options) => (manager.options = options), stop: () => {} };
  const names = ["text", "recording", "tooShort", "failed", "notAllowed"];
  const tell = Object.fromEntries(names.map((name) => [name, (value) => told.push([name, value])]));
  let now = 0;
  const wx = { getRecorderManager: () => recorder };
  const heard = new Voice(wx, more.plugin ? { getRecordRecognitionManager: () => manager } : null, tell, () => now);
  return { heard, told, recorder, manager, pass: (ms) => (now += ms) };
}

test("without the plugin the recording goes to the service", () => {
  const { heard, told, recorder, pass } = voice();
  heard.start();
  pass(2000);
  recorder.stopped({ tempFilePath: "wxfile://a.mp3" });

  assert.deepEqual(told, [["recording", "wxfile://a.mp3"]]);
  assert.equal(recorder.options.sampleRate, 16000);
});

test("with the plugin its words are used, and its recording where it understood nothing", () => {
  const { heard, told, manager, pass } = voice({ plugin: true });
  heard.start();
  pass(2000);
  manager.onStop({ result: " 我要修房子 ", tempFilePath: "x" });
  manager.onStop({ result: "", tempFilePath: "wxfile://b.mp3" });

  assert.deepEqual(told, [["text", "我要修房子"], ["recording", "wxfile://b.mp3"]]);
});

test("a slip of the thumb and a closed microphone are told", () => {
  const { heard, told, recorder, pass } = voice();
  heard.start();
  pass(200);
  recorder.stopped({ tempFilePath: "x" });
  recorder.failed({ errMsg: "operateRecorder:fail auth deny" });

  assert.deepEqual(told.map(([name]) => name), ["tooShort", "notAllowed"]);
});

test("an account without the plugin has none", () => {
  assert.equal(plugin(() => { throw new Error("not declared"); }), null);
});

test("what is read aloud is cut between sentences, 50 characters at most, and nothing is lost", () => {
  const text = `您要带三样：身份证、户口簿、存折。${"这一句话很长很长，".repeat(9)}完了。\n去村里办`;

  const read = pieces(text);

  assert.equal(read.join(""), text.replace(/\n/g, ""));
  assert.ok(read.every((piece) => [...piece].length <= 50), read.join("|"));
  assert.equal(read[0], "您要带三样：身份证、户口簿、存折。");
});

test("a transcript becomes rows, with who speaks", () => {
  const rows = rowsOf([
    { seq: 1, from: "resident", text: "人工" },
    { seq: 2, from: "agent", text: "您好", reply: null },
  ]);

  assert.deepEqual(rows.map(({ mine, speaker, paragraphs }) => [mine, speaker, paragraphs[0]]), [[true, undefined, "人工"], [false, "工作人员", "您好"]]);
});

test("news is asked for at a tap, once a day, and only where the county has a template", () => {
  const asked = [];
  const wx = phone(() => ({}), { requestSubscribeMessage: ({ tmplIds }) => asked.push(tmplIds) });
  const { askForNews } = lib("subscribing");
  const shelf = new Shelf(wx);
  const day = 24 * 3600 * 1000;

  askForNews(wx, shelf, [], 5 * day);
  askForNews(wx, shelf, ["T"], 5 * day);
  askForNews(wx, shelf, ["T"], 5.5 * day);
  askForNews(wx, shelf, ["T"], 6 * day);

  assert.deepEqual(asked, [["T"], ["T"]]);
});

test("长辈版 follows 关怀模式 on new and old versions of WeChat, and where nothing is told it is off", () => {
  const told = (fontSizeSetting) => () => ({ fontSizeSetting });
  assert.equal(wantsElder({ getAppBaseInfo: told(17) }), false);
  assert.equal(wantsElder({ getAppBaseInfo: told(22) }), true); // Android
  assert.equal(wantsElder({ getSystemInfoSync: told(23.8) }), true); // an older one, on an iPhone
  assert.equal(wantsElder({ getAppBaseInfo: told(undefined) }), false);
  assert.equal(wantsElder({}), false);
});

test("telephone numbers are told from amounts, as on the page", () => {
  assert.deepEqual(phonesIn("窗口 0734-5812345，热线 12345。"), ["0734-5812345", "12345"]);
  assert.deepEqual(phonesIn("打 119！伤了打120，119", true), ["119", "120"]);
  assert.deepEqual(phonesIn("每月 120 元，12000元，110 平方米"), []);
});
