"""What a photo or a PDF of a paper shows, and what is wrong with it: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

UNKNOWN = "unknown"
"""The kind of what is none of the papers in papers.yml: a cat, a landscape, a paper that we don't know."""

Severity = Literal["bad", "warn"]
"""`bad`: it would be sent back. `warn`: it may be in order, a person will look at it."""

FRAME = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as read: `score` 0–1, `box` left, top, right, bottom as shares of the upright picture."""

    text: str
    score: float
    box: tuple[float, float, float, float] = FRAME


@dataclass(frozen=True, slots=True)
class Defect:
    """What makes a picture hard to read. `name`: blurred, glare, dark, small, cut_off, no_text; `place`: 右下角 …"""

    name: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page, or one photo. `kind`: as the electronic licence is called (居民身份证), or UNKNOWN.

    `parts`: which sides or pages of it are seen (人像面, 国徽面, 首页, 个人页). `fields`: by the keys of papers.yml,
    numbers without blanks, days as 2026-01-31, 长期 for no end. `turned`: degrees by which it was turned upright.
    """

    kind: str = UNKNOWN
    parts: tuple[str, ...] = ()
    certainty: float = 0.0
    fields: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()
    lines: tuple[Line, ...] = ()
    seal: bool = False
    turned: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file shows: a sheet a page, at least one. `pages`: how many the file has, looked at or not."""

    sheets: tuple[Sheet, ...]
    media_type: str = ""
    pages: int = 1

    @property
    def main(self) -> Sheet:
        """The sheet that is known with the greatest certainty; of equals the first."""
        known = [each for each in self.sheets if each.kind != UNKNOWN]
        return max(known or self.sheets, key=lambda each: each.certainty)

    @property
    def kind(self) -> str:
        """The kind of paper that the file is."""
        return self.main.kind

    @property
    def certainty(self) -> float:
        """How sure the kind is, 0–1."""
        return self.main.certainty

    @property
    def parts(self) -> tuple[str, ...]:
        """The sides and pages of that kind which are there, each once."""
        return tuple(dict.fromkeys(part for sheet in self.of_kind() for part in sheet.parts))

    @property
    def fields(self) -> dict[str, str]:
        """The fields of all sheets of that kind; what stands on two is taken from the first."""
        return {key: value for sheet in reversed(self.of_kind()) for key, value in sheet.fields.items()}

    @property
    def seal(self) -> bool:
        """Whether a red seal is seen on a sheet of that kind."""
        return any(sheet.seal for sheet in self.of_kind())

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What makes its sheets hard to read."""
        return tuple(dict.fromkeys(defect for sheet in self.of_kind() for defect in sheet.defects))

    def of_kind(self) -> Sequence[Sheet]:
        """The sheets of the file's kind."""
        return [sheet for sheet in self.sheets if sheet.kind == self.kind]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; `reading_of` takes it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a paper. `text`: one sentence for the resident; `defect` and `rule`: keys of papers.yml.

    `rule` says in words why it matters, for staff and for 为什么.
    """

    material: str
    defect: str
    severity: Severity
    text: str
    rule: str = ""


def reading_of(kept: Mapping[str, Any]) -> Reading:
    """A reading from `Reading.as_dict()`, also after JSON. Raises KeyError and TypeError on anything else."""
    return Reading(tuple(sheet_of(each) for each in kept["sheets"]), kept["media_type"], kept["pages"])


def sheet_of(kept: Mapping[str, Any]) -> Sheet:
    """A sheet from its dictionary."""
    lines = tuple(Line(each["text"], each["score"], _box(each["box"])) for each in kept["lines"])
    defects = tuple(Defect(**each) for each in kept["defects"])
    return Sheet(**{**kept, "parts": tuple(kept["parts"]), "lines": lines, "defects": defects})


def _box(kept: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = kept
    return left, top, right, bottom
