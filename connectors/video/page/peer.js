/** One other page in the call: an RTCPeerConnection by "perfect negotiation" (w3.org/TR/webrtc). */
const NUDGE_SECONDS = 8;

export class Peer {
  #connection;
  #media;
  #send;
  #polite;
  #starts;
  #offering = false;
  #ignoring = false;
  #timer;
  stream = new MediaStream();

  /**
   * `me`, `other`: peer ids; the smaller starts, the larger gives way. `ice`: servers. `media`: our own tracks.
   * `send(message)`: to the other page; `changed(peer)`: its tracks or the connection's state.
   */
  constructor(me, other, ice, media, send, changed) {
    this.#polite = me > other;
    this.#starts = !this.#polite;
    this.#media = media;
    this.#send = send;
    this.#connection = new RTCPeerConnection({ iceServers: ice });
    this.#watch(changed);
    if (this.#starts) for (const kind of ["audio", "video"]) this.#connection.addTransceiver(kind);
    this.useTracks();
    this.#timer = setInterval(() => this.#nudge(), NUDGE_SECONDS * 1000);
  }

  /** new, connecting, connected, disconnected, failed, closed. */
  get state() {
    return this.#connection.connectionState;
  }

  /** What came from the other page: a description or a candidate. */
  async hear({ description, candidate }) {
    if (description) await this.#describe(description);
    else await this.#connection.addIceCandidate(candidate).catch((error) => {
      if (!this.#ignoring) throw error;
    });
  }

  /** Sends our tracks as they are now: another camera, the screen. */
  useTracks() {
    for (const transceiver of this.#connection.getTransceivers()) {
      const track = this.#media.track(transceiver.receiver.track.kind);
      transceiver.direction = "sendrecv";
      if (transceiver.sender.track !== track) transceiver.sender.replaceTrack(track).catch((error) => console.warn("track", error.message));
    }
  }

  /** Hangs up on this page. */
  close() {
    clearInterval(this.#timer);
    this.#connection.close();
  }

  /** Figures of the connection, for tests and support. */
  stats() {
    return this.#connection.getStats();
  }

  #watch(changed) {
    const connection = this.#connection;
    connection.onnegotiationneeded = () => this.#offer();
    connection.onicecandidate = ({ candidate }) => candidate && this.#send({ candidate: candidate.toJSON() });
    connection.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      changed(this);
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === "failed") connection.restartIce();
      changed(this);
    };
  }

  async #offer() {
    try {
      this.#offering = true;
      await this.#connection.setLocalDescription();
      this.#tell();
    } finally {
      this.#offering = false;
    }
  }

  async #describe(description) {
    const collides = description.type === "offer" && (this.#offering || this.#connection.signalingState !== "stable");
    this.#ignoring = collides && !this.#polite;
    if (this.#ignoring) return;
    await this.#connection.setRemoteDescription(description);
    if (description.type !== "offer") return;
    this.useTracks();
    await this.#connection.setLocalDescription();
    this.#tell();
  }

  #tell() {
    const { type, sdp } = this.#connection.localDescription;
    this.#send({ description: { type, sdp } });
  }

  /** Not connected for long: something was lost on the way. */
  #nudge() {
    if (!this.#starts || ["connected", "closed"].includes(this.state)) return;
    if (this.#connection.signalingState === "have-local-offer") this.#tell();
    else this.#connection.restartIce();
  }
}
