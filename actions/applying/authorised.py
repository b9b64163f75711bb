"""What the platform told of a resident under their authorisation, kept with the application while it is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from knowledge.household import Household, Identity, Licence, Person


def as_note(identity: Identity, household: Household | None, licences: Sequence[Licence]) -> dict[str, Any]:
    """As the application keeps it (sealed). It goes when the application is handed in, or the consent is revoked."""
    return {
        "identity": asdict(identity),
        "household": asdict(household) if household else None,
        "licences": [asdict(each) for each in licences],
    }


def identity_of(note: Mapping[str, Any]) -> Identity | None:
    """Who the resident is."""
    return Identity(**note["identity"]) if note.get("identity") else None


def household_of(note: Mapping[str, Any]) -> Household | None:
    """Their household's file."""
    kept = note.get("household")
    if not kept:
        return None
    members = tuple(Person(**{**each, "birth": _day(each["birth"])}) for each in kept["members"])
    return Household(**{**kept, "members": members})


def licences_of(note: Mapping[str, Any]) -> tuple[Licence, ...]:
    """Their licences."""
    days = ("valid_from", "valid_until")
    return tuple(Licence(**{**each, **{key: _day(each[key]) for key in days}}) for each in note.get("licences") or ())


def _day(kept: Any) -> Any:
    return date.fromisoformat(kept) if isinstance(kept, str) else kept
