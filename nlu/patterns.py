"""Sentences that must be understood without fail: a person, an emergency, a choice (`data/patterns.yml`).

Needs nothing but regular expressions, so that the turn can ask it before the engine runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlu.files import read_yaml
from nlu.text import normalise

_TOKEN = re.compile(r"<(\w+)>|.")
_SYNTAX = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "*": ".*", "?": "?"}
_SILENT = re.compile(r"[^\w<>+=]+")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The intent of a sentence, and the entity that it carries, as (name, value)."""

    intent: str
    entity: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """One group of sentences, compiled."""

    recognised: Recognised
    sentences: re.Pattern[str]
    unless: re.Pattern[str] | None

    def matches(self, text: str) -> bool:
        """Whether the text, without punctuation, is one of the sentences."""
        return not self.excludes(text) and bool(self.sentences.fullmatch(text))

    def excludes(self, text: str) -> bool:
        """Whether the text means something else although it has the words (人工湖)."""
        return bool(self.unless and self.unless.search(text))


class Patterns:
    """The groups in their order; the first that matches wins."""

    def __init__(self, groups: Iterable[Mapping[str, Any]], lists: Mapping[str, list[str]]) -> None:
        self._lists = {name: _either(words) for name, words in lists.items()}
        self._patterns = [self._compiled(group) for group in groups]

    def recognise(self, text: str) -> Recognised | None:
        """What the text must mean, or None when no sentence is like it."""
        spoken = _spoken(text)
        return next((each.recognised for each in self._patterns if each.matches(spoken)), None)

    def ruled_out(self, text: str) -> frozenset[str]:
        """The intents that the text can't have, because an `unless` says what it is about."""
        spoken = _spoken(text)
        return frozenset(each.recognised.intent for each in self._patterns if each.excludes(spoken))

    def _compiled(self, group: Mapping[str, Any]) -> Pattern:
        sentences = "|".join(map(self._template, group["sentences"]))
        whole = f"(?:{self._lists['lead']})*(?:{sentences})(?:{self._lists['tail']})*"
        entity = (group.get("entity", group["intent"]), str(group["value"])) if "value" in group else None
        unless = re.compile("|".join(map(self._template, group["unless"]))) if "unless" in group else None
        return Pattern(Recognised(group["intent"], entity), re.compile(whole), unless)

    def _template(self, sentence: str) -> str:
        """A sentence template as a regular expression; spaces are for the reader only."""
        return "".join(map(self._token, _TOKEN.finditer(sentence.replace(" ", ""))))

    def _token(self, token: re.Match[str]) -> str:
        if token[1]:
            return f"(?:{self._lists[token[1]]})"
        return _SYNTAX.get(token[0]) or re.escape(token[0])


@lru_cache(maxsize=1)
def patterns() -> Patterns:
    """The patterns of `data/patterns.yml`. Raises KeyError when a sentence names a list that is not there."""
    read = read_yaml("data/patterns.yml")
    return Patterns(read["groups"], read["lists"])


def wants_person(text: str) -> bool:
    """Whether the text asks for a person, in any wording: looked at in every state, before everything else."""
    recognised = patterns().recognise(text)
    return recognised is not None and recognised.intent == "ask_person"


def _spoken(text: str) -> str:
    return _SILENT.sub("", normalise(text))


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
