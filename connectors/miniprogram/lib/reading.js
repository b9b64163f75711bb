/** Reading a reply aloud with 同声传译, which takes 50 characters at a time: sentence after sentence. */

const LONGEST = 50;

/** Pieces of at most 50 characters, cut between sentences where that is possible; nothing is lost but line ends. */
function pieces(text) {
  const sentences = text.match(/[^。！？；\n]+[。！？；]?/g) ?? [];
  return sentences.flatMap((sentence) => cut(sentence.trim())).filter(Boolean);
}

function cut(sentence) {
  const characters = [...sentence];
  if (characters.length <= LONGEST) return [sentence];
  const first = characters.slice(0, LONGEST);
  const at = Math.max(...["，", "、", "：", ","].map((mark) => first.lastIndexOf(mark))) + 1 || LONGEST;
  return [characters.slice(0, at).join(""), ...cut(characters.slice(at).join(""))];
}

let current = null;

/** Reads the text; a second call ends the first. Without the plugin nothing is read, and false is given. */
function readAloud(platform, plugin, text) {
  if (!plugin) return false;
  current?.stop();
  const queue = pieces(text);
  const player = platform.createInnerAudioContext();
  const next = () => {
    const content = queue.shift();
    if (content && current === player) speak(plugin, player, content, next);
  };
  current = player;
  player.onEnded(next);
  player.onError(next);
  next();
  return true;
}

function speak(plugin, player, content, skip) {
  plugin.textToSpeech({
    lang: "zh_CN",
    tts: true,
    content,
    success: ({ filename }) => {
      player.src = filename;
      player.play();
    },
    fail: skip,
  });
}

module.exports = { pieces, readAloud };
