"""A day that is named in a sentence, before it is told what else is said of it; and arithmetic on days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

NO_SUCH_DATE = "no_such_date"


@dataclass(frozen=True, slots=True)
class Day:
    """`plain[start:end]` names `date`; or None, because there is no such day: then `said` is the ISO form of it."""

    start: int
    end: int
    date: date | None
    said: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> str:
        """The ISO form, even of a day that is none."""
        return self.date.isoformat() if self.date else self.said


def day_of(span: tuple[int, int], year: int, month: int, day: int, **also: Any) -> Day:
    """A day of the calendar; one that there is not has the month's number of days in `also` (0: no such month)."""
    days = monthrange(year, month)[1] if 1 <= month <= 12 else 0
    if 1 <= day <= days:
        return Day(*span, date(year, month, day), also=also)
    wrong = {"year": year, "month": month, "day": day, "days": days}
    return Day(*span, None, f"{year:04}-{month:02}-{day:02}", also | wrong)


def month_after(today: date, months: int) -> tuple[int, int]:
    """Year and month, so many months after (or before) today's."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return year, month + 1


def full_year(said: str, today: date) -> int:
    """50 is 1950, 26 is 2026: the last such year that is not far ahead."""
    year = int(said)
    if len(said) == 4:
        return year
    return year + 2000 if year <= today.year % 100 + 10 else year + 1900
