/** Speaking instead of typing: WeChat's 同声传译 where the account has it, else a recording that the service hears. */

const LONGEST = 60000;
const SHORTEST = 700;

class Voice {
  #began = 0;
  #recorder;

  /**
   * `plugin`: what requirePlugin("WechatSI") gave, or null. `tell` hears text(said), recording(path),
   * tooShort(), failed() or notAllowed().
   */
  constructor(platform, plugin, tell, now = Date.now) {
    Object.assign(this, { platform, plugin, tell, now });
  }

  /** Begins to listen. */
  start() {
    this.#began = this.now();
    if (this.plugin) this.#recogniser().start({ duration: LONGEST, lang: "zh_CN" });
    else this.#recording().start({ duration: LONGEST, format: "mp3", sampleRate: 16000, numberOfChannels: 1, encodeBitRate: 48000 });
  }

  /** Ends; what was said comes to `tell`. */
  stop() {
    this.#recorder?.stop();
  }

  #recogniser() {
    if (this.#recorder) return this.#recorder;
    const manager = this.plugin.getRecordRecognitionManager();
    manager.onStop = ({ result, tempFilePath }) => this.#heard((result ?? "").trim(), tempFilePath);
    manager.onError = (error) => this.#failed(error);
    return (this.#recorder = manager);
  }

  #recording() {
    if (this.#recorder) return this.#recorder;
    const manager = this.platform.getRecorderManager();
    manager.onStop(({ tempFilePath }) => this.#heard("", tempFilePath));
    manager.onError((error) => this.#failed(error));
    return (this.#recorder = manager);
  }

  /** What the plugin did not understand the service may: its recording goes there. */
  #heard(said, recording) {
    if (this.now() - this.#began < SHORTEST) this.tell.tooShort();
    else if (said) this.tell.text(said);
    else if (recording) this.tell.recording(recording);
    else this.tell.failed();
  }

  #failed({ errMsg = "", retcode } = {}) {
    if (/auth|deny|permission/i.test(errMsg) || retcode === -30001) this.tell.notAllowed();
    else this.tell.failed();
  }
}

/** The plugin, or null where the account has not added it. */
function plugin(require) {
  try {
    return require("WechatSI");
  } catch {
    return null;
  }
}

module.exports = { Voice, plugin };
