"""Invented people of the sandbox, and what is known when one of them talks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from connectors.sandbox.seeds import read_seeds
from knowledge.checking import STARTER
from knowledge.forms.form import Form
from knowledge.forms.known import Known
from knowledge.household import Household, Identity
from knowledge.record import matter_of

TODAY = date(2026, 11, 27)
WITH_FORMS = sorted(
    file.stem for file in (STARTER / "matters").glob("*.yml") if "\nforms:" in file.read_text(encoding="utf-8")
)
"""The codes of the starter's matters that have a form."""


def form_of(code: str) -> Form:
    """The form of a matter of the starter catalogue."""
    record = yaml.safe_load((STARTER / "matters" / f"{code}.yml").read_text(encoding="utf-8"))
    return matter_of(record).forms[0]


def household_of(name: str) -> Household:
    """The sandbox's household in which somebody of that name lives."""
    return next(each.household for each in read_seeds(TODAY) if any(m.name == name for m in each.household.members))


def talking(name: str, about: str | None = None, said: Mapping[str, Any] | None = None, **more: Any) -> Known:
    """What is known when that person talks, for themselves or for a member of their household."""
    seed = next(each for each in read_seeds(TODAY) if any(m.name == name for m in each.household.members))
    talker = next(each for each in seed.household.members if each.name == name)
    applicant = next((each for each in seed.household.members if each.name == about), None)
    identity = Identity(talker.name, talker.id_number, talker.telephone)
    licences = tuple(seed.licences_of(talker))
    return Known(TODAY, identity, seed.household, licences, said or {}, applicant=applicant, **more)
