"""What is around an answer when it is spoken: 我叫王桂英，住在岳北村; 我们岳北村三组的咯; 一分都冇得; 一个月两百."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from knowledge.forms.form import FormField
from knowledge.forms.formats import is_name
from knowledge.forms.value import words

PIECES = re.compile(r"[,，。;；、\s]+")
PERIOD = re.compile(r"(?:[一1每](?:年到头|年|个月|月)|[一1]年上头)")
MONTHLY = re.compile(r"(?:[一1每]个月|[一1]月|每月|月月)")
LONGEST_PLAIN = 20
"""Characters of a text of which the words around it are taken off; a longer one is told in somebody's own words."""


def name_in(said: str) -> str:
    """The name that is said, without what stands around it; the whole where no part is one."""
    pieces = [_without_prefix(each) for each in PIECES.split(said) if each]
    pieces = [each for each in pieces if each not in words()["name_words"]] or pieces
    if len(pieces) == 1:
        return pieces[0]
    if family := next((each[1:] for each in pieces if each[0] == "姓" and len(each) <= 3), ""):
        given = next((each for each in pieces if each[0] != "姓" and len(each) <= 3 and is_name(each)), "")
        return given if given.startswith(family) else family + given
    return next((each for each in pieces if is_name(each) and len(each) <= 4), said)


def plainly(said: str) -> str:
    """A short text without the particles at its end and the words before it: 我们岳北村三组的咯 → 岳北村三组."""
    if len(said) > LONGEST_PLAIN:
        return said
    spoken = _spoken()
    plain = re.sub(rf"(?:{spoken['ends']})+$", "", said)
    plain = re.sub(rf"^(?:{spoken['begins']})", "", plain)
    return plain if len(plain) >= 2 else said


def people_of_china(said: str) -> str:
    """The people (民族) that is named: 汉人 → 汉族; the text itself where none of the list is."""
    names: list[str] = words()["peoples"]
    found = next((each for each in names if said.startswith(each)), None)
    found = found or next((each for each in names if f"{each}族" in said), None)
    return f"{found}族" if found else said


def says_nothing(said: str) -> bool:
    """Whether there is none of it: 没得存款, 一分都冇得."""
    return bool(re.fullmatch(_spoken()["none"], said)) or said in words()["nothing"]


def without_periods(field: FormField, said: str) -> tuple[str, Decimal]:
    """The text without 一年, 一个月, and by what its number is multiplied: twelve months where a year is asked for."""
    is_yearly = field.unit == "元" and "年" in field.label
    times = Decimal(12) if is_yearly and MONTHLY.search(said) else Decimal(1)
    return (PERIOD.sub("", said), times) if field.unit == "元" else (said, times)


def _without_prefix(said: str) -> str:
    prefix = next((each for each in words()["name_prefixes"] if said.startswith(each) and len(said) > len(each)), "")
    plain = said.removeprefix(prefix)
    shorter = re.sub(rf"(?:{_spoken()['name_ends']})+$", "", plain)
    return shorter if len(shorter) >= 2 else plain


@cache
def _spoken() -> Mapping[str, Any]:
    spoken: Mapping[str, Any] = words()["spoken"]
    return spoken
