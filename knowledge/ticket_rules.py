"""The rules of tickets as data (tickets.yml), by division; a county's own file goes over what is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.division import COUNTRY, division_code, lineage
from knowledge.formats.yaml_file import load

TICKETS = Path(__file__).with_name("starter") / "tickets.yml"


class TicketRulesInvalid(ValueError):
    """A file of rules lacks something: the message names it."""


@dataclass(frozen=True, slots=True)
class TicketRules:
    """What holds in a division; what each number means is said in tickets.yml. Minutes, places, times."""

    region: str
    opens_minutes: int
    a_day: int
    near: int
    late_places: int
    late_times: int
    appointment_minutes: int
    early_minutes: int
    first_minutes: int
    absent_minutes: float
    source: str = ""
    verified: bool = False

    @property
    def opens(self) -> timedelta:
        """How long before the office opens tickets are given."""
        return timedelta(minutes=self.opens_minutes)


def ticket_rules(region: str, own: Path | None = None) -> TicketRules:
    """What holds there: of the nearest division up the tree. Raises TicketRulesInvalid, BrokenFile."""
    known = _all(own)
    return next(known[code] for code in (*lineage(division_code(region)), COUNTRY) if code in known)


@cache
def _all(own: Path | None) -> Mapping[str, TicketRules]:
    whole: dict[str, dict[str, Any]] = {}
    try:
        for file in filter(None, (TICKETS, own)):
            for record in load(file)["rules"]:
                code = division_code(str(record["region"]))
                whole[code] = whole.get(code, {}) | dict(record) | {"region": code}
        return {code: _rule(whole[COUNTRY] | record) for code, record in whole.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise TicketRulesInvalid(f"{(own or TICKETS).name}: {type(error).__name__} {error}; see tickets.yml") from error


def _rule(record: Mapping[str, Any]) -> TicketRules:
    rule = TicketRules(**{each.name: record[each.name] for each in fields(TicketRules) if each.name in record})
    if rule.late_places < 1 or min(rule.near, rule.late_times, rule.first_minutes, rule.appointment_minutes) < 0:
        raise ValueError(f"{rule.region}: negative")
    return rule
