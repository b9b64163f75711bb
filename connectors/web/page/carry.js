/** 换个地方聊: what to say on another channel, and the address that opens this conversation on another page. */
import { offerElsewhere, Refused, TryAgain } from "./api.js";
import { copyButton } from "./copying.js";
import { button, make } from "./element.js";
import { words } from "./words.js";

/** Resolves to the parts that say how; what stands in the way is said in words. */
export async function elsewhereParts(key) {
  try {
    return [elsewhere(await offerElsewhere(key))];
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TryAgain)) throw error;
    return [make("div.bubble.notice", {}, make("p.words", {}, words.elsewhere.failed))];
  }
}

function elsewhere({ say, expires_at: until, link }) {
  const time = new Date(until).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const code = make("strong.code", {}, say);
  const told = [make("p.words", {}, words.elsewhere.say), code, make("p.words.soft", {}, words.elsewhere.until(time))];
  const actions = make("div.actions", {}, copyButton(words.elsewhere.copyWords, say));
  const address = link ? linkParts(link) : [];
  return make("div.bubble.elsewhere", {}, ...told, actions, ...address);
}

function linkParts(link) {
  const copy = copyButton(words.elsewhere.copyLink, link);
  const share = navigator.share ? button("button.share", words.elsewhere.sendLink, () => navigator.share({ url: link }).catch(() => {})) : null;
  return [make("p.words", {}, words.elsewhere.link), make("p.words.address", {}, link), make("div.actions", {}, copy, share)];
}
