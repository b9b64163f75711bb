"""ID and telephone numbers, written or said digit by digit. A bank card's is known, so that it is nothing else.

`id_number`: 18 characters; one of 15 digits is brought to 18 (`also` old). `telephone`: digits only, without +86
(`also` line: mobile or landline). `card_number`: digits. Rules: catalogue.md 5.9 (GB 11643-1999; the region code of
an ID may be one of long ago and is not looked at; 手机 ^1[3-9]\\d{9}$).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from nlu.entities.entity import Found, one_of, words_of
from nlu.entities.spoken import DigitRun, digit_runs, numbers_in

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
OLDEST = 130
"""Years; nobody who has an ID card is older."""

_MOBILE = r"(?:86)?1[3-9]\d{9}"
_LANDLINE = r"0(?:10|2\d|[3-9]\d\d)[2-8]\d{6,7}"
_CENTURY_DATE = r"(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d"
_ID = rf"[1-9]\d{{5}}{_CENTURY_DATE}\d{{3}}[\dX]"
_WHOLE = re.compile(rf"{_ID}|{_MOBILE}|{_LANDLINE}")
_LIKE_ID = re.compile(rf"[1-9]\d{{5}}{_CENTURY_DATE}\d{{2,5}}X?|\d{{15,17}}X")
_OLD_ID = re.compile(r"[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")


def find_numbers(plain: str, today: date) -> Iterator[Found]:
    """The numbers of a text, each with the reason why it can't be one."""
    for run in digit_runs(plain):
        announced = _announced(plain, run.start)
        whole = _number(plain, run, announced, today) if _WHOLE.fullmatch(run.digits) else None
        parts = [whole] if whole else [_number(plain, part, None, today) for part in numbers_in(plain, run, _WHOLE)]
        yield from filter(None, parts or [_number(plain, run, announced, today)])


def check_digit(first: str) -> str:
    """The 18th character of an ID number, from its first 17 digits."""
    return CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first, strict=True)) % 11]


def id_problem(number: str, today: date) -> str | None:
    """Why this can't be an ID number: wrong_length, impossible_birth_date or wrong_check_digit; None: it can."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return "wrong_length"
    if not _is_birth_date(number[6:14], today):
        return "impossible_birth_date"
    return None if check_digit(number[:17]) == number[17] else "wrong_check_digit"


def _number(plain: str, run: DigitRun, announced: str | None, today: date) -> Found | None:
    digits = run.digits
    if _is_id(digits, announced, today):
        return _id_number(plain, run, today)
    if re.fullmatch(rf"{_MOBILE}|{_LANDLINE}", digits) or announced == "telephone":
        return _telephone(plain, run)
    return _found("card_number", plain, run, digits) if 13 <= len(digits) <= 19 and digits.isdecimal() else None


def _is_id(digits: str, announced: str | None, today: date) -> bool:
    if announced == "id" and not re.fullmatch(_MOBILE, digits):
        return True
    if _LIKE_ID.fullmatch(digits):
        return True
    return bool(_OLD_ID.fullmatch(digits)) and announced != "telephone" and _is_birth_date(f"19{digits[6:12]}", today)


def _id_number(plain: str, run: DigitRun, today: date) -> Found:
    digits = run.digits
    if len(digits) == 15 and digits.isdecimal():
        first = f"{digits[:6]}19{digits[6:]}"
        number = first + check_digit(first)
        return _found("id_number", plain, run, number, id_problem(number, today), old=True)
    problem = id_problem(digits, today)
    return _found(
        "id_number", plain, run, digits, problem, **({"length": len(digits)} if problem == "wrong_length" else {})
    )


def _telephone(plain: str, run: DigitRun) -> Found | None:
    digits = run.digits.removeprefix("86") if len(run.digits) == 13 else run.digits
    if re.fullmatch(_MOBILE, digits):
        return _found("telephone", plain, run, digits, line="mobile")
    if re.fullmatch(rf"{_LANDLINE}|[2-8]\d{{6,7}}", digits):
        return _found("telephone", plain, run, digits, line="landline")
    return _found(
        "telephone", plain, run, digits, "wrong_length" if len(digits) != 11 else "no_such_number", length=len(digits)
    )


def _found(kind: str, plain: str, run: DigitRun, value: str, problem: str | None = None, **also: object) -> Found:
    return Found(kind, run.start, run.end, plain[run.start : run.end], value, problem, also)


def _announced(plain: str, start: int) -> str | None:
    """What the words before the number say that it is: id, telephone; None: nothing."""
    before = plain[max(0, start - words_of("digits")["announced_within"]) : start]
    said = list(_announcing().finditer(before))
    return said[-1].lastgroup if said else None


def _is_birth_date(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return today.year - OLDEST <= born.year and born <= today


@lru_cache(maxsize=1)
def _announcing() -> re.Pattern[str]:
    words = words_of("digits")
    return re.compile(f"(?P<id>{one_of(words['id'])})|(?P<telephone>{one_of(words['telephone'])})")
