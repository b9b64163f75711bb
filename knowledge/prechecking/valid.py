"""Whether a paper that can be read may be used: its numbers, its days, its seal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from knowledge.forms.formats import is_uscc
from knowledge.id_number import IdNumberInvalid, birth
from knowledge.paper import Finding, Sheet
from knowledge.paper_rules import PaperKind
from knowledge.paper_text import ENDLESS
from knowledge.prechecking.readable import is_checked
from knowledge.prechecking.saying import Saying, called, day_in_words

SOON = timedelta(days=60)
"""Before its end a paper is warned about: longer than any matter is promised to take."""


def numbers(sheet: Sheet, kind: PaperKind, say: Saying) -> Iterator[Finding]:
    """Numbers whose check digit is wrong, and a day of birth that is not the number's."""
    for key in ("id_number", "spouse_id_number"):
        if key in sheet.fields and not is_checked(sheet.fields[key]):
            yield say("check_digit", called(kind))
    yield from _birth(sheet.fields, kind, say)
    for key, field in kind.fields.items():
        if key in sheet.fields and field.check and not CHECKS[field.check](sheet.fields[key]):
            yield say("code_digit", called(kind), label=field.label)


def seal(sheet: Sheet, kind: PaperKind, say: Saying) -> Iterator[Finding]:
    """A seal that is not seen where one belongs; in the dark red is black."""
    if kind.seal and not sheet.seal and not any(each.name == "dark" for each in sheet.defects):
        yield say("seal_missing", called(kind))


def _birth(fields: Mapping[str, str], kind: PaperKind, say: Saying) -> Iterator[Finding]:
    """The day of birth that is printed against that in the number, where both are of the same person."""
    number = fields.get("id_number", "")
    if "birth" not in fields or not is_checked(number) or ("name", "id_number") not in kind.people:
        return
    try:
        expected = birth(number).isoformat()
    except IdNumberInvalid:
        return
    if fields["birth"] != expected:
        yield say("birth_differs", called(kind), seen=day_in_words(fields["birth"]), expected=day_in_words(expected))


def days(sheet: Sheet, kind: PaperKind, say: Saying, today: date) -> Iterator[Finding]:
    """A paper that ended, ends soon, is too old, or was issued on a day that is still to come."""
    fields = sheet.fields
    until = fields.get("valid_until", ENDLESS)
    if until != ENDLESS:
        left = date.fromisoformat(until) - today
        if left < SOON:
            yield say("expired" if left < timedelta(0) else "expires_soon", called(kind), until=day_in_words(until))
    issued = fields.get("issued", ENDLESS)
    if issued == ENDLESS:
        return
    age = today - date.fromisoformat(issued)
    if age < timedelta(0):
        yield say("in_future", called(kind), issued=day_in_words(issued))
    if kind.lasts is not None and age > timedelta(days=kind.lasts):
        yield say("too_old", called(kind), issued=day_in_words(issued), days=kind.lasts)


def keeps_luhn(number: str) -> bool:
    """Whether a card number keeps the rule of ISO/IEC 7812."""
    doubled = [int(each) * (1 + at % 2) for at, each in enumerate(reversed(number))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


CHECKS = {"uscc": is_uscc, "luhn": keeps_luhn}
