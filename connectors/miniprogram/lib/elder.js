/** 长辈版 follows WeChat's 关怀模式: its text is larger than the standard 17. */

const LARGE = 20;

/** Whether the phone asks for large text. */
function wantsElder(platform) {
  const settings = platform.getAppBaseInfo?.() ?? platform.getSystemInfoSync?.() ?? {};
  return Number(settings.fontSizeSetting) >= LARGE;
}

module.exports = { wantsElder };
