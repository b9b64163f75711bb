/** What WeChat's developer tools would find wrong before anything runs: files, handlers, styles, privacy. */
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { ROOT } = require("./screen");

const read = (name) => fs.readFileSync(path.join(ROOT, name), "utf-8");
const APP = JSON.parse(read("app.json"));
const FILES = fs.readdirSync(ROOT, { recursive: true }).filter((name) => fs.statSync(path.join(ROOT, name)).isFile());
const SCRIPTS = FILES.filter((name) => name.endsWith(".js"));
const STYLES = FILES.filter((name) => name.endsWith(".wxss"));

/** What `Component` or `App` was given by a script. */
function defined(script) {
  let given = null;
  const known = global.Component;
  global.Component = (definition) => (given = definition);
  const file = path.join(ROOT, script);
  delete require.cache[require.resolve(file)];
  require(file);
  global.Component = known;
  return given;
}

test("every page of app.json has its four files, and every page's folder is one of app.json", () => {
  for (const page of APP.pages) {
    for (const ending of ["js", "json", "wxml", "wxss"]) assert.ok(FILES.includes(`${page}.${ending}`), `${page}.${ending}`);
  }
  const templates = FILES.filter((name) => name.endsWith(".wxml")).map((name) => name.replace(/\.wxml$/, ""));
  assert.deepEqual(templates.sort(), [...APP.pages].sort());
});

test("all JSON can be read, and app.json has nothing that the tools do not know", () => {
  for (const name of FILES.filter((each) => each.endsWith(".json"))) assert.ok(JSON.parse(read(name)), name);
  const known = ["pages", "window", "__usePrivacyCheck__", "requiredPrivateInfos", "lazyCodeLoading", "style", "sitemapLocation", "plugins"];
  assert.deepEqual(Object.keys(APP).filter((key) => !known.includes(key)), []);
  assert.ok(FILES.includes(APP.sitemapLocation));
});

for (const page of APP.pages) {
  const template = read(`${page}.wxml`);
  const definition = defined(`${page}.js`);

  test(`every handler that ${page}.wxml binds is a method`, () => {
    const bound = [...template.matchAll(/\b(?:bind|catch|capture-bind|capture-catch)(?::)?[a-z]+="([^"]*)"/g)].map(([, name]) => name);
    assert.ok(bound.length > 10);
    for (const name of bound) assert.equal(typeof definition.methods[name], "function", name);
  });

  test(`every name that ${page}.wxml shows is in the data, or a loop's own`, () => {
    const loops = [...template.matchAll(/wx:for-(?:item|index)="(\w+)"/g)].map(([, name]) => name);
    const names = new Set([...Object.keys(definition.data), ...loops, "true", "false"]);
    for (const [, shown] of template.matchAll(/\{\{([^}]*)\}\}/g)) {
      const bare = shown.replace(/'[^']*'/g, "").replace(/\.\w+/g, "");
      for (const [name] of bare.matchAll(/[A-Za-z_]\w*/g)) assert.ok(names.has(name), `${name} in {{${shown}}}`);
    }
  });

  test(`every loop of ${page}.wxml has a key, and every tag is closed`, () => {
    for (const [tag] of template.matchAll(/<[a-z-]+\s[^>]*wx:for=[^>]*>/g)) assert.match(tag, /wx:key="(\*this|\w+)"/);
    const open = [];
    for (const [, end, tag, own] of template.matchAll(/<(\/?)([a-z-]+)(?:\s[^>]*?)?(\/?)>/g)) {
      if (own) continue;
      if (end) assert.equal(open.pop(), tag);
      else open.push(tag);
    }
    assert.deepEqual(open, []);
  });
}

test("styles use only selectors that WXSS has: classes, tags, ::before and ::after, one within another", () => {
  for (const name of STYLES) {
    const bare = read(name).replace(/\/\*[\s\S]*?\*\//g, "");
    const selectors = [...bare.matchAll(/([^{}]+)\{[^{}]*\}/g)].flatMap(([, list]) => list.split(","));
    assert.ok(selectors.length > 0, name);
    for (const selector of selectors.map((each) => each.trim())) {
      assert.match(selector, /^(?:(?:[a-z-]+|(?:[a-z-]+)?(?:\.[a-z-]+)+)(?:::(?:before|after))?(?:\s+|$))+$/, `${name}: ${selector}`);
    }
    assert.doesNotMatch(bare, /url\((?!["']?data:|["']?https:)/, `${name}: pictures of the package can't be used in styles`);
  }
});

test("every class that a template names is styled, or is only said", () => {
  const styled = new Set(STYLES.flatMap((name) => [...read(name).matchAll(/\.([a-z-]+)/g)].map(([, each]) => each)));
  const kinds = ["text", "choices", "card", "form", "file", "notice", "emergency", "filled", "mark", "telephone"];
  for (const page of APP.pages) {
    for (const [, names] of read(`${page}.wxml`).matchAll(/class="([^"]*)"/g)) {
      const plain = names.replace(/\{\{[^}]*\}\}/g, " ");
      for (const name of plain.split(/\s+/).filter(Boolean)) assert.ok(styled.has(name) || kinds.includes(name), name);
    }
  }
});

test("buttons are as wide as they say: WeChat's own style v2 would make each 184 px", () => {
  assert.equal(APP.style, "v2");
  assert.match(read("pages/chat/chat.wxss"), /button \{[^}]*width: auto !important/);
});

test("scripts ask only for files of the package, by names with the right letters", () => {
  for (const name of SCRIPTS) {
    for (const [, asked] of read(name).matchAll(/require\("([^"]+)"\)/g)) {
      if (asked === "WechatSI") continue; // a plugin
      const found = path.normalize(path.join(path.dirname(name), asked));
      assert.ok(FILES.includes(`${found}.js`), `${name}: ${asked}`);
    }
  }
});

test("what touches privacy is checked by WeChat and named in the README, with nothing that is not used", () => {
  assert.equal(APP.__usePrivacyCheck__, true);
  assert.deepEqual(APP.requiredPrivateInfos, ["chooseLocation"]);
  const PRIVATE = ["getRecorderManager", "chooseMedia", "chooseMessageFile", "chooseImage", "getPhoneNumber", "setClipboardData",
    "getClipboardData", "getLocation", "chooseLocation", "chooseAddress", "getUserProfile", "createCameraContext", "openBluetoothAdapter",
    "saveImageToPhotosAlbum", "addPhoneContact", "addPhoneCalendar", "getWeRunData", "chooseInvoice"];
  const code = [...SCRIPTS, ...FILES.filter((name) => name.endsWith(".wxml"))].map(read).join("\n");
  const used = PRIVATE.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  const told = [...read("README.md").matchAll(/\| `(\w+)` \|/g)].map(([, name]) => name);
  assert.deepEqual(told.sort(), used.sort());
});

test("only what WeChat has is asked of wx", () => {
  const KNOWN = ["getAppBaseInfo", "getSystemInfoSync", "login", "request", "uploadFile", "downloadFile", "openDocument", "previewImage",
    "showToast", "showModal", "getStorageSync", "setStorageSync", "removeStorageSync", "onNetworkStatusChange", "chooseMedia",
    "chooseMessageFile", "chooseLocation", "getRecorderManager", "createInnerAudioContext", "setClipboardData", "requestSubscribeMessage", "makePhoneCall",
    "getRandomValues"];
  for (const name of SCRIPTS) {
    for (const [, asked] of read(name).matchAll(/\b(?:wx|platform)\.(\w+)/g)) assert.ok(KNOWN.includes(asked), `${name}: ${asked}`);
  }
});

test("the package is small enough to be opened on a slow line", () => {
  const bytes = FILES.reduce((sum, name) => sum + fs.statSync(path.join(ROOT, name)).size, 0);
  assert.ok(bytes < 200_000, `${bytes}`);
});
