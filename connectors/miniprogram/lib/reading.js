/** Reading a reply aloud: with 同声传译, which takes 50 characters at a time, else by the service's voice. */

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

/**
 * Reads aloud; a second call ends the first. `text` by the plugin, where the account has it, else the service's recording
 * at `address`. `then()` when all of it was read, `failed()` when nothing can be.
 */
function readAloud(platform, plugin, { text, address }, { then = () => {}, failed = () => {} } = {}) {
  current?.stop();
  const player = platform.createInnerAudioContext();
  current = player;
  const mine = (act) => () => current === player && act();
  if (plugin) readPieces(plugin, player, pieces(text), mine, then);
  else play(player, address, mine(then), mine(failed));
}

/** Ends what is being read. */
function stopReading() {
  current?.stop();
  current = null;
}

function readPieces(plugin, player, queue, mine, then) {
  const next = mine(() => {
    const content = queue.shift();
    if (content) speak(plugin, player, content, next);
    else then();
  });
  player.onEnded(next);
  player.onError(next);
  next();
}

function play(player, address, then, failed) {
  player.onEnded(then);
  player.onError(failed);
  player.src = address;
  player.play();
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

module.exports = { pieces, readAloud, stopReading };
