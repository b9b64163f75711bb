"""Whom a home visit is offered to, and what can be done at home: data by region (starter/home_visits.yml)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.checking import STARTER
from knowledge.division import division_code, lineage
from knowledge.formats.yaml_file import load

FILE = STARTER / "home_visits.yml"


class HomeVisitRulesInvalid(ValueError):
    """The file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class VisitRule:
    """What holds in a region and below.

    `age`: from so many years on a visit is offered unasked; `signs`: words that tell the same; `matters`: what can be
    done at home; `bring`: what should lie ready; `days`: by how many working days somebody comes or rings.
    """

    region: str
    age: int
    signs: tuple[str, ...]
    matters: tuple[str, ...]
    bring: str
    days: int
    source: str
    verified: bool

    def is_for(self, age: int | None, said: str) -> bool:
        """Whether somebody of that age, or who says so, need not come themselves."""
        return (age is not None and age >= self.age) or any(sign in said for sign in self.signs)


@lru_cache(maxsize=4)
def visit_rules(file: Path = FILE) -> Sequence[VisitRule]:
    """All rules. Raises HomeVisitRulesInvalid, BrokenFile."""
    try:
        return tuple(
            VisitRule(**{**record, "signs": tuple(record["signs"]), "matters": tuple(record["matters"])})
            for record in load(file)
        )
    except (KeyError, TypeError) as error:
        raise HomeVisitRulesInvalid(f"{file.name}: {error!r}") from error


def visit_rule(region: str | None) -> VisitRule | None:
    """The rule of the nearest region up the tree; None: nobody comes there."""
    known = {rule.region: rule for rule in visit_rules()}
    return next((known[code] for code in lineage(division_code(region or "")) if code in known), None)
