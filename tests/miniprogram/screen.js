/** A phone for the tests: wx as far as the mini program uses it, and the page rendered by miniprogram-simulate. */
const path = require("node:path");
const { JSDOM } = require("jsdom");

const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
const BROWSER = ["document", "HTMLElement", "Node", "Event", "CustomEvent", "MutationObserver", "getComputedStyle"];
for (const name of BROWSER) global[name] = window[name];
global.window = window;

const ROOT = path.resolve(__dirname, "../../connectors/miniprogram");

/** wx with a server behind it: `answer({method, url, data, header})` gives {statusCode, data, header} or throws. */
function phone(answer, more = {}) {
  const kept = new Map();
  const asked = [];
  const wx = {
    asked,
    kept,
    toasts: [],
    streams: [],
    getStorageSync: (name) => structuredClone(kept.get(name)) ?? "",
    setStorageSync: (name, value) => kept.set(name, structuredClone(value)),
    removeStorageSync: (name) => kept.delete(name),
    login: ({ success }) => success({ code: `code-${asked.length}` }),
    showToast: ({ title }) => wx.toasts.push(title),
    request: (options) => (options.enableChunked ? stream(wx, options) : respond(asked, answer, options)),
    uploadFile: (options) => respond(asked, answer, { ...options, method: "FILE" }),
    ...more,
  };
  return wx;
}

function respond(asked, answer, { url, method, data, header, filePath, formData, success, fail }) {
  const request = { method, url: url.replace("https://county.example.cn", ""), data: data ?? formData, header, filePath };
  asked.push(request);
  Promise.resolve()
    .then(() => answer(request))
    .then((reply) => success({ header: {}, statusCode: 200, ...reply }))
    .catch((error) => fail({ errMsg: error.message }));
}

function stream(wx, options) {
  const opened = { url: options.url, aborted: false };
  wx.streams.push(opened);
  opened.end = (statusCode = 200) => options.success({ statusCode });
  return {
    abort: () => ((opened.aborted = true), options.fail({ errMsg: "request:fail abort" })),
    onChunkReceived: (hear) => (opened.send = (text) => hear({ data: new Uint8Array(Buffer.from(text)).buffer })),
  };
}

/** The chat page on a phone, begun. Resolves to {page, wx, find, texts, tap}. */
async function chat(wx, { query = {}, plugin } = {}) {
  const simulate = require("miniprogram-simulate");
  Object.assign(wx, { getAppBaseInfo: wx.getAppBaseInfo ?? (() => ({ fontSizeSetting: 17 })) });
  global.requirePlugin = () => {
    if (!plugin) throw new Error("plugin is not declared");
    return plugin;
  };
  let app;
  global.App = (definition) => (app = definition);
  global.wx = wx;
  delete require.cache[require.resolve(path.join(ROOT, "app.js"))];
  require(path.join(ROOT, "config.js")).base = "https://county.example.cn";
  require(path.join(ROOT, "app.js"));
  app.onLaunch({ query });
  global.getApp = () => app;
  const component = simulate.render(simulate.load(path.join(ROOT, "pages/chat/chat"), "chat"));
  component.attach(window.document.body);
  const page = component.instance;
  await page.onLoad();
  return { page, wx, component, shown: () => window.document.body.textContent };
}

/** Resolves as soon as `holds()` is true; there is no fixed wait. */
async function until(holds) {
  for (let turn = 0; turn < 2000; turn++) {
    if (holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never came true: ${holds}`);
}

module.exports = { ROOT, chat, phone, until };
