"""What is known before anything is asked, and the names by which a form's `known_from` reads it.

| name | what |
|---|---|
| `applicant` | whom it is for: name, id_number, gender, birth, relation, ethnicity, telephone, and the file's facts |
| `talker` | who talks, the same |
| `by_proxy`, `proxy_relation` | whether the talker is somebody else, and what they are to the applicant |
| `spouse`, `father`, `mother` | of the applicant, when the household's relations leave no doubt |
| `household`, `head` | number, kind, address, region, size, members and facts; its head |
| `licence.居民身份证` | the applicant's licence in force: number, issued_by, …, and what stands on it by its headings |
| `household_licence.不动产权证书` | the same of whoever in the household holds it, when only one does |
| `said`, `paper.户口簿`, `earlier` | heard in the conversation, read from a photo, filled in an earlier form, by key |
| `today` | the day |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from knowledge.forms.relations import between, relatives
from knowledge.household import Household, Identity, Licence, Person
from knowledge.id_number import birth, gender

IN_THE_FILE = ("applicant", "spouse", "father", "mother", "household", "head")
ROOTS: Mapping[str, str] = {
    **dict.fromkeys(IN_THE_FILE, "household"),
    **dict.fromkeys(("by_proxy", "proxy_relation", "today"), "computed"),
    "talker": "identity",
    "licence": "licence",
    "household_licence": "licence",
    "said": "conversation",
    "paper": "paper",
    "earlier": "earlier",
}
"""A name → the source that a value under it has."""

REGISTER = frozenset(
    {"name", "id_number", "gender", "birth", "relation", "ethnicity"}
    | {"number", "kind", "address", "region", "size", "members"}
)
"""What stands in the 户口簿; the rest of what is known of the household is from its file (一户一档)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of who talks and of whom it is for. `applicant` None: they talk for themselves."""

    today: date
    identity: Identity | None = None
    household: Household | None = None
    licences: tuple[Licence, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    earlier: Mapping[str, Any] = field(default_factory=dict)
    applicant: Person | None = None

    @property
    def talker(self) -> Person | None:
        """Who talks: the household's member, or what the authorisation says."""
        if self.identity is None:
            return None
        in_file = self.household and self.household.person(self.identity.id_number)
        return in_file or _person(self.identity)

    @property
    def subject(self) -> Person | None:
        """Whom it is for."""
        return self.applicant or self.talker


def who_of(known: Known) -> str:
    """Whom questions are about: 您, or the name of whom the resident fills the form in for."""
    subject, talker = known.subject, known.talker
    if subject is None or talker is None or subject.id_number == talker.id_number:
        return "您"
    return subject.name


def names_of(known: Known) -> dict[str, Any]:
    """The names of the table above; what is not known is left out."""
    subject, talker = known.subject, known.talker
    id_number = subject.id_number if subject else ""
    own = [each for each in known.licences if each.holder_id_number == id_number]
    relations = _relations(known)
    return _without_nothing(
        {
            "today": known.today,
            "applicant": _of_person(subject, None if known.applicant else known.identity),
            "talker": _of_person(talker, known.identity),
            "by_proxy": bool(subject and talker and subject.id_number != talker.id_number),
            "household": _of_household(known.household),
            "head": _of_person(known.household.head) if known.household else None,
            "licence": _licences(own, known.today) if known.identity else None,
            "household_licence": _licences(known.licences, known.today) if known.identity else None,
            "said": dict(known.said),
            "paper": {kind: dict(reading) for kind, reading in known.readings.items()},
            "earlier": dict(known.earlier),
            **relations,
        }
    )


def roots_of(known: Known) -> Mapping[str, str]:
    """ROOTS; of an applicant without a file we know what the authorisation says."""
    return ROOTS if known.household or known.applicant else {**ROOTS, "applicant": "identity"}


def _relations(known: Known) -> dict[str, Any]:
    subject, talker, household = known.subject, known.talker, known.household
    if subject is None or household is None:
        return {}
    found: dict[str, Any] = {name: _of_person(person) for name, person in relatives(household, subject).items()}
    if talker is not None and talker.id_number != subject.id_number:
        found["proxy_relation"] = between(household, subject, talker)
    return found


def _person(identity: Identity) -> Person:
    number = identity.id_number
    return Person(identity.name, number, gender(number), birth(number), "", "", identity.telephone)


def _of_person(person: Person | None, identity: Identity | None = None) -> dict[str, Any] | None:
    """A person's names and facts; their own telephone is rather that of the authorisation."""
    if person is None:
        return None
    telephone = (identity and identity.telephone) or person.telephone
    own = ("name", "id_number", "gender", "birth", "relation", "ethnicity")
    return {**person.facts, **{name: getattr(person, name) for name in own}, "telephone": telephone}


def _of_household(household: Household | None) -> dict[str, Any] | None:
    if household is None:
        return None
    own = ("number", "kind", "address", "region")
    members = [_of_person(person) for person in household.members]
    return {
        **household.facts,
        **{name: getattr(household, name) for name in own},
        "members": members,
        "size": len(members),
    }


def _licences(licences: Iterable[Licence], today: date) -> dict[str, Any]:
    """Licences in force by kind; of a kind that several hold nobody's."""
    by_kind: dict[str, list[Licence]] = {}
    for licence in licences:
        if licence.is_valid(today):
            by_kind.setdefault(licence.kind, []).append(licence)
    return {kind: _of_licence(held[0]) for kind, held in by_kind.items() if len(held) == 1}


def _of_licence(licence: Licence) -> dict[str, Any]:
    own = ("number", "holder", "holder_id_number", "issued_by", "valid_from", "valid_until")
    return {**licence.fields, **{name: getattr(licence, name) for name in own}}


def _without_nothing(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if value is not None}
