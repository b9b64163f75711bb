/** Telephone numbers in what is said, so that one tap calls. The same as on the page (connectors/web/page/phones.js). */

// Landlines, mobiles, and the hotlines 12345, 12333 …; never an amount ("12000元", "120天").
const NUMBER = /(^|[^\d-])(0\d{2,3}-?\d{7,8}|1[3-9]\d{9}|400-?\d{3}-?\d{4}|12\d{3})(?![\d-]|[.,]\d|\s*[元块万个平米亩天户人])/g;
const EMERGENCY = /(^|\D)(110|119|120|122)(?!\d)/g;

/** Stands in the assistant's own examples (电话错了，是13800000000). */
const EXAMPLE = "13800000000";

/** The numbers in `text`, each once; 119 and the like only in an emergency, elsewhere they are amounts. */
function phonesIn(text, isEmergency = false) {
  const patterns = isEmergency ? [EMERGENCY, NUMBER] : [NUMBER];
  const found = [].concat(...patterns.map((pattern) => [...text.matchAll(pattern)].map((match) => match[2])));
  return [...new Set(found)].filter((number) => number !== EXAMPLE);
}

module.exports = { phonesIn };
