/** Records a call in the agent's browser: all pictures on one canvas, the watermark drawn in, all voices mixed. */
import { alone, Parts } from "./parts.js";

const PART_SECONDS = 5;
const FRAMES = 12;
const [WIDTH, HEIGHT] = [960, 540];
const BITS = 700_000;
const KINDS = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];

export class Recorder {
  #canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  #videos;
  #watermark;
  #sound = null;
  #heard = new Map();
  #recorder = null;
  #timer;
  #parts = null;
  #release = () => {};
  #uploading;

  /**
   * `videos()`: the video elements as they are now, the main one first, each with its stream.
   * `watermark`: what is drawn in. `uploading(left)`: how many parts are not with the server yet.
   */
  constructor(videos, watermark, uploading) {
    this.#videos = videos;
    this.#watermark = watermark;
    this.#uploading = uploading;
  }

  get isRunning() {
    return this.#recorder?.state === "recording";
  }

  /** Begins under the id that the server gave. */
  static kind() {
    return KINDS.find((kind) => window.MediaRecorder?.isTypeSupported(kind)) ?? null;
  }

  start(id, mimeType) {
    this.#parts = new Parts(id, this.#uploading);
    alone(id, () => new Promise((resolve) => (this.#release = resolve)));
    this.#sound = new AudioContext();
    const mixed = this.#sound.createMediaStreamDestination();
    const stream = this.#canvas.captureStream(FRAMES);
    stream.addTrack(mixed.stream.getAudioTracks()[0]);
    this.#timer = setInterval(() => this.#draw(mixed), 1000 / FRAMES);
    this.#recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS });
    this.#recorder.ondataavailable = ({ data }) => data.size && this.#parts.add(data);
    this.#recorder.start(PART_SECONDS * 1000);
  }

  /** Ends it, and resolves when all parts are with the server. */
  async stop() {
    if (!this.isRunning) return;
    clearInterval(this.#timer);
    await new Promise((resolve) => {
      this.#recorder.onstop = resolve;
      this.#recorder.stop();
    });
    this.#sound.close();
    await this.#parts.end();
    this.#release();
  }

  #draw(mixed) {
    const context = this.#canvas.getContext("2d");
    const [main, ...others] = this.#videos();
    context.fillStyle = "#000";
    context.fillRect(0, 0, WIDTH, HEIGHT);
    if (main) fit(context, main, 0, 0, WIDTH, HEIGHT);
    others.forEach((video, place) => fit(context, video, WIDTH - 200, 12 + place * 150, 188, 141));
    this.#watermark().draw(context, WIDTH, HEIGHT);
    this.#listen(mixed, [main, ...others].filter(Boolean));
  }

  /** Voices that are new are mixed in. */
  #listen(mixed, videos) {
    for (const { srcObject } of videos) {
      const track = srcObject?.getAudioTracks()[0];
      if (!track || this.#heard.has(track.id)) continue;
      const source = this.#sound.createMediaStreamSource(new MediaStream([track]));
      source.connect(mixed);
      this.#heard.set(track.id, source);
    }
  }
}

/** Draws a video whole into a box. */
function fit(context, video, x, y, width, height) {
  const { videoWidth, videoHeight } = video;
  if (!videoWidth) return;
  const scale = Math.min(width / videoWidth, height / videoHeight);
  const [wide, high] = [videoWidth * scale, videoHeight * scale];
  context.drawImage(video, x + (width - wide) / 2, y + (height - high) / 2, wide, high);
}
