"""The kinds of paper of papers.yml, read into values; which of them a material means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.matter import Material
from knowledge.paper import Severity

ALTERNATIVES = re.compile("[或/(（]")
PAPERS = Path(__file__).with_name("starter") / "papers.yml"


@dataclass(frozen=True, slots=True)
class PaperField:
    """Something that stands on a paper; the keys are explained in docs/converse.md."""

    label: str
    type: str
    after: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    like: str = ""
    nth: int = 1
    part: str = ""
    needed: bool = False
    check: str = ""
    form: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A side or a page: what is printed there, how much each says, and the sum from which it is that part."""

    signs: Mapping[str, float]
    enough: float
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper. `lasts`: days for which it may be used, None: as long as it says.

    `whose`: who must be named on it; `people`: the fields of each name and number that is.
    """

    name: str
    words: tuple[str, ...]
    parts: Mapping[str, PaperPart]
    wanted: tuple[str, ...] = ()
    seal: bool = False
    lasts: int | None = None
    whose: Literal["holder", "household", "any"] = "holder"
    people: tuple[tuple[str, str], ...] = (("name", "id_number"),)
    fields: Mapping[str, PaperField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingText:
    """How a defect is said: its severity, the sentence with {places} to fill, and the rule."""

    severity: Severity
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class PaperRules:
    """All of papers.yml. `findings`: most to be mended first."""

    kinds: Mapping[str, PaperKind]
    pictures: tuple[str, ...]
    findings: Mapping[str, FindingText]
    of_others: tuple[str, ...] = ()
    of_two: tuple[str, ...] = ()

    def kinds_for(self, material: Material) -> tuple[str, ...]:
        """The kinds that a material may be, by its licence and its name; none: not said, any paper may be it."""
        by_licence = [material.licence] if material.licence in self.kinds else []
        return tuple(dict.fromkeys(by_licence + [kind for group in self._named(material) for kind in group]))

    def wanted_together(self, material: Material) -> Sequence[tuple[str, ...]]:
        """Groups of kinds, of each of which one is wanted: 身份证户口簿 is both, 身份证(户口簿) is either."""
        groups = list(dict.fromkeys(self._named(material)))
        return [] if ALTERNATIVES.search(material.name) else groups

    def _named(self, material: Material) -> list[tuple[str, ...]]:
        """The kinds that each word of its name means. The longest word counts: 出生医学证明, not 证明."""
        words = {word for kind in self.kinds.values() for word in kind.words}
        found = re.findall("|".join(sorted(map(re.escape, words), key=len, reverse=True)), material.name)
        return [tuple(kind.name for kind in self.kinds.values() if word in kind.words) for word in found]

    def is_of_others(self, material: Material) -> bool:
        """Whether it may be somebody else's than the applicant's."""
        return any(word in material.name for word in self.of_others)

    def is_of_two(self, material: Material) -> bool:
        """Whether it is wanted of two people."""
        return any(word in material.name for word in self.of_two)

    def is_picture(self, material: Material) -> bool:
        """Whether a picture without text is meant, of a person or a place."""
        return any(material.name.startswith(word) or material.name.endswith(word) for word in self.pictures)


@cache
def paper_rules(place: Path = PAPERS) -> PaperRules:
    """The rules of a file. Raises OSError, KeyError or TypeError where docs/converse.md says otherwise."""
    kept = yaml.safe_load(place.read_text(encoding="utf-8"))
    kinds = {name: _kind(name, entry) for name, entry in kept["kinds"].items()}
    findings = {name: FindingText(**entry) for name, entry in kept["findings"].items()}
    return PaperRules(kinds, tuple(kept["pictures"]), findings, tuple(kept["of_others"]), tuple(kept["of_two"]))


def _kind(name: str, entry: Mapping[str, Any]) -> PaperKind:
    parts = {part: _part(each) for part, each in entry["parts"].items()}
    fields = {key: _field(each) for key, each in entry.get("fields", {}).items()}
    rest = {key: entry[key] for key in ("seal", "lasts", "whose") if key in entry}
    if "people" in entry:
        rest["people"] = tuple(tuple(each) for each in entry["people"])
    return PaperKind(name, tuple(entry["words"]), parts, tuple(entry.get("wanted", ())), fields=fields, **rest)


def _part(entry: Mapping[str, Any]) -> PaperPart:
    return PaperPart(dict(entry["signs"]), float(entry["enough"]), tuple(entry.get("never", ())))


def _field(entry: Mapping[str, Any]) -> PaperField:
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return PaperField(**told)
