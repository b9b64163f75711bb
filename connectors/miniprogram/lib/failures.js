/** What can go wrong with a request, named by what it means for the resident. */

/** The server said no, and will say no again: `message` can be shown. */
class Refused extends Error {}

/** The conversation or its token is not known any more: begin again. */
class ConversationGone extends Error {}

/** The network or the server is not there now; the same message may be sent again after `seconds`. */
class TryAgain extends Error {
  constructor(message, seconds = 0) {
    super(message);
    this.seconds = seconds;
  }
}

module.exports = { ConversationGone, Refused, TryAgain };
