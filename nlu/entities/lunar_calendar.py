"""The lunar calendar (农历), by lunar_python: which day of ours a lunar one is, and the solar terms.

lunar_python takes 12 ms for a year, so each year is asked once and kept as plain dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lunar_python import Lunar, LunarYear, Solar

YEARS = range(1900, 2100)
"""Lunar years that are known."""

_IN_ITS_YEAR = {"冬至": "DONG_ZHI"}
"""lunar_python's list of a year begins with the winter before; the year's own has another name."""


@dataclass(frozen=True, slots=True)
class Year:
    """A lunar year: the first day and the number of days of each month (a leap month is negative), the solar terms."""

    months: Mapping[int, tuple[date, int]]
    terms: Mapping[str, date]


def lunar_day(year: int, month: int, day: int) -> date | None:
    """A day of the lunar year; a leap month is negative. Month 0: the year's last day. None: there is no such day."""
    if month == 0:
        first = lunar_day(year + 1, 1, 1)
        return first - timedelta(days=1) if first else None
    return _year(year).months[month][0] + timedelta(days=day - 1) if 1 <= day <= days_of(year, month) else None


def days_of(year: int, month: int) -> int:
    """How many days a lunar month has; 0: that year has no such month, or isn't known."""
    return _year(year).months[month][1] if year in YEARS and month in _year(year).months else 0


def lunar_month(day: date) -> tuple[int, int]:
    """The lunar year and month of a day. Raises ValueError when the year isn't known."""
    for year in (day.year, day.year - 1):
        for month, (first, days) in _year(year).months.items() if year in YEARS else ():
            if first <= day < first + timedelta(days=days):
                return year, month
    raise ValueError(f"no lunar calendar for {day}")


def term_day(name: str, year: int) -> date | None:
    """The day of a solar term (清明) in a year of ours; None when it isn't known."""
    return _year(year).terms[_IN_ITS_YEAR.get(name, name)] if year in YEARS else None


@lru_cache(maxsize=len(YEARS))
def _year(year: int) -> Year:
    known = LunarYear.fromYear(year)
    of_year = [month for month in known.getMonthsInYear() if month.getYear() == year]
    months = {month.getMonth(): (_date(month.getFirstJulianDay()), month.getDayCount()) for month in of_year}
    return Year(months, dict(zip(Lunar.JIE_QI_IN_USE, map(_date, known.getJieQiJulianDays()), strict=True)))


def _date(julian_day: float) -> date:
    return date.fromisoformat(Solar.fromJulianDay(julian_day).toYmd())
