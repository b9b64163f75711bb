"""ID numbers (公民身份号码): the check digit and what the digits say (GB 11643-1999).

The check digit is also in nlu/entities/numbers.py, which hears numbers: neither folder may import the other, and a
third place for two lines would be no gain. tests/knowledge/test_id_number.py holds both to the same results.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Literal

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
OLDEST = 130
"""Years; nobody who has an ID card is older."""

Problem = Literal["wrong_length", "impossible_birth_date", "wrong_check_digit"]


class IdNumberInvalid(ValueError):
    """This can't be an ID number; `args[0]` is the Problem, and never the number."""


def standard(number: str) -> str:
    """The number in 18 half-width characters, X large, without spaces; one of 15 digits is brought to 18."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number)).upper()
    if re.fullmatch(r"\d{15}", plain, re.ASCII):
        first = f"{plain[:6]}19{plain[6:]}"
        return first + check_digit(first)
    return plain


def check_digit(first: str) -> str:
    """The 18th character, from the first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    return CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first, strict=True)) % 11]


def problem(number: str, today: date) -> Problem | None:
    """Why this can't be an ID number; None: it can. The region code may be one of long ago and is not looked at."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII):
        return "wrong_length"
    if not _is_birth_date(number, today):
        return "impossible_birth_date"
    return None if check_digit(number[:17]) == number[17] else "wrong_check_digit"


def birth(number: str) -> date:
    """The date of birth. Raises IdNumberInvalid."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise IdNumberInvalid("impossible_birth_date") from error


def gender(number: str) -> Literal["男", "女"]:
    """男 for an odd 17th digit, 女 for an even one. Raises IdNumberInvalid."""
    if not number[16:17].isdecimal():
        raise IdNumberInvalid("wrong_length")
    return "男" if int(number[16]) % 2 else "女"


def masked(number: str) -> str:
    """For screens and logs: `110105********002X`, as the transcript masks it. Whatever is shorter is all stars."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 14 else "*" * len(number)


def _is_birth_date(number: str, today: date) -> bool:
    try:
        born = birth(number)
    except IdNumberInvalid:
        return False
    return today.year - OLDEST <= born.year and born <= today
