"""The functions of `knowledge.expressions`: what is computed from days, ID numbers and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from knowledge.id_number import birth, gender

Number = int | Decimal


def functions_on(today: date | None) -> Mapping[str, Callable[..., Any]]:
    """The functions by name; those of ages count to `today` where no other day is given."""
    return {
        "age": partial(_age, today),
        "birth": birth,
        "gender": gender,
        "days": _days,
        "months": _months,
        "clamp": clamp,
        "rounded": rounded,
        **{each.__name__: each for each in (any, all, len, sum, min, max, abs)},
    }


def _age(today: date | None, of: Any, on: Any = None) -> int:
    """Full years (周岁) of who was born that day (a date or its ISO text) or has that ID number."""
    born, day = _birth_or_day(of), on if on is not None else today
    if day is None:
        raise ValueError("today is not known")
    day = _day(day)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def clamp(number: Number, low: Number, high: Number) -> Number:
    """The number, but not below and not above."""
    return max(low, min(number, high))


def rounded(number: Number, digits: int = 0) -> Decimal:
    """Rounded as people do (5 up)."""
    return Decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _days(since: Any, until: Any) -> int:
    """Days from one day to another."""
    return (_day(until) - _day(since)).days


def _months(since: Any, until: Any) -> int:
    """Full months from one day to another."""
    start, end = _day(since), _day(until)
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _birth_or_day(of: Any) -> date:
    return birth(of) if isinstance(of, str) and len(of) == 18 else _day(of)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
