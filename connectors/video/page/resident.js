/** The resident's side, loaded when a call begins: `join` shows the call over the chat. */
import { make } from "/page/element.js";
import { Call } from "./call.js";
import { consent, mediaButtons, photograph } from "./controls.js";
import { Media } from "./media.js";
import { Stage } from "./stage.js";
import { words } from "./words.js";

/**
 * Joins the open call of the conversation `key` ({id, token}).
 * `sendPhoto(file)`: the chat's own way of sending one; `left(text)`: the call is over here, and why.
 */
export async function join(key, sendPhoto, left) {
  const media = new Media("user");
  const trouble = await media.open();
  if (trouble === "insecure" || trouble === "noDevices") return left(words[trouble]);
  return show(key, media, trouble, sendPhoto, left);
}

function show(key, media, trouble, sendPhoto, left) {
  const path = `/api/v1/conversations/${key.id}/call`;
  const where = { path, protocols: ["bangban-call", `token.${key.token}`], stillOpen: () => stillOpen(path, key.token) };
  const call = new Call(where, media, {
    welcomed: () => stage.welcomed(),
    changed: () => draw(),
    lost: () => stage.lost(),
    over: (why, state) => end(why, state),
    askedForPhoto: (title, paper) => shootFor(words.photoTitle(title, paper)),
  });
  const shootFor = (title) => {
    restore();
    if (media.cameraTrack && !stage.sheet.childElementCount) photograph(stage, media, call.watermark, title, send);
  };
  const send = (file) => Promise.resolve(sendPhoto(file)).then(() => true, () => false);
  const stage = new Stage(call, media, [
    ...mediaButtons(media),
    { name: "photo", label: () => words.photo, act: () => shootFor(words.photo), shown: () => Boolean(media.cameraTrack) },
    { name: "unrecord", label: () => words.takeBack, act: () => call.answerRecording(false), shown: () => call.state?.recording.state === "agreed" },
    { name: "small", label: () => words.small, act: () => stage.element.classList.add("small") },
    { name: "hang_up", label: () => words.hangUp, act: () => call.hangUp() },
  ]);
  stage.recordingText = () => (call.state?.recording.state === "agreed" ? words.recording : "");
  const draw = () => {
    stage.draw();
    if (call.state) consent(stage, call);
  };
  const restore = () => stage.element.classList.remove("small");
  const end = (why, state) => {
    stage.close();
    document.documentElement.classList.remove("in-call");
    left(words[why === "left" ? "over" : why] instanceof Function ? words.over(state?.call.seconds) : words[why]);
  };
  stage.element.classList.add("resident");
  stage.element.querySelector(".call-scene").addEventListener("click", restore);
  document.documentElement.classList.add("in-call");
  document.body.append(style(), stage.element);
  if (trouble) stage.note(words[trouble]);
  window.bangbanCall = call;
  call.start();
}

function style() {
  const known = document.getElementById("call-style");
  return known ?? make("link", { id: "call-style", rel: "stylesheet", href: "/call/call.css" });
}

async function stillOpen(path, token) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  return !answer.ok || (await answer.json()).call !== null;
}
