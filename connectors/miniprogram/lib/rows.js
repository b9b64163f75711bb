/** Lines of the conversation as rows of the screen: plain values, because WXML can't call functions. */
const { phonesIn } = require("./phones");
const words = require("./words");

/** A row of what the resident sent. `state`: sending, retrying, refused or "". */
function ownRow({ id, text, label, file }, state = "") {
  const said = label ?? text ?? (file ? words.photo : "");
  return { key: id, mine: true, avatar: words.avatars.resident, paragraphs: [said], state: words[state] ?? "" };
}

/** Rows of a reply, or of a transcript's line. `from`: bot, agent, system. */
function replyRow(reply, from, key) {
  const { kind, data = {}, choices = [] } = reply;
  const isCard = kind === "card" && Boolean(data.name);
  return {
    key,
    mine: false,
    avatar: words.avatars[from] ?? words.avatars.bot,
    speaker: from === "bot" ? "" : words.speakers[from] ?? "",
    kind: data.emergency ? "emergency" : kind,
    paragraphs: isCard ? [] : shown(reply),
    card: isCard ? cardOf(data) : null,
    values: grouped(data.values),
    file: data.file ? { ...data.file, label: words.openFile(data.file) } : null,
    link: data.link ?? null,
    choices: choices.map(({ id, label }, index) => ({ id, label, number: counted(reply) ? index + 1 : "" })),
    calls: kind === "form" ? [] : phonesIn(reply.text, data.emergency === true), // a form's numbers are the family's own
    aloud: reply.text,
    reply: reply.id ?? key,
    state: "",
  };
}

/** Whether the text counts its choices: 听错了 stands beside the question, whose numbers are its own. */
function counted({ text, choices = [] }) {
  return choices.length > 0 && text.includes(`1. ${choices[0].label}`);
}

/** The rows of a transcript, as it comes from the server. */
function rowsOf(entries) {
  return entries.map(({ seq, from, text, reply }, index) => {
    const key = `${seq ?? `new-${index}`}`;
    return from === "resident" ? ownRow({ id: key, text }) : replyRow(reply ?? { kind: "text", text }, from, key);
  });
}

/** What buttons and tables show below need not be said in words too. */
function shown({ text, choices = [], data = {} }) {
  const buttons = new Set(choices.map(({ label }, index) => bare(`${index + 1}${label}`)));
  const lines = text.split("\n").filter((line) => line.trim() && !buttons.has(bare(line)));
  const short = data.values && lines.length > 2 ? [lines[0], lines[lines.length - 1]] : lines;
  return short.length ? short : [text];
}

function bare(line) {
  return line.replace(/[\s.．、)）]/g, "");
}

function cardOf({ code, version, name, purpose = "", sections = [], verified }) {
  const parts = sections.map(({ title, lines }, index) => ({ title, lines, open: index === 0 }));
  return { code, version, name, purpose, sections: parts, note: verified === false ? words.unverified : "" };
}

function grouped(values = []) {
  const groups = [...new Set((values ?? []).map(({ group }) => group))];
  return groups.map((group) => ({ group, rows: values.filter((value) => value.group === group) }));
}

const ASKS_TELEPHONE = /(手机号|电话号码|电话是多少|您的电话)[^。]*[？?]/;

/** Whether the last thing that was said asks for a telephone number: then a tap gives WeChat's own. */
function asksTelephone(rows) {
  const last = rows[rows.length - 1];
  return Boolean(last && !last.mine && ASKS_TELEPHONE.test(last.aloud));
}

/** What the resident was answered before their last words (念给我听): {text, reply} of each row. */
function answerBefore(rows) {
  const own = rows.map(({ mine }) => mine);
  const asked = own.lastIndexOf(true);
  const begin = asked > 0 ? own.lastIndexOf(true, asked - 1) + 1 : 0;
  return rows.slice(begin, Math.max(asked, 0)).map(({ aloud, reply }) => ({ text: aloud, reply }));
}

module.exports = { answerBefore, asksTelephone, ownRow, replyRow, rowsOf };
