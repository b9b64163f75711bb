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
# The gap is bounded: a text made to be slow must not be.
_SYNTAX = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "*": ".{0,15}", "?": "?"}
_SILENT = re.compile(r"[^\w<>+=]+")
_NEVER = re.compile(r"(?!)")
MOST_STRIPPED = 3
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Recognised:
    """The intent of a sentence, and the entity that it carries, as (name, value)."""

    intent: str
    entity: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """One group of sentences: those that may stand anywhere in a text, and those that must be all of it."""

    recognised: Recognised
    anywhere: re.Pattern[str]
    whole: re.Pattern[str]
    unless: re.Pattern[str]

    def matches(self, text: str, stripped: Iterable[str]) -> bool:
        """Whether the text, or for whole sentences one of its stripped forms, is one of the sentences."""
        if self.unless.search(text):
            return False
        return bool(self.anywhere.search(text)) or any(map(self.whole.fullmatch, stripped))


class Patterns:
    """The groups in their order; the first that matches wins."""

    def __init__(
        self,
        groups: Iterable[Mapping[str, Any]],
        lists: Mapping[str, list[str]],
        carried: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._lists = {name: _either(words) for name, words in lists.items()}
        self._lead = re.compile(self._lists["lead"])
        self._tail = re.compile(f"(?:{self._lists['tail']})$")
        self._patterns = [self._compiled(group) for group in groups]
        self._carried = [self._compiled(group) for group in carried]

    def recognise(self, text: str) -> Recognised | None:
        """What the text must mean, or None when no sentence is like it."""
        spoken = _spoken(text)
        stripped = self._stripped(spoken)
        return next((each.recognised for each in self._patterns if each.matches(spoken, stripped)), None)

    def ruled_out(self, text: str) -> frozenset[str]:
        """The intents that the text can't have, because an `unless` says what it is about."""
        spoken = _spoken(text)
        return frozenset(each.recognised.intent for each in self._patterns if each.unless.search(spoken))

    def carried(self, intent: str, text: str) -> tuple[str, str] | None:
        """The entity, as (name, value), that a text of this intent carries by its words."""
        spoken = _spoken(text)
        groups = (each for each in self._carried if each.recognised.intent == intent and each.matches(spoken, ()))
        return next((each.recognised.entity for each in groups), None)

    def anywhere(self, sentences: Iterable[str]) -> re.Pattern[str]:
        """The sentences, wherever they stand in a text. Raises KeyError for an unknown list, re.error."""
        return self._any_of(sentence.strip("*") for sentence in sentences)

    def _stripped(self, text: str) -> list[str]:
        """The text, and the text without its polite beginnings and ends, one after the other."""
        starts, ends = [0], [len(text)]
        while len(starts) <= MOST_STRIPPED and (lead := self._lead.match(text, starts[-1])):
            starts.append(lead.end())
        while len(ends) <= MOST_STRIPPED and (tail := self._tail.search(text[: ends[-1]], max(0, ends[-1] - 8))):
            ends.append(tail.start())
        return [text[start:end] for start in starts for end in ends if start < end]

    def _compiled(self, group: Mapping[str, Any]) -> Pattern:
        entity = (group.get("entity", group["intent"]), str(group["value"])) if "value" in group else None
        anywhere = [sentence.strip("*") for sentence in group["sentences"] if _open(sentence)]
        whole = [sentence for sentence in group["sentences"] if not _open(sentence)]
        compiled = map(self._any_of, (anywhere, whole, group.get("unless", [])))
        return Pattern(Recognised(group["intent"], entity), *compiled)

    def _any_of(self, sentences: Iterable[str]) -> re.Pattern[str]:
        templates = "|".join(map(self._template, sentences))
        return re.compile(templates) if templates else _NEVER

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
    return Patterns(read["groups"], read["lists"], read["carried"])


def wants_person(text: str) -> bool:
    """Whether the text asks for a person, in any wording: looked at in every state, before everything else."""
    recognised = patterns().recognise(text)
    return recognised is not None and recognised.intent == "ask_person"


def _spoken(text: str) -> str:
    return _SILENT.sub("", normalise(text[:LONGEST]))


def _open(sentence: str) -> bool:
    return sentence.startswith("*") and sentence.endswith("*")


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
