"""好差评 as data (ratings.yml): the five levels, the reasons, and by when a bad mark must be put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.division import COUNTRY, lineage
from knowledge.working_days import CHINA, after_working_days

RATINGS = Path(__file__).with_name("starter") / "ratings.yml"

MARKS = (5, 4, 3, 2, 1)
WORST_GOOD = 3
"""The last two levels are 差评 (GB/T 39734)."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """Within how many days a bad mark is put right in a division; `unit`: 自然日 or 工作日."""

    region: str
    days: int
    unit: str
    source: str
    verified: bool

    def after(self, at: datetime) -> datetime:
        """The end of the last day, in China. `at` is aware."""
        day = at.astimezone(CHINA).date()
        last = after_working_days(day, self.days) if self.unit == "工作日" else day + timedelta(days=self.days)
        return datetime.combine(last + timedelta(days=1), time(), CHINA)


@dataclass(frozen=True, slots=True)
class RatingRules:
    """`labels`: mark → its words on the button; `words`: what else means a mark, longest first; `reasons` by code."""

    labels: dict[int, str]
    words: tuple[tuple[str, int], ...]
    good: dict[str, str]
    bad: dict[str, str]
    deadlines: tuple[Deadline, ...]

    def mark_in(self, text: str) -> int | None:
        """The level that a text names: 不满意 in 非常不满意 is no mark of its own."""
        return next((mark for words, mark in self.words if words in text), None)

    def reasons_for(self, mark: int) -> dict[str, str]:
        """Code → words of the reasons that fit a mark."""
        return self.bad if is_bad(mark) else self.good

    def deadline(self, region: str) -> Deadline:
        """The nearest up the division tree."""
        known = {each.region: each for each in self.deadlines}
        return next(known[code] for code in lineage(region) if code in known)


def is_bad(mark: int) -> bool:
    """Whether a mark is one of the last two levels."""
    return mark < WORST_GOOD


class RatingRulesInvalid(ValueError):
    """A file of rating rules lacks something: the message names it."""


@cache
def rating_rules(path: Path = RATINGS) -> RatingRules:
    """Read a file like ratings.yml, once. Raises RatingRulesInvalid, OSError."""
    try:
        rules = _read(path)
        rules.deadline(COUNTRY)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise RatingRulesInvalid(f"{path.name}: {type(error).__name__} {error}; compare with ratings.yml") from error
    if set(rules.labels) != set(MARKS):
        raise RatingRulesInvalid(f"{path.name}: the levels are 5, 4, 3, 2, 1")
    return rules


def _read(path: Path) -> RatingRules:
    told: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    words = [(each, mark) for mark, level in told["levels"].items() for each in level["words"]]
    return RatingRules(
        labels={mark: level["label"] for mark, level in told["levels"].items()},
        words=tuple(sorted(words, key=lambda each: -len(each[0]))),
        good=told["reasons"]["good"],
        bad=told["reasons"]["bad"],
        deadlines=tuple(Deadline(**each) for each in told["deadlines"]),
    )
