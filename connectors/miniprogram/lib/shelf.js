/** What is kept on the phone: small, by name; what can't be read is as if it were not there. */
class Shelf {
  constructor(platform) {
    this.platform = platform;
  }

  /** The kept value, or `otherwise`. */
  kept(name, otherwise = null) {
    try {
      const value = this.platform.getStorageSync(`bangban.${name}`);
      return value === "" || value === undefined ? otherwise : value;
    } catch {
      return otherwise;
    }
  }

  /** Keeps a value; null drops it. A full storage loses only what would have been kept. */
  keep(name, value) {
    try {
      if (value === null) this.platform.removeStorageSync(`bangban.${name}`);
      else this.platform.setStorageSync(`bangban.${name}`, value);
    } catch {
      // the conversation goes on without it
    }
  }
}

module.exports = { Shelf };
