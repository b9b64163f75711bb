"""Who a resident is and what the platform's file (一户一档) says of their household: plain values, from the intake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the platform or a clerk confirmed it."""

    name: str
    id_number: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a household (户口簿's page). `relation` is that to the head: 户主, 妻, 子 …

    `facts`: what else the file knows of them, by the keys of docs/converse.md (disability_level, pension, …).
    """

    name: str
    id_number: str
    gender: str
    birth: date
    relation: str
    ethnicity: str = "汉族"
    telephone: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Household:
    """A household (户) and its file. `region` is the village's 12-digit code; the first of `members` is the head.

    `facts`: what the file knows of the household, by the keys of docs/converse.md (hardship, homestead_area, …).
    """

    number: str
    kind: str
    address: str
    region: str
    members: tuple[Person, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def head(self) -> Person:
        """The head of the household (户主)."""
        return next((each for each in self.members if each.relation == "户主"), self.members[0])

    def person(self, id_number: str) -> Person | None:
        """The member with that ID number."""
        return next((each for each in self.members if each.id_number == id_number), None)


@dataclass(frozen=True, slots=True)
class Licence:
    """An electronic licence (电子证照, GB/T 36903). `fields`: what stands on it, by its own headings.

    `valid_until` None: it doesn't end (长期).
    """

    kind: str
    number: str
    holder: str
    holder_id_number: str
    issued_by: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def is_valid(self, on: date) -> bool:
        """Whether it is in force on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )
