"""How much of a form need not be asked: each matter's form for every fitting household of the sandbox."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from connectors.sandbox.seeds import Seed, read_seeds
from knowledge.forms.answer import read_answer
from knowledge.forms.filling import active, answered, missing, prefill
from knowledge.forms.form import Form
from knowledge.forms.known import Known
from knowledge.forms.value import Value
from knowledge.household import Identity, Person
from knowledge.matter import Matter

GOAL = 0.6


@dataclass(frozen=True, slots=True)
class Filled:
    """One form that was filled in: for whom, by whom, and the keys that had to be asked out of those that apply."""

    matter: str
    talker: str
    applicant: str
    asked: tuple[str, ...]
    fields: int

    @property
    def share(self) -> float:
        """The share of the fields that were not asked."""
        return 1 - len(self.asked) / self.fields


@dataclass(frozen=True, slots=True)
class Measured:
    """A matter's form over all the people it was filled in for."""

    code: str
    name: str
    in_form: int
    filled: tuple[Filled, ...]

    @property
    def share(self) -> float:
        """The average share of fields that were not asked."""
        return statistics.fmean(each.share for each in self.filled)

    @property
    def asked(self) -> float:
        """The average number of questions."""
        return statistics.fmean(len(each.asked) for each in self.filled)

    @property
    def applying(self) -> float:
        """The average number of fields that apply."""
        return statistics.fmean(each.fields for each in self.filled)


def measure(matters: Iterable[Matter], today: date) -> list[Measured]:
    """Every matter with a form and with people it is for (forms.yml), in the order of the matters."""
    return [
        Measured(matter.code, matter.name, len(form.fields), tuple(_filled(matter.code, form, today)))
        for matter in matters
        if matter.code in _people()
        for form in matter.forms[:1]
    ]


def average(measured: Iterable[Measured]) -> float:
    """The share of fields not asked, a matter counting once."""
    return statistics.fmean(each.share for each in measured)


@cache
def _people() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("forms.yml").read_text("utf-8")
    people: dict[str, Any] = yaml.safe_load(text)
    return people


def _filled(code: str, form: Form, today: date) -> Iterator[Filled]:
    seeds = read_seeds(today)
    for talker, *about in _people()[code]:
        seed = next(each for each in seeds if _named(each, talker))
        yield fill(code, form, known_to(seed, talker, about[0] if about else talker, today))


def known_to(seed: Seed, talker: str, applicant: str, today: date) -> Known:
    """What is known when that member talks for that one, with the licences that the platform shows the talker."""
    who, whom = _named(seed, talker), _named(seed, applicant)
    if who is None or whom is None:
        raise LookupError(f"{talker}, {applicant}")
    identity = Identity(who.name, who.id_number, who.telephone)
    licences = tuple(seed.licences_of(who))
    return Known(today, identity, seed.household, licences, applicant=None if who is whom else whom)


def fill(code: str, form: Form, known: Known) -> Filled:
    """Answer whatever is asked with its example, one question after the other, until nothing is missing."""
    asked: list[str] = []
    values: dict[str, Value] = prefill(form, known)
    while left := missing(form, values):
        asked.append(left[0].key)
        values = answered(values, left[0], read_answer(left[0], left[0].example))
        values = prefill(form, known, values)
    applying = sum(each.required or each.key in values for each in active(form, values))
    talker, subject = known.talker, known.subject
    return Filled(code, talker.name if talker else "", subject.name if subject else "", tuple(asked), applying)


def _named(seed: Seed, name: str) -> Person | None:
    return next((each for each in seed.household.members if each.name == name), None)
