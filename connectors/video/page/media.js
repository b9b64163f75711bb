/** What this page sends: microphone, camera or screen. Works with whatever of it there is. */
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };

export class Media {
  #sound = null;
  #camera = null;
  #screen = null;
  #facing;
  #changed = () => {};
  microphone = true;
  picture = true;

  /** `facing`: "user" or "environment", the camera that is tried first. */
  constructor(facing = "user") {
    this.#facing = facing;
  }

  /** Called after each change of the tracks. */
  onchange(changed) {
    this.#changed = changed;
  }

  /** Opens both; resolves to "" or what is missing: noCamera, noDevices, insecure. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) return "insecure";
    const [sound, camera] = await this.#together();
    this.#sound = sound;
    this.#camera = camera;
    if (!sound && !camera) return "noDevices";
    return camera ? "" : "noCamera";
  }

  /** The track of that kind to send now, or null. */
  track(kind) {
    return kind === "audio" ? this.#sound : (this.#screen ?? this.#camera);
  }

  /** The camera's own track, also while the screen is shared. */
  get cameraTrack() {
    return this.#camera;
  }

  get isSharing() {
    return this.#screen !== null;
  }

  /** How this page is, for the others. */
  get state() {
    const camera = Boolean(this.#screen) || (this.picture && Boolean(this.#camera));
    return { microphone: this.microphone && Boolean(this.#sound), camera, sharing: this.isSharing };
  }

  setMicrophone(on) {
    this.microphone = on;
    if (this.#sound) this.#sound.enabled = on;
    this.#changed();
  }

  setPicture(on) {
    this.picture = on;
    if (this.#camera) this.#camera.enabled = on;
    this.#changed();
  }

  /** The other camera: on a phone front or back, on a desk the next one. */
  async switchCamera() {
    const next = await this.#nextCamera();
    this.#camera?.stop(); // many phones open one camera at a time
    this.#camera = await this.#open({ video: { ...PICTURE, ...next } });
    if (this.#camera) this.#camera.enabled = this.picture;
    this.#changed();
  }

  /** Shares the screen in the camera's place; false: it was not allowed. */
  async share() {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 10 } } });
      [this.#screen] = stream.getVideoTracks();
    } catch {
      return false;
    }
    this.#screen.contentHint = "detail";
    this.#screen.addEventListener("ended", () => this.stopSharing());
    this.#changed();
    return true;
  }

  stopSharing() {
    this.#screen?.stop();
    this.#screen = null;
    this.#changed();
  }

  close() {
    for (const track of [this.#sound, this.#camera, this.#screen]) track?.stop();
    this.#sound = this.#camera = this.#screen = null;
  }

  async #together() {
    const video = { ...PICTURE, facingMode: { ideal: this.#facing } };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND, video });
      return [stream.getAudioTracks()[0], stream.getVideoTracks()[0]];
    } catch {
      return [await this.#open({ audio: SOUND }), await this.#open({ video })]; // one of both may be there
    }
  }

  async #open(wanted) {
    try {
      return (await navigator.mediaDevices.getUserMedia(wanted)).getTracks()[0];
    } catch {
      return null;
    }
  }

  async #nextCamera() {
    const now = this.#camera?.getSettings() ?? {};
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    if (now.facingMode) this.#facing = now.facingMode === "user" ? "environment" : "user";
    if (now.facingMode && all.length > 1) return { facingMode: { exact: this.#facing } };
    const place = all.findIndex(({ deviceId }) => deviceId === now.deviceId);
    const next = all[(place + 1) % Math.max(1, all.length)];
    return next ? { deviceId: { exact: next.deviceId } } : {};
  }
}
