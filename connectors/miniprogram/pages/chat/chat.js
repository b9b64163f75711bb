/** The chat: one page. What happens is in lib/, this binds it to the screen. */
const { Listening } = require("../../lib/listening");
const { Outbox, messageId } = require("../../lib/outbox");
const { answerBefore, asksTelephone, ownRow, replyRow, rowsOf } = require("../../lib/rows");
const { carriesOn, chosen, typed } = require("../../lib/sending");
const { askForNews } = require("../../lib/subscribing");
const { Voice, plugin } = require("../../lib/voice");
const { open } = require("../../lib/opening");
const { readAloud, stopReading } = require("../../lib/reading");
const { TryAgain } = require("../../lib/failures");
const { templates } = require("../../config");
const words = require("../../lib/words");

const RETRY = 3000;

/** A page by the Component constructor, so that its tests can render it without WeChat. */
Component({
  data: {
    rows: [], text: "", banner: words.connecting, mode: "", region: "", last: "",
    elder: false, speaking: false, listening: false, asksTelephone: false,
  },

  methods: {
    onLoad() {
      const { contract, session, elder } = getApp();
      Object.assign(this, { contract, session });
      this.plugin = plugin(requirePlugin);
      this.outbox = new Outbox(session.shelf, (message) => this.post(message), this.fates());
      this.listening = new Listening(contract, (line) => this.onLine(line), () => this.onGone());
      this.voice = new Voice(wx, this.plugin, this.ears());
      this.settleElder(session.shelf.kept("elder", elder));
      wx.onNetworkStatusChange?.(({ isConnected }) => isConnected && this.outbox.tryNow());
      return this.begin();
    },

    onShow() {
      if (this.begun) this.listen();
      this.outbox?.tryNow();
    },

    onHide() {
      this.listening.stop();
      stopReading();
    },

    onUnload() {
      this.onHide();
    },

    /** Takes the conversation up, and goes on trying until it is there. */
    async begin() {
      try {
        const { entries, elder, mode, region } = await this.session.begin(this.data.elder);
        const waiting = this.outbox.waiting.map((message) => ownRow(message, "sending"));
        this.seen = Math.max(0, ...entries.map(({ seq = 0 }) => seq));
        this.begun = true;
        this.settleElder(elder ?? this.data.elder);
        this.show({ rows: [...rowsOf(entries), ...waiting], banner: "", region: region?.name ?? "" }, mode);
        this.listen();
        return this.outbox.send();
      } catch (error) {
        this.setData({ banner: error instanceof TryAgain ? words.offline : error.message });
        setTimeout(() => this.begin(), RETRY);
      }
    },

    listen() {
      this.listening.start(this.session.key, this.seen).catch((error) => this.setData({ banner: error.message }));
    },

    onGone() {
      this.session.forget();
      this.begun = false;
      return this.begin();
    },

    /** A pushed line: staff, a reminder, news of a case. */
    onLine({ seq, from, text, reply, mode }) {
      this.seen = seq;
      const row = replyRow(reply ?? { kind: "text", text }, from, `${seq}`);
      this.show({ rows: [...this.data.rows, row] }, mode);
      this.contract.heard(this.session.key, seq).catch(() => {}); // the next one says it too
    },

    show(changed, mode) {
      const rows = changed.rows ?? this.data.rows;
      this.setData({ ...changed, ...(mode && { mode: words.mode[mode] }), last: rows.length ? `row-${rows[rows.length - 1].key}` : "", asksTelephone: asksTelephone(rows) });
    },

    post(message) {
      if (message.file) return this.contract.sendFile(this.session.key, message);
      return this.contract.say(this.session.key, message);
    },

    /** Sends one message: {text}, {choice, label} or {file, label}. */
    say(message) {
      const kept = { id: messageId(), ...message };
      stopReading();
      this.outbox.add(kept);
      this.show({ rows: [...this.data.rows, ownRow(kept, "sending")] });
      return this.outbox.send();
    },

    fates() {
      return {
        trying: () => this.setData({ banner: "" }),
        delayed: ({ id }) => (this.mark(id, words.retrying), this.setData({ banner: words.offline })),
        answered: ({ id }, { replies, mode }) => {
          this.mark(id, "");
          const rows = replies.map((reply, index) => replyRow(reply, "bot", `${id}-${index}`));
          const before = answerBefore(this.data.rows);
          const elder = replies.map(({ data }) => data?.elder).find((value) => value !== undefined);
          if (elder !== undefined) this.settleElder(elder); // switched by words: 字大一点
          this.show({ rows: [...this.data.rows, ...rows] }, mode);
          if (replies.some(({ data }) => data?.read_aloud)) this.read(before); // 念给我听
        },
        refused: ({ id, file }, detail) => this.mark(id, detail || (file ? words.fileLost : words.refused)),
        gone: () => this.onGone(),
      };
    },

    mark(key, state) {
      const index = this.data.rows.findIndex((row) => row.key === key);
      if (index >= 0) this.setData({ [`rows[${index}].state`]: state });
    },

    onInput({ detail: { value } }) {
      this.setData({ text: value });
    },

    onSend() {
      const message = typed(this.data.text);
      if (!message) return undefined;
      if (message.problem) return wx.showToast({ title: message.problem, icon: "none" });
      this.setData({ text: "" });
      return carriesOn(message.text) ? this.carryOn(message.text) : this.say(message);
    },

    /** 接着聊 1234 5678: what was begun on another channel is on the screen, or why it can't be. */
    async carryOn(text) {
      try {
        const { id, token, replies, mode } = await this.contract.carryOn(this.session.key, { id: messageId(), text });
        if (id !== this.session.key.id) await this.moveTo({ id, token });
        const said = replies.slice(0, 1).map((reply) => replyRow(reply, "bot", messageId()));
        this.show({ rows: [...this.data.rows, ...said] }, mode);
      } catch (error) {
        this.setData({ text, banner: error instanceof TryAgain ? words.offline : error.message });
      }
    },

    moveTo(key) {
      this.listening.stop();
      this.listening.last = 0; // the numbers are those of the other conversation
      this.session.become(key);
      return this.begin();
    },

    onChoose({ currentTarget: { dataset } }) {
      askForNews(wx, this.session.shelf, templates);
      if (dataset.id === "find_nearest:here") return this.onPlace(dataset.label);
      return this.say({ choice: dataset.id, label: dataset.label });
    },

    /** They choose a place on WeChat's map: it gives no more than what they choose. */
    onPlace(label) {
      wx.chooseLocation({
        success: ({ latitude, longitude }) => this.say({ choice: `find_nearest:${latitude.toFixed(4)}:${longitude.toFixed(4)}`, label }),
      });
    },

    onPerson() {
      return this.say({ text: "人工" });
    },

    /** Asked for a telephone number, a tap gives the one that WeChat has. */
    async onTelephone({ detail: { code } }) {
      if (!code) return undefined; // they would rather type it
      try {
        const { telephone } = await this.contract.telephone(this.session.key, code);
        return await this.say({ text: telephone });
      } catch (error) {
        return wx.showToast({ title: words.noTelephone, icon: "none" });
      }
    },

    onPhoto() {
      wx.chooseMedia({
        count: 1,
        mediaType: ["image"],
        sizeType: ["original"],
        success: ({ tempFiles: [file] }) => this.sendChosen(file, words.photo),
      });
    },

    onDocument() {
      wx.chooseMessageFile({
        count: 1,
        type: "file",
        extension: ["pdf"],
        success: ({ tempFiles: [file] }) => this.sendChosen(file, words.document),
      });
    },

    sendChosen(file, label) {
      const message = chosen(file, label);
      return message.problem ? wx.showToast({ title: message.problem, icon: "none" }) : this.say(message);
    },

    onElder() {
      const elder = !this.data.elder;
      this.settleElder(elder);
      return this.contract.setElder(this.session.key, elder).catch(({ message }) => this.setData({ banner: message }));
    },

    /** 长辈版: large, and speaking comes first. It is kept on the phone for the next time. */
    settleElder(elder) {
      if (elder !== this.data.elder) this.setData({ elder, speaking: elder });
      this.session.shelf.keep("elder", elder);
    },

    onKeyboard() {
      this.setData({ speaking: !this.data.speaking });
    },

    onHold() {
      this.setData({ listening: true });
      this.voice.start();
    },

    onRelease() {
      this.setData({ listening: false });
      this.voice.stop();
    },

    ears() {
      const toast = (title) => wx.showToast({ title, icon: "none", duration: 3000 });
      return {
        text: (said) => this.say({ text: [...said].slice(0, 300).join(""), spoken: true }),
        recording: (path) => this.say({ file: path, label: words.voice }),
        tooShort: () => toast(words.tooShort),
        failed: () => toast(words.notHeard),
        notAllowed: () => wx.showModal({ content: words.noRecord, showCancel: false }),
      };
    },

    onSection({ currentTarget: { dataset } }) {
      const { row, section } = dataset;
      const where = `rows[${row}].card.sections[${section}].open`;
      this.setData({ [where]: !this.data.rows[row].card.sections[section].open });
    },

    onRead({ currentTarget: { dataset } }) {
      return this.read([dataset]);
    },

    /** Reads {text, reply} one after the other, in the spoken form where the service gives one. */
    async read([first, ...rest]) {
      if (!first) return;
      const { text } = await this.contract.spokenWords(this.session.key, first.reply).catch(() => first);
      const address = this.contract.recording(this.session.key, first.reply);
      const failed = () => wx.showToast({ title: words.notRead, icon: "none" });
      readAloud(wx, this.plugin, { text: text ?? first.text, address }, { then: () => this.read(rest), failed });
    },

    onCall({ currentTarget: { dataset } }) {
      wx.makePhoneCall({ phoneNumber: dataset.number, fail: () => {} }); // they thought better of it
    },

    onFile({ currentTarget: { dataset } }) {
      open(wx, this.contract.address(this.session.key, dataset.url), dataset.type);
    },

    onLink({ currentTarget: { dataset } }) {
      wx.setClipboardData({ data: this.contract.address(this.session.key, dataset.url), success: () => wx.showToast({ title: words.copied, icon: "none" }) });
    },
  },
});
