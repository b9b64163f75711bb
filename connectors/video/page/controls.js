/** What both sides do in a call: the buttons that they share, a photo, the consent to a recording. */
import { button, make } from "/page/element.js";
import { fileOf, shoot } from "./photo.js";
import { words } from "./words.js";

/** Mute, picture, camera: `call` is not touched, the media tell it. */
export function mediaButtons(media) {
  return [
    { name: "mute", label: () => (media.microphone ? words.mute : words.unmute), act: () => media.setMicrophone(!media.microphone), pressed: () => !media.microphone },
    { name: "picture", label: () => (media.picture ? words.cameraOff : words.cameraOn), act: () => media.setPicture(!media.picture), pressed: () => !media.picture, shown: () => Boolean(media.cameraTrack) },
    { name: "switch", label: () => words.switchCamera, act: () => media.switchCamera(), shown: () => Boolean(media.cameraTrack) && !media.isSharing },
  ];
}

/**
 * Takes a photo of a paper by the own camera: look, shoot, use or take again. `send(file)` resolves to whether it went.
 * On a phone the camera at the back is used meanwhile.
 */
export async function photograph(stage, media, watermark, title, send) {
  const turned = media.cameraTrack?.getSettings().facingMode === "user";
  if (turned) await media.switchCamera();
  const done = async () => {
    stage.ask();
    stage.element.classList.remove("shooting");
    if (turned) await media.switchCamera();
  };
  stage.element.classList.add("shooting");
  for (;;) {
    const picture = await aimed(stage, media, title);
    if (!picture) return done();
    const file = await fileOf(picture, watermark);
    const chosen = await looked(stage, watermark.band(picture));
    if (chosen === "back") return done();
    if (chosen === "retake") continue;
    await done();
    return stage.note((await send(file)) ? words.photoSent : words.photoFailed);
  }
}

/** The picture that was taken, or null. */
function aimed(stage, media, title) {
  return new Promise((resolve) => {
    stage.ask(
      make("p.call-question", {}, make("strong", {}, title), make("span", {}, words.photoHint)),
      button("button.call-main", words.shot, () => resolve(shoot(media.cameraTrack, stage.own.video))),
      button("button.call-button", words.back, () => resolve(null)),
    );
  });
}

function looked(stage, canvas) {
  canvas.className = "call-photo";
  return new Promise((resolve) => {
    stage.ask(
      canvas,
      button("button.call-main", words.use, () => resolve("use")),
      button("button.call-button", words.retake, () => resolve("retake")),
      button("button.call-button", words.back, () => resolve("back")),
    );
  });
}

/** Asks for consent while the other side waits for it; the sheet goes when the question does. */
export function consent(stage, call) {
  const { state, asked_by: asker } = call.state.recording;
  const open = stage.sheet.querySelector(".call-consent");
  if (state !== "asked" || asker === call.seat) return open && stage.ask();
  if (open || stage.sheet.childElementCount) return null;
  const who = call.others.find(({ seat }) => seat === asker)?.title ?? "";
  const answer = (agreed) => {
    stage.ask();
    call.answerRecording(agreed);
  };
  return stage.ask(
    make("p.call-question.call-consent", {}, make("strong", {}, words.consentTitle), make("span", {}, words.consent(who))),
    button("button.call-main", words.agree, () => answer(true)),
    button("button.call-button", words.disagree, () => answer(false)),
  );
}
