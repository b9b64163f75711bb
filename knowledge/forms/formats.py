"""Numbers and days that have a check: catalogue.md 5.9."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from knowledge.id_number import IdNumberInvalid, birth, check_digit

USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DOTS = str.maketrans("", "", "·•・. ")
PHONE = re.compile(r"1[3-9]\d{9}|0(?:10|2\d|[3-9]\d\d)-?[2-8]\d{6,7}")
BANK_ACCOUNT = re.compile(r"\d{12,19}")


def is_id_number(value: Any) -> bool:
    """18 digits with a real birthday and the check digit of GB 11643; the region may be one of long ago."""
    if not (isinstance(value, str) and re.fullmatch(r"[1-9]\d{16}[\dX]", value, re.ASCII)):
        return False
    try:
        birth(value)
    except IdNumberInvalid:
        return False
    return check_digit(value[:17]) == value[17]


def is_uscc(value: Any) -> bool:
    """统一社会信用代码, GB 32100: 18 characters without I O S V Z, weights 3^i mod 31."""
    if not (isinstance(value, str) and len(value) == 18 and set(value) <= set(USCC_CHARACTERS)):
        return False
    total = sum(USCC_CHARACTERS.index(each) * pow(3, place, 31) for place, each in enumerate(value[:17]))
    return USCC_CHARACTERS[-total % 31] == value[17]


def is_name(value: Any) -> bool:
    """A person's name: 2 to 30 letters of any script, rare characters among them, and the dot within a name."""
    return isinstance(value, str) and 2 <= len(value) <= 30 and value.translate(DOTS).isalpha()


def is_phone(value: Any) -> bool:
    """A mobile number of 11 digits, or a landline with its area code."""
    return isinstance(value, str) and re.fullmatch(PHONE, value) is not None and value.isascii()


def is_bank_account(value: Any) -> bool:
    """12 to 19 digits. The check digit (Luhn) is not asked for: old passbooks have none."""
    return isinstance(value, str) and re.fullmatch(BANK_ACCOUNT, value) is not None and value.isascii()


def is_date(value: Any) -> bool:
    """A day as ISO text."""
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def is_people(value: Any) -> bool:
    """The name of a people (民族): 汉族; the list of 56 is no limit, the register has 穿青人 and 其他 too."""
    return isinstance(value, str) and (value.endswith(("族", "人")) or value in ("其他", "入籍")) and len(value) <= 10


def _only_texts(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """JSON Schema's formats say nothing of what is no text; `type` does."""
    return lambda value: not isinstance(value, str) or check(value)


FORMATS: Mapping[str, Callable[[Any], bool]] = {
    "name": _only_texts(is_name),
    "id-number": _only_texts(is_id_number),
    "uscc": _only_texts(is_uscc),
    "phone": _only_texts(is_phone),
    "bank-account": _only_texts(is_bank_account),
    "date": _only_texts(is_date),
    "people": _only_texts(is_people),
}
"""The formats that a field's rule may name."""
