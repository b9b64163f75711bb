"""Intent and matter together: a matter that was named outweighs an intent that was only guessed."""

from __future__ import annotations

from nlu.intent import UNKNOWN, Intent
from nlu.matching import Decision

FIND_MATTER = "find_matter"
TALK = frozenset({
    "greet", "thank", "goodbye", "complain", "abuse", "distress", "steer_bot", "ask_privacy", "ask_identity",
    "ask_capability", "repeat", "affirm", "deny", "go_back", "start_over",
})  # fmt: skip
"""Intents that name no matter: a sentence that surely names one is seldom one of them."""

WEAK_TALK = 0.7
WEAK = 0.4  # below it the classifier's first guess is wrong more often than right


def with_matter(intent: Intent, decision: Decision, *, asked_last: bool = False) -> Intent:
    """`find_matter` when a matter was found and the intent is weak or unknown; else the intent as it is.

    `asked_last`: the matter is what a longer text ends with. Who scolds for a hundred characters and then says
    我就是想办个残疾证 wants the matter. A sentence that must be caught (certainty 1) is never overruled. `find_matter`
    without a matter stays: the action says that there is none.
    """
    certain = intent.confidence >= 1.0
    talk = intent.name in TALK and decision == "answer"
    weak = 1.0 if talk and asked_last else WEAK_TALK if talk else WEAK
    guessed = intent.name == UNKNOWN or intent.confidence < weak
    if decision == "none" or certain or not guessed:
        return intent
    ranking = ((FIND_MATTER, intent.confidence), *(each for each in intent.ranking if each[0] != FIND_MATTER))
    return Intent(FIND_MATTER, intent.confidence, ranking, intent.entity)
