"""Whom the sandbox knows: the seeded people, found by number, with what may be shown of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.sandbox.common_licences import age
from connectors.sandbox.seeds import Seed
from knowledge.household import Household, Licence, Person


@dataclass(frozen=True, slots=True)
class Known:
    """A person and the household they are of."""

    person: Person
    seed: Seed


class People:
    """All seeded people."""

    def __init__(self, seeds: Sequence[Seed]) -> None:
        self.seeds = tuple(seeds)
        self._by_number = {person.id_number: Known(person, seed) for seed in seeds for person in seed.household.members}

    def find(self, id_number: str, name: str | None = None) -> Known | None:
        """The one of that number, and of that name if one is given."""
        known = self._by_number.get(id_number)
        return known if known and name in (None, known.person.name) else None

    def licences(self, known: Known, today: date) -> list[Licence]:
        """A person's licences, and those of the children under 14 in whose file they stand as a parent."""
        mine = known.seed.licences_of(known.person)
        children = [child for child in known.seed.household.members if _is_child_of(child, known.person, today)]
        numbers = {child.id_number for child in children}
        return mine + [each for each in known.seed.licences if each.holder_id_number in numbers and each not in mine]


def _is_child_of(child: Person, parent: Person, today: date) -> bool:
    return age(child.birth, today) < 14 and parent.name in (child.facts.get("father"), child.facts.get("mother"))


def identity_json(person: Person) -> dict[str, str]:
    """Who it is, by openapi.yml's Identity."""
    return {"name": person.name, "id_number": person.id_number, "telephone": person.telephone}


def household_json(household: Household) -> dict[str, Any]:
    """The file, by openapi.yml's Household."""
    return {
        "number": household.number,
        "kind": household.kind,
        "address": household.address,
        "region": household.region,
        "members": list(map(_person_json, household.members)),
        "facts": dict(household.facts),
    }


def licences_json(licences: Sequence[Licence]) -> Iterator[dict[str, Any]]:
    """Licences, by openapi.yml's Licence."""
    for each in licences:
        yield {
            "kind": each.kind,
            "number": each.number,
            "holder": each.holder,
            "holder_id_number": each.holder_id_number,
            "issued_by": each.issued_by,
            "valid_from": each.valid_from,
            "valid_until": each.valid_until,
            "fields": dict(each.fields),
        }


def _person_json(person: Person) -> dict[str, Any]:
    return {
        **identity_json(person),
        "gender": person.gender,
        "birth": person.birth,
        "relation": person.relation,
        "ethnicity": person.ethnicity,
        "facts": dict(person.facts),
    }
