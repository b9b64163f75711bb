"""The choices that are offered in many places."""

from __future__ import annotations

from actions.words import wording
from connectors.message import Choice


def starters() -> list[Choice]:
    """The matters that most people come for."""
    return [Choice(f"find_matter:{each['code']}", each["label"]) for each in wording("starters")]


def none_of_these() -> Choice:
    """The way out of every list of matters."""
    return Choice("not_this", wording("choices.none_of_these"))


def other_matter() -> list[Choice]:
    """What is offered where nothing is left to be asked."""
    return [Choice("start_over", wording("choices.other_matter")), person()]


def person() -> Choice:
    """The way to a person."""
    return Choice("ask_person", wording("choices.person"))
