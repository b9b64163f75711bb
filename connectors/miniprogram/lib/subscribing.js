/** Asking whether news may be sent as subscription messages: at a tap, once a day, and never in the way. */

const DAY = 24 * 3600 * 1000;

/** Opens WeChat's own question for these templates, unless there are none or it was asked today. */
function askForNews(platform, shelf, templates, now = Date.now()) {
  if (!templates.length || now - shelf.kept("asked", 0) < DAY) return false;
  shelf.keep("asked", now);
  platform.requestSubscribeMessage({ tmplIds: templates.slice(0, 5), fail: () => {} });
  return true;
}

module.exports = { askForNews };
