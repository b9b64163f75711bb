"""The invented households of `seeds.yml` with their licences: the sandbox's people, and the forms' measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from connectors.sandbox.common_licences import common_licences
from knowledge.household import Household, Licence, Person


@dataclass(frozen=True, slots=True)
class Seed:
    """A household, its members' licences, and the stories that can be played with it."""

    household: Household
    licences: tuple[Licence, ...]
    story: tuple[str, ...]

    def licences_of(self, person: Person) -> list[Licence]:
        """Those that the platform shows this member: their own, and the household's book."""
        return [
            each for each in self.licences if each.holder_id_number == person.id_number or each.kind == "居民户口簿"
        ]


def read_seeds(today: date) -> tuple[Seed, ...]:
    """All households, in the order of the file. `today` dates what moves with the calendar (a newborn)."""
    loaded = _file()
    return tuple(_seed(entry, loaded["places"][entry["region"]], today) for entry in loaded["households"])


@cache
def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(resources.files(__package__).joinpath("seeds.yml").read_text("utf-8"))
    return loaded


def _seed(entry: Mapping[str, Any], place: Mapping[str, str], today: date) -> Seed:
    household = Household(
        number=entry["number"],
        kind="家庭户",
        address=place["address"] + entry["group"],
        region=entry["region"],
        members=tuple(_person(member) for member in entry["members"]),
        facts={"group": entry["group"], **entry["facts"]},
    )
    return Seed(household, tuple(_licences(entry, household, place, today)), tuple(entry["story"]))


def _person(entry: Mapping[str, Any]) -> Person:
    number = entry["id_number"]
    return Person(
        name=entry["name"],
        id_number=number,
        gender="男" if int(number[16]) % 2 else "女",
        birth=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
        relation=entry["relation"],
        telephone=entry.get("telephone", ""),
        facts=entry["facts"],
    )


def _licences(
    entry: Mapping[str, Any], household: Household, place: Mapping[str, str], today: date
) -> Iterator[Licence]:
    without = entry.get("without", {})
    for licence in common_licences(household, place, today):
        if licence.kind not in without.get(licence.holder, ()):
            yield licence
    for listed in entry.get("licences", ()):
        yield _listed(listed, household, today)


def _listed(entry: Mapping[str, Any], household: Household, today: date) -> Licence:
    holder = next(member for member in household.members if member.name == entry["holder"])
    day = today - timedelta(days=entry["days_ago"]) if "days_ago" in entry else entry["valid_from"]
    said = f"{day.year}年{day.month}月{day.day}日"
    return Licence(
        kind=entry["kind"],
        number=entry["number"],
        holder=holder.name,
        holder_id_number=holder.id_number,
        issued_by=entry["issued_by"],
        valid_from=day,
        valid_until=entry.get("valid_until"),
        fields={name: text.format(day=said) for name, text in entry["fields"].items()},
    )
