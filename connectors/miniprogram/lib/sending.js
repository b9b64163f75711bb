/** What the resident sends, made ready: too long or too large is told before it is sent. */
const words = require("./words");

const LONGEST = 300;
const LARGEST = 10 * 1024 * 1024;

/** {text} to send, or {problem} to show; null: there is nothing. Characters as people count them. */
function typed(value) {
  const text = value.trim();
  const over = [...text].length - LONGEST;
  if (!text) return null;
  return over > 0 ? { problem: words.tooLong(over) } : { text };
}

/** A chosen photo or document: {file, label}, or {problem}. `size` in bytes. */
function chosen({ tempFilePath, path, size }, label) {
  return size > LARGEST ? { problem: words.tooLarge } : { file: tempFilePath ?? path, label };
}

/** 接着聊 1234 5678: said to go on with what was begun elsewhere. */
const CODE = /^\s*接着聊[\s:：,，]*(?:\d[\s-]?){8}\s*[。.!！]?\s*$/;

function carriesOn(text) {
  return CODE.test(text);
}

module.exports = { carriesOn, chosen, typed };
