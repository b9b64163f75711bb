/** The mini program: one chat. What is shared by its pages is made here, once. */
const { base } = require("./config");
const { Contract } = require("./lib/contract");
const { Session } = require("./lib/session");
const { wantsElder } = require("./lib/elder");

App({
  onLaunch({ query = {} } = {}) {
    const contract = new Contract(wx, base);
    this.contract = contract;
    this.elder = wantsElder(wx);
    this.session = new Session(wx, contract, startOf(query));
  },
});

/** A poster's code: `q` is a whole address when an ordinary QR code opened us, `scene` is the code itself. */
function startOf({ q, scene, link, region }) {
  const address = q ? decodeURIComponent(q) : "";
  const scanned = /\/q\/(\w{1,12})/.exec(address)?.[1];
  return { link: scanned || (scene && decodeURIComponent(scene)) || link || null, region: region || null };
}
