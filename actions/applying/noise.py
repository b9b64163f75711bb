"""A message in a form that answers nothing and means nothing else for sure: it is asked again, with a word of help.

What a classifier only thinks it hears must not book a call-back, ring an alarm or leave the form: 快点, 汉人, a number.
"""

from __future__ import annotations

from actions.turn import Turn
from actions.words import read

NEVER_GUESSED = frozenset({"emergency", "steer_bot"})
"""Intents that count only when a sentence of patterns.yml is heard; the help mentions 110 and 120."""


def is_noise(turn: Turn) -> bool:
    """Whether nothing is to be made of the message."""
    if turn.caught or turn.argument or turn.understood.decision == "answer":
        return False
    words = read("applying")
    if turn.intent in NEVER_GUESSED:
        return True
    if turn.intent == "ask_person":
        return not any(each in turn.said for each in words["calls_somebody"])
    known = turn.intent in words["asides"] or turn.intent in words["never_answers"]
    return not (known and turn.certainty >= words["surely_aside"])


def say_not_heard(turn: Turn, step: str) -> None:
    """Say so, and how this step can be answered."""
    words: dict[str, str] = read("applying")["not_heard"]
    danger = words["danger"] if turn.intent == "emergency" else ""
    turn.say("utter_form_not_heard", hint=words[step] + danger)
