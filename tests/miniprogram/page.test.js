const assert = require("node:assert/strict");
const { afterEach, test } = require("node:test");
const { chat, phone, until } = require("./screen");

const GREETING = { id: "r1", kind: "text", text: "您好，我是帮办。您要办什么事？", choices: [], data: {} };
const CHOICES = {
  id: "r2",
  kind: "choices",
  text: "您是要：\n1. 新建或翻建\n2. 房子成了危房",
  choices: [{ id: "find_matter:M005", label: "新建或翻建" }, { id: "find_matter:M006", label: "房子成了危房" }],
  data: {},
};
const MESSAGES = "/api/v1/conversations/C1/messages";

let open;
afterEach(() => {
  open?.page.onUnload();
  open?.component.detach();
  open = null;
});

function server(answers = {}) {
  return ({ method, url, data, header }) => {
    const key = `${method} ${url}`;
    if (answers[key]) return answers[key]({ data, header });
    if (key === "POST /channels/miniprogram/session")
      return { statusCode: 201, data: { id: "C1", token: "t", replies: [GREETING], elder: false, region: { name: "白果镇" } } };
    if (key === `POST ${MESSAGES}`) return { data: { replies: [CHOICES], mode: "bot" } };
    return { statusCode: 204, data: "" };
  };
}

test("a newcomer is greeted, with the region", async () => {
  open = await chat(phone(server()));

  assert.match(open.shown(), /您好，我是帮办/);
  assert.match(open.shown(), /白果镇/);
});

test("what is typed is sent once and answered with buttons, whose lines are not said twice", async () => {
  open = await chat(phone(server()));
  open.page.onInput({ detail: { value: " 我要修房子 " } });

  await open.page.onSend();

  const said = open.wx.asked.filter(({ url }) => url === MESSAGES);
  assert.deepEqual(said.map(({ data }) => data.text), ["我要修房子"]);
  assert.equal(open.shown().split("房子成了危房").length, 2);
  assert.equal(open.page.data.text, "");
});

test("a place that is chosen on the map asks for the nearest office, and a map that is closed for nothing", async () => {
  open = await chat(phone(server()));
  const place = { currentTarget: { dataset: { id: "find_nearest:here", label: "发我的位置" } } };
  const sent = () => open.wx.asked.filter(({ url }) => url === MESSAGES).map(({ data }) => data.choice);
  wx.chooseLocation = () => {};

  await open.page.onChoose(place);
  assert.deepEqual(sent(), []);

  wx.chooseLocation = ({ success }) => success({ latitude: 27.25123, longitude: 112.66341, name: "岳北村" });
  await open.page.onChoose(place);
  await until(() => sent().length);
  assert.deepEqual(sent(), ["find_nearest:27.2512:112.6634"]);
});

test("a tapped choice is sent by its id and shown by its label", async () => {
  open = await chat(phone(server()));

  await open.page.onChoose({ currentTarget: { dataset: { id: "find_matter:M005", label: "新建或翻建" } } });

  assert.equal(open.wx.asked.at(-1).data.choice, "find_matter:M005");
  assert.ok(open.page.data.rows.some(({ mine, paragraphs }) => mine && paragraphs[0] === "新建或翻建"));
});

test("the choice's button is there to be tapped", async () => {
  open = await chat(phone(server()));
  await open.page.say({ text: "修房子" });

  open.component.querySelector(".choice").dispatchEvent("tap");

  await until(() => open.wx.asked.at(-1).data?.choice === "find_matter:M005");
});

test("text over 300 characters is not sent but told by how much it is too long", async () => {
  open = await chat(phone(server()));
  open.page.onInput({ detail: { value: "房".repeat(312) } });

  await open.page.onSend();

  assert.deepEqual(open.wx.toasts, ["多了 12 个字，请缩短一点"]);
  assert.equal(open.page.data.text.length, 312);
});

test("长辈版 follows WeChat's large text, is sent to the server and kept on the phone", async () => {
  const wx = phone(server(), { getAppBaseInfo: () => ({ fontSizeSetting: 22 }) });
  open = await chat(wx);
  assert.equal(wx.asked[0].data.elder, true);

  open.page.setData({ elder: true });
  await open.page.onElder();

  assert.deepEqual(wx.asked.at(-1), { ...wx.asked.at(-1), url: "/channels/miniprogram/elder", data: { conversation: "C1", elder: false } });
  assert.equal(wx.kept.get("bangban.elder"), false);
});

test("人工 is one tap away in any state", async () => {
  open = await chat(phone(server({ [`POST ${MESSAGES}`]: () => ({ data: { replies: [], mode: "waiting" } }) })));

  await open.page.onPerson();

  assert.equal(open.wx.asked.at(-1).data.text, "人工");
  assert.match(open.shown(), /正在为您找工作人员/);
});

test("a line from staff appears with who speaks, is reported as heard, and not twice after a drop", async () => {
  open = await chat(phone(server()));
  const line = { seq: 7, from: "agent", text: "我看到您的表了", reply: null, mode: "human" };
  const event = `id: 7\nevent: reply\ndata: ${JSON.stringify(line)}\n\n`;
  await until(() => open.wx.streams.length === 1);

  open.wx.streams[0].send(event.slice(0, 40));
  open.wx.streams[0].send(event.slice(40));
  open.wx.streams[0].send(event);

  await until(() => open.wx.asked.some(({ url, data }) => url.endsWith("/heard") && data.number === 7));
  assert.equal(open.shown().split("我看到您的表了").length, 2);
  assert.match(open.shown(), /工作人员/);
});

test("hidden, it stops listening; shown again, it resumes after the last line", async () => {
  open = await chat(phone(server()));
  await until(() => open.wx.streams.length === 1);
  open.page.onLine({ seq: 9, from: "system", text: "您的事办好了", reply: null, mode: "bot" });

  open.page.onHide();
  open.page.onShow();

  await until(() => open.wx.streams.length === 2);
  assert.ok(open.wx.streams[0].aborted);
  assert.match(open.wx.streams[1].url, /after=9$/);
});

test("a conversation that the server forgot is entered anew, and what waited is sent there", async () => {
  let gone = true;
  const say = () => (gone ? ((gone = false), { statusCode: 404, data: {} }) : { data: { replies: [CHOICES], mode: "bot" } });
  open = await chat(phone(server({ [`POST ${MESSAGES}`]: say })));

  await open.page.say({ text: "我要修房子" });

  await until(() => open.shown().includes("新建或翻建"));
  assert.equal(open.wx.asked.filter(({ url }) => url.endsWith("/session")).length, 2);
});

test("a photo is uploaded as it is, and one of 11 MB is refused on the phone", async () => {
  open = await chat(phone(server({ [`FILE ${MESSAGES}`]: () => ({ data: JSON.stringify({ replies: [CHOICES], mode: "bot" }) }) })));

  open.page.sendChosen({ tempFilePath: "wxfile://big.jpg", size: 11 * 1024 * 1024 }, "[照片]");
  await open.page.sendChosen({ tempFilePath: "wxfile://id.jpg", size: 4096 }, "[照片]");

  const uploads = open.wx.asked.filter(({ method }) => method === "FILE");
  assert.deepEqual(uploads.map(({ filePath }) => filePath), ["wxfile://id.jpg"]);
  assert.match(open.wx.toasts[0], /10 MB/);
});

test("a poster's scene begins the conversation there", async () => {
  open = await chat(phone(server()), { query: { scene: "Ab3d5F" } });

  assert.equal(open.wx.asked[0].data.link, "Ab3d5F");
});

test("an ordinary QR code that opens the mini program begins there too", async () => {
  open = await chat(phone(server()), { query: { q: encodeURIComponent("https://county.example.cn/q/Ab3d5F?from=wall") } });

  assert.equal(open.wx.asked[0].data.link, "Ab3d5F");
});

test("a guide's sections fold and unfold", async () => {
  const card = { id: "r3", kind: "card", text: "高龄津贴", choices: [], data: { code: "M001", version: 1, name: "高龄津贴", purpose: "满80岁有", sections: [{ title: "要带什么", lines: ["身份证"] }, { title: "在哪里办", lines: ["村里"] }] } };
  open = await chat(phone(server({ [`POST ${MESSAGES}`]: () => ({ data: { replies: [card], mode: "bot" } }) })));
  await open.page.say({ text: "高龄津贴" });
  assert.doesNotMatch(open.shown(), /村里/);
  const row = open.page.data.rows.findIndex(({ card: shown }) => shown);

  open.page.onSection({ currentTarget: { dataset: { row, section: 1 } } });

  assert.match(open.shown(), /村里/);
});

test("asked for a telephone number, one tap says WeChat's own", async () => {
  const asks = { id: "r4", kind: "text", text: "您的手机号是多少？", choices: [], data: {} };
  open = await chat(phone(server({ [`POST ${MESSAGES}`]: () => ({ data: { replies: [asks], mode: "bot" } }), "POST /channels/miniprogram/telephone": () => ({ data: { telephone: "13807340000" } }) })));
  assert.equal(open.page.data.asksTelephone, false);
  await open.page.say({ text: "我要办" });
  assert.equal(open.page.data.asksTelephone, true);

  await open.page.onTelephone({ detail: { code: "tapped" } });

  assert.equal(open.wx.asked.at(-1).data.text, "13807340000");
});

test("what the phone recognised goes out as spoken, and 听错了 is a button beside the answer", async () => {
  const manager = { start: () => {}, stop: () => manager.onStop({ result: "我要修房子", tempFilePath: "wxfile://a.mp3" }) };
  const heard = { id: "r5", kind: "text", text: "我听到的是：“我要修房子”。不对就说“听错了”。", choices: [{ id: "misheard", label: "听错了" }], data: { heard: "我要修房子" } };
  const answers = { [`POST ${MESSAGES}`]: ({ data }) => ({ data: { replies: data.spoken ? [heard, CHOICES] : [CHOICES], mode: "bot" } }) };
  open = await chat(phone(server(answers)), { plugin: { getRecordRecognitionManager: () => manager } });
  let now = 0;
  open.page.voice.now = () => now;

  open.page.onHold();
  now = 2000;
  open.page.onRelease();

  await until(() => open.shown().includes("我听到的是：“我要修房子”"));
  const [said] = open.wx.asked.filter(({ url }) => url === MESSAGES);
  assert.deepEqual([said.data.text, said.data.spoken], ["我要修房子", true]);
  const row = open.page.data.rows.find(({ choices }) => choices?.[0]?.id === "misheard");
  assert.equal(row.choices[0].number, "", "the numbers are those of the question that follows");
  open.component.querySelector(".choice").dispatchEvent("tap");
  await until(() => open.wx.asked.at(-1).data?.choice === "misheard");
});

test("switched by words, the screen follows, speaking comes first, and it is kept", async () => {
  const on = { id: "r6", kind: "notice", text: "好，字给您放大了", choices: [], data: { elder: true } };
  open = await chat(phone(server({ [`POST ${MESSAGES}`]: () => ({ data: { replies: [on], mode: "bot" } }) })));

  await open.page.say({ text: "字太小" });

  assert.deepEqual([open.page.data.elder, open.page.data.speaking], [true, true]);
  assert.equal(open.wx.kept.get("bangban.elder"), true);
});

test("a number in an answer is called by one tap, an emergency's too", async () => {
  const fire = { id: "r7", kind: "notice", text: "马上打 119！人先出来。", choices: [], data: { emergency: true } };
  const called = [];
  const wx = phone(server({ [`POST ${MESSAGES}`]: () => ({ data: { replies: [fire], mode: "bot" } }) }), { makePhoneCall: ({ phoneNumber }) => called.push(phoneNumber) });
  open = await chat(wx);
  await open.page.say({ text: "屋里着火了" });

  open.component.querySelector(".call").dispatchEvent("tap");

  await until(() => called.length === 1);
  assert.deepEqual(called, ["119"]);
});

function player() {
  const made = { played: [], stopped: 0, onEnded: (act) => (made.end = act), onError: (act) => (made.fail = act), stop: () => made.stopped++ };
  made.play = () => made.played.push(made.src);
  return made;
}

test("念给我听 reads the answer before by the service's voice, in its spoken form where the phone has one", async () => {
  const reads = { id: "r8", kind: "notice", text: "好，这就念。", choices: [], data: { read_aloud: true } };
  const answers = { [`POST ${MESSAGES}`]: ({ data }) => ({ data: { replies: [data.text === "念给我听" ? reads : CHOICES], mode: "bot" } }) };
  const audio = player();
  open = await chat(phone(server(answers), { createInnerAudioContext: () => audio }));
  await open.page.say({ text: "我要修房子" });

  await open.page.say({ text: "念给我听" });

  await until(() => audio.played.length === 1);
  assert.match(audio.played[0], /\/api\/v1\/conversations\/C1\/speech\/r2\?token=t$/);
  audio.end();
  assert.equal(audio.played.length, 1, "one answer, and nothing after it");
});

test("where nothing can read, it is said", async () => {
  const audio = player();
  open = await chat(phone(server(), { createInnerAudioContext: () => audio }));
  await open.page.say({ text: "我要修房子" });

  await open.page.onRead({ currentTarget: { dataset: { text: "低保", reply: "r2" } } });
  audio.fail();

  assert.match(open.wx.toasts.at(-1), /念不了/);
});

test("接着聊 and a code go on here with what was begun elsewhere", async () => {
  const carried = { id: "carried", kind: "notice", text: "接上了。", choices: [], data: {} };
  const before = { messages: [{ seq: 3, from: "resident", text: "低保怎么申请" }], elder: true, mode: "bot", region: { name: "白果镇" } };
  const answers = {
    "POST /channels/miniprogram/carried": ({ data }) => ({ statusCode: 201, data: data.text === "接着聊 1234 5678" ? { id: "C2", token: "t2", replies: [carried], mode: "bot" } : {} }),
    "GET /api/v1/conversations/C2/messages": () => ({ data: before }),
  };
  open = await chat(phone(server(answers)));
  open.page.onInput({ detail: { value: "接着聊 1234 5678" } });

  await open.page.onSend();

  assert.match(open.shown(), /低保怎么申请[\s\S]*接上了/);
  assert.deepEqual(open.wx.kept.get("bangban.conversation"), { id: "C2", token: "t2" });
  assert.equal(open.page.data.elder, true, "长辈版 goes along");
});

test("a code that is wrong leaves everything as it was, and says so", async () => {
  const refused = { id: "refused", kind: "notice", text: "这个号码用不了。", choices: [], data: {} };
  open = await chat(phone(server({ "POST /channels/miniprogram/carried": () => ({ statusCode: 201, data: { id: "C1", token: "t3", replies: [refused], mode: "bot" } }) })));
  open.page.onInput({ detail: { value: "接着聊12345678" } });

  await open.page.onSend();

  assert.match(open.shown(), /用不了/);
  assert.match(open.shown(), /您好，我是帮办/);
});
