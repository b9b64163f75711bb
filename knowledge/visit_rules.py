"""The rules of appointments as data (visits.yml), by division; a county's own file goes over what is shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.division import COUNTRY, division_code, lineage

VISITS = Path(__file__).with_name("starter") / "visits.yml"
DAY = timedelta(days=1)


class VisitRulesInvalid(ValueError):
    """A file of rules lacks something: the message names it."""


@dataclass(frozen=True, slots=True)
class Missed:
    """After `count` no-shows (爽约) within `within_days` nothing can be booked for `blocked_days`; 0: no limit."""

    count: int
    within_days: int
    blocked_days: int

    def blocked_until(self, missed: Sequence[datetime]) -> datetime | None:
        """Until when nothing can be booked, by the times of somebody's no-shows; None: nothing stands against it."""
        times = sorted(missed)
        if not self.count or len(times) < self.count:
            return None
        runs = zip(times, times[self.count - 1 :], strict=False)
        ends = [last for first, last in runs if last - first <= self.within_days * DAY]
        return max(ends) + self.blocked_days * DAY if ends else None


@dataclass(frozen=True, slots=True)
class VisitRules:
    """What holds in a division. `first`: the groups that go first, by name; `asks`: what is asked when one books."""

    region: str
    days_ahead: int
    lead_minutes: int
    at_most: int
    asks: Literal["nothing", "telephone", "name"]
    late_minutes: int
    missed: Missed
    first: tuple[str, ...]
    released_hours: int
    answer_minutes: int
    remind_hours: tuple[int, ...]
    circle_km: float
    source: str = ""
    verified: bool = False

    @property
    def lead(self) -> timedelta:
        """How long before its time a place can still be booked."""
        return timedelta(minutes=self.lead_minutes)


@dataclass(frozen=True, slots=True)
class Group:
    """People who go first: how one knows that somebody is one of them."""

    words: tuple[str, ...]
    age: int | None = None
    elder_mode: bool = False


@dataclass(frozen=True, slots=True)
class Visits:
    """The rules of all divisions, and the groups that may go first."""

    rules: Mapping[str, VisitRules]
    groups: Mapping[str, Group]

    def of(self, region: str | None) -> VisitRules:
        """The nearest up the division tree."""
        return next(self.rules[code] for code in lineage(division_code(region or "")) if code in self.rules)

    def group_of(self, region: str | None, text: str, age: int | None = None, *, elder_mode: bool = False) -> str:
        """Which of the groups that go first there somebody belongs to, by what they say; "" for none."""
        named = ((name, self.groups[name]) for name in self.of(region).first if name in self.groups)
        for name, group in named:
            is_old = group.age is not None and age is not None and age >= group.age
            if is_old or (group.elder_mode and elder_mode) or any(word in text for word in group.words):
                return name
        return ""


@cache
def visits(own: Path | None = None) -> Visits:
    """The shipped rules with a county's own over them, read once. Raises VisitRulesInvalid, OSError."""
    shipped = _read(VISITS)
    told = _read(own) if own else {}
    try:
        return _visits([*shipped["rules"], *(told.get("rules") or [])], shipped["groups"] | (told.get("groups") or {}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VisitRulesInvalid(f"{(own or VISITS).name}: {type(error).__name__} {error}; see visits.yml") from error


def _visits(records: Sequence[Mapping[str, Any]], groups: Mapping[str, Any]) -> Visits:
    whole: dict[str, dict[str, Any]] = {}
    for record in records:
        code = division_code(str(record["region"]))
        whole[code] = whole.get(code, {}) | dict(record) | {"region": code}
    usual = whole[COUNTRY]
    rules = {code: _rule(usual | record) for code, record in whole.items()}
    return Visits(rules, {name: _group(each) for name, each in groups.items()})


def _rule(record: Mapping[str, Any]) -> VisitRules:
    lists = {"first": tuple(record["first"] or ()), "remind_hours": tuple(record["remind_hours"])}
    known = {field.name: record[field.name] for field in fields(VisitRules) if field.name in record}
    rule = VisitRules(**known | lists | {"missed": Missed(**record["missed"])})
    if rule.asks not in ("nothing", "telephone", "name"):
        raise ValueError(f"asks: {rule.asks}")
    return rule


def _group(record: Mapping[str, Any]) -> Group:
    return Group(tuple(record.get("words") or ()), record.get("age"), bool(record.get("elder_mode")))


def _read(path: Path) -> dict[str, Any]:
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise VisitRulesInvalid(f"{path.name}: {error}") from error
    if not isinstance(told, dict):
        raise VisitRulesInvalid(f"{path.name}: rules and groups are expected")
    return told
