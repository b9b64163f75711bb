"""Intent and matter together: a matter that was named outweighs an intent that was only guessed."""

from __future__ import annotations

from nlu.intent import UNKNOWN, Intent
from nlu.matching import Decision

FIND_MATTER = "find_matter"
WEAK = 0.4  # below it the classifier's first guess is wrong more often than right


def with_matter(intent: Intent, decision: Decision) -> Intent:
    """`find_matter` when a matter was found and the intent is weak or unknown; else the intent as it is.

    A sentence that must be caught (certainty 1) is never overruled. `find_matter` without a matter stays:
    the action says that there is none.
    """
    certain = intent.confidence >= 1.0
    guessed = intent.name == UNKNOWN or intent.confidence < WEAK
    if decision == "none" or certain or not guessed:
        return intent
    ranking = ((FIND_MATTER, intent.confidence), *(each for each in intent.ranking if each[0] != FIND_MATTER))
    return Intent(FIND_MATTER, intent.confidence, ranking, intent.entity)
