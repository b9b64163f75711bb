"""Situations (情形引导): words that may mean several matters, and the short tree of questions that tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

OLDEST = 130
_COMPARISON = re.compile(r"(>=|<)(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Known:
    """When an answer need not be asked for: what the resident said already. All that is given has to hold.

    `says`: one of these sentence templates (the syntax of nlu/data/patterns.yml) stands in the words; `unless`: none
    of these does; `age`: an age that is told, such as ">=80" or ">=60, <80".
    """

    says: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    age: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several matters that belong together (一件事), in the order in which they are done.

    `code`: that of `knowledge.bundles`, where they can be applied for together.
    """

    name: str
    matters: tuple[str, ...]
    about: str = ""
    code: str = ""


@dataclass(frozen=True)
class SituationOption:
    """One answer to a question. It leads to a matter, a bundle, another office, words that are all, or a question."""

    label: str
    means: str = ""
    known: Known | None = None
    matter: str = ""
    bundle: Bundle | None = None
    office: str = ""
    outcome: str = ""
    question: str = ""
    options: tuple[SituationOption, ...] = ()

    @cached_property
    def matters(self) -> tuple[str, ...]:
        """The codes of all matters that it may lead to, each once."""
        own = (self.matter,) if self.matter else self.bundle.matters if self.bundle else ()
        return tuple(dict.fromkeys((*own, *matters_of(self.options))))


@dataclass(frozen=True)
class Situation:
    """A situation (情形): vague words, and the question that tells apart what they may mean."""

    code: str
    name: str
    sayings: tuple[str, ...]
    question: str
    options: tuple[SituationOption, ...]

    @cached_property
    def matters(self) -> tuple[str, ...]:
        """The codes of all matters that it may be, in the order of the options; those of bundles last."""
        return tuple(dict.fromkeys((*self.alone, *matters_of(self.options))))

    @cached_property
    def alone(self) -> tuple[str, ...]:
        """The codes of the matters that are an answer by themselves, and not only in a bundle, each once."""
        return tuple(dict.fromkeys(option.matter for option in leaves(self.options) if option.matter))

    def at(self, path: Sequence[int]) -> Situation | SituationOption | None:
        """The situation itself for an empty path, else the option that the positions (from 0) lead to."""
        node: Situation | SituationOption = self
        for position in path:
            if not 0 <= position < len(node.options):
                return None
            node = node.options[position]
        return node


def leaves(options: Sequence[SituationOption]) -> Iterator[SituationOption]:
    """The options that ask nothing more, in their order."""
    for option in options:
        yield from leaves(option.options) if option.options else (option,)


def matters_of(options: Sequence[SituationOption]) -> tuple[str, ...]:
    """The codes of all matters that the options may lead to, each once."""
    return tuple(dict.fromkeys(code for option in options for code in option.matters))


def templates_of(options: Sequence[SituationOption]) -> Iterator[str]:
    """All sentence templates by which the options and those below them are known."""
    for option in options:
        yield from (*option.known.says, *option.known.unless) if option.known else ()
        yield from templates_of(option.options)


def age_range(condition: str) -> range:
    """The ages of a condition such as ">=60, <80". Raises ValueError when it is none."""
    least, end = 0, OLDEST
    for part in condition.split(","):
        comparison = _COMPARISON.fullmatch(part.replace(" ", ""))
        if comparison is None:
            raise ValueError(condition)
        least, end = (int(comparison[2]), end) if comparison[1] == ">=" else (least, int(comparison[2]))
    return range(least, end)


def situation_of(record: Mapping[str, Any]) -> Situation:
    """A situation from what a file or a table holds. Raises KeyError, TypeError when it is not as it should be."""
    return Situation(
        code=record["code"],
        name=record["name"],
        sayings=tuple(record["sayings"]),
        question=record["question"],
        options=tuple(map(_option_of, record["options"])),
    )


def as_record(value: Any) -> Any:
    """A situation or a part of it as lists and mappings, without what is empty."""
    if isinstance(value, tuple):
        return [as_record(item) for item in value]
    if isinstance(value, Situation | SituationOption | Bundle | Known):
        return {name: as_record(item) for name in _names(value) if (item := getattr(value, name))}
    return value


def _names(value: Any) -> list[str]:
    return [field.name for field in fields(value)]


def _option_of(record: Mapping[str, Any]) -> SituationOption:
    parts: dict[str, Any] = dict(record)
    if known := record.get("known"):
        says, unless = tuple(known.get("says", ())), tuple(known.get("unless", ()))
        parts["known"] = Known(says, unless, known.get("age", ""))
    if bundle := record.get("bundle"):
        parts["bundle"] = Bundle(
            bundle["name"], tuple(bundle["matters"]), bundle.get("about", ""), bundle.get("code", "")
        )
    return SituationOption(**{**parts, "options": tuple(map(_option_of, record.get("options", ())))})
