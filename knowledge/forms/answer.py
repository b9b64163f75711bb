"""Reading what a resident answers into the value of the field that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from knowledge.forms.choosing import chosen, yes_or_no
from knowledge.forms.filling import plain
from knowledge.forms.form import FormField
from knowledge.forms.numerals import digits_of, number_of, numbers_in
from knowledge.forms.people_said import people_in
from knowledge.forms.rambling import name_in, people_of_china, plainly, says_nothing, without_periods
from knowledge.forms.refusal import AnswerRefused as AnswerRefused
from knowledge.forms.refusal import refused
from knowledge.forms.schema import problem_with
from knowledge.forms.value import words
from knowledge.id_number import standard

Named = Mapping[str, Any]
EDGES = " \t\n。.,,，!！?？;；:：、~“”\"'"
LONGEST_NAME = 4
"""Characters beyond which a name with 我, 你 or 不 in it is a sentence."""
MU = Decimal(2000) / 3
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?|(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)", re.ASCII
)
SPOKEN_DAY = re.compile(
    r"([零〇一二三四五六七八九\d]{4})年([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})[日号]?"
)
MU_SAID = re.compile(r"^(?P<mu>.+?)亩(?:(?P<tenth>[^分]+)分|(?P<half>半))?")


def read_answer(field: FormField, text: str, named: Named | None = None) -> Any:
    """The value that an answer gives: plain, so that JSON holds it; None: they skip a field that may stay empty.

    `named`: what the language side found in the text, by kind, each sound: telephone, id_number, card_number (digits),
    date (ISO), money (yuan), area (m²), age. Raises AnswerRefused with a sentence that can be said.
    """
    said = normalised(text)
    if _is_skipped(field, said):
        return None
    kind = field.format if field.format in READERS else field.type
    value = READERS.get(kind, _text)(field, said, named or {})
    reason = problem_with(field, value)
    if reason is not None:
        raise AnswerRefused(reason)
    return value


def normalised(text: str) -> str:
    """Half-width, without control characters and the punctuation around it."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(each for each in folded if each.isprintable() or each == "\n").strip(EDGES)


def _is_skipped(field: FormField, said: str) -> bool:
    """Whether the resident leaves the field empty. One that has to be filled is not: raises AnswerRefused."""
    if not said:
        raise refused("empty", field)
    if said in words()["skip"] or (not field.required and said in words()["nothing"]):
        if field.required:
            raise refused("needed", field, why=field.reason)
        return True
    return False


def _phone(field: FormField, said: str, named: Named) -> str:
    if "telephone" in named:
        return str(named["telephone"])
    digits = digits_of(said)
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    if not digits.startswith("0") and len(digits) != 11:
        raise refused("phone_digits", field, count=len(digits))
    return digits


def _id_number(field: FormField, said: str, named: Named) -> str:
    if "id_number" in named:
        return str(named["id_number"]).upper()
    ends_in_x = re.search(r"[xX×]|叉|埃克斯", said)
    digits = digits_of(said) + ("X" if ends_in_x else "")
    digits = standard(digits)
    if len(digits) != 18:
        raise refused("id_digits", field, count=len(digits))
    return digits


def _bank_account(field: FormField, said: str, named: Named) -> str:
    digits = str(named.get("card_number") or digits_of(said))
    if not 12 <= len(digits) <= 19:
        raise refused("card_digits", field, count=len(digits))
    return digits


def _uscc(field: FormField, said: str, named: Named) -> str:
    code = "".join(each for each in said.upper() if each.isascii() and each.isalnum())
    if len(code) != 18:
        raise refused("uscc_digits", field, count=len(code))
    return code


def _name(field: FormField, said: str, named: Named) -> str:
    """A name, without the words around it (我叫…，住在…)."""
    name = name_in(said.strip(EDGES)).strip(EDGES)
    if len(name) > LONGEST_NAME and any(each in name for each in words()["no_name_signs"]):
        raise refused("format_name", field)
    return name


def _date(field: FormField, said: str, named: Named) -> str:
    if "date" in named:
        return str(named["date"])
    parts = _parts_of_day(said)
    if parts is None:
        raise refused("format_date", field)
    try:
        return date(*parts).isoformat()
    except ValueError as error:
        raise refused("no_such_day", field, month=parts[1], day=parts[2]) from error


def _parts_of_day(said: str) -> tuple[int, int, int] | None:
    if match := DAY.search(said):
        year, month, day = (part for part in match.groups() if part is not None)
        return int(year), int(month), int(day)
    if match := SPOKEN_DAY.search(said):
        year, month, day = digits_of(match[1]), number_of(match[2]), number_of(match[3])
        return (int(year), int(month), int(day)) if month is not None and day is not None else None
    return None


def _number(field: FormField, said: str, named: Named) -> int | float:
    if says_nothing(said) and field.rule.get("minimum") == 0:
        return 0
    return plain(_in_unit(field, said, named))  # type: ignore[no-any-return]


def _in_unit(field: FormField, said: str, named: Named) -> Decimal:
    """The number in the field's unit. An area that is said in 亩 becomes square metres, and the other way round."""
    if field.unit in ("平方米", "亩") and "area" in named:
        metres = Decimal(str(named["area"]))
        return _rounded(metres if field.unit == "平方米" else metres / MU)
    told, times = without_periods(field, said)
    if field.unit == "元" and "money" in named:
        return Decimal(str(named["money"])) * times
    if field.unit in ("平方米", "亩") and (mu := _mu(said)) is not None:
        return _rounded(mu * MU if field.unit == "平方米" else mu)
    return _only_number(field, told) * times / (MU if field.unit == "亩" and "平" in said else 1)


def _only_number(field: FormField, said: str) -> Decimal:
    numbers = numbers_in(said)
    if not numbers:
        raise refused("no_number", field)
    if len(set(numbers)) > 1:
        raise refused("several_numbers", field)
    return numbers[0]


def _mu(said: str) -> Decimal | None:
    """两亩三分, 1.5亩, 一亩半, 三分地 in 亩."""
    if match := MU_SAID.match(said):
        whole = numbers_in(match["mu"])
        tenths = numbers_in(match["tenth"] or "零")
        if len(whole) == len(tenths) == 1:
            return whole[0] + (Decimal("0.5") if match["half"] else tenths[0] / 10)
    tenth = re.match(r"^(.+?)分地?$", said)
    numbers = numbers_in(tenth[1]) if tenth else []
    return numbers[0] / 10 if len(numbers) == 1 else None


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01")).normalize() + 0


def _text(field: FormField, said: str, named: Named) -> str:
    return plainly(re.sub(r"\s+", " ", said))


READERS: Mapping[str, Callable[[FormField, str, Named], Any]] = {
    "name": _name,
    "phone": _phone,
    "id-number": _id_number,
    "bank-account": _bank_account,
    "uscc": _uscc,
    "people": lambda field, said, named: people_of_china(said),
    "date": _date,
    "number": _number,
    "integer": _number,
    "boolean": lambda field, said, named: yes_or_no(field, said),
    "choice": lambda field, said, named: chosen(field, said),
    "list": lambda field, said, named: people_in(field, said),
}
"""The format of a field's rule, or else its type → how an answer is read."""
