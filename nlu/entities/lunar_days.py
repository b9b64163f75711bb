"""Days of the lunar calendar and feasts: 腊月二十三, 正月初八, 农历八月十五, 初五, 国庆节, 过年. Words: lunar.yml.

A day without its year is the next one, or the last one when it is over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from nlu.entities.calendar_days import is_over, year_pattern, year_said
from nlu.entities.day import Day, day_of
from nlu.entities.entity import compiled, meanings, words_of
from nlu.entities.lunar_calendar import days_of, lunar_day, lunar_month, term_day
from nlu.entities.numerals import CHARACTERS, integer

LATE_MONTHS = 10
"""Lunar months after this one may fall into the next solar year: 今年腊月 is of the lunar year that is running."""

FEASTS = ("lunar_feasts", "solar_feasts", "terms")


def find_lunar_days(plain: str, today: date) -> Iterator[Day]:
    """All of them, feasts too."""
    for find in (_of_month, _of_some_month, _feasts):
        yield from find(plain, today)


def _of_month(plain: str, today: date) -> Iterator[Day]:
    """腊月二十三, 三月初三, 农历五月十八, 闰五月初一. 五月十八 alone is of our calendar."""
    months = words_of("lunar")["months"]
    for match in _patterns()["of_month"].finditer(plain):
        lunar = match["calendar"] or match["name"] or match["leap"] or match["day"][0] in "初廿"
        month = months.get(match["name"]) or integer(match["month"] or "")
        if lunar and month and 1 <= month <= 12:
            number = integer(match["day"].removeprefix("初")) or 0
            yield _day(plain, match, today, -month if match["leap"] else month, number)


def _day(plain: str, match: re.Match[str], today: date, month: int, number: int) -> Day:
    over, year = is_over(plain, match.end()), _year(match, today, abs(month))
    years = [year] if year else _near_years(today, over)
    found = [day for each in years if (day := lunar_day(each, month, number))]
    also = {"lunar": f"{'闰' if month < 0 else ''}{abs(month):02}-{number:02}"}
    missing = years[0] if not found else None if year else _missing(years, month, number, today, over)
    if missing:
        wrong = {"year": missing, "month": month, "day": number, "days": days_of(missing, month)}
        return Day(*match.span(), None, f"{missing:04}-{abs(month):02}-{number:02}", also | wrong)
    return Day(*match.span(), _nearest(found, today, over), also=also)


def _missing(years: list[int], month: int, number: int, today: date, over: bool) -> int | None:
    """The lunar year whose month is the next one (or the last), when that has not so many days."""
    ends = {year: end for year in years if (end := lunar_day(year, month, days_of(year, month)))}
    near = _nearest(list(ends.values()), today, over)
    year = next(each for each, end in ends.items() if end == near)
    return year if days_of(year, month) < number else None


def _year(match: re.Match[str], today: date, month: int) -> int | None:
    """The lunar year that was said; 今年腊月 in January is of the lunar year that still runs."""
    year = year_said(match, today)
    if year and match["near_year"] and month > LATE_MONTHS:
        return year - today.year + lunar_month(today)[0]
    return year


def _near_years(today: date, over: bool) -> list[int]:
    year = lunar_month(today)[0]
    return [year, year - 1, year - 2] if over else [year, year + 1, year + 2]


def _nearest(days: list[date], today: date, over: bool) -> date:
    """The next day, or the last one; if all are on the other side, the nearest of them."""
    fitting = [day for day in days if (day <= today if over else day >= today)] or days
    return max(fitting) if over else min(fitting)


def _of_some_month(plain: str, today: date) -> Iterator[Day]:
    """初五: of this lunar month, or the next one when it is past."""
    for match in _patterns()["some_month"].finditer(plain):
        number, over = integer(match["day"].removeprefix("初")) or 0, is_over(plain, match.end())
        near = {day: month for year, month in _near_months(today) if (day := lunar_day(year, month, number))}
        day = _nearest(list(near), today, over)
        yield Day(*match.span(), day, also={"lunar": f"{abs(near[day]):02}-{number:02}", "month_assumed": True})


def _near_months(today: date) -> list[tuple[int, int]]:
    """The lunar months around today's, as (year, month); a leap month is negative."""
    year, month = lunar_month(today)
    around = [divmod(year * 12 + abs(month) - 1 + ahead, 12) for ahead in (-2, -1, 0, 1, 2)]
    return [(year, sign * (month + 1)) for year, month in around for sign in (1, -1)]


def _feasts(plain: str, today: date) -> Iterator[Day]:
    for match in _patterns()["feast"].finditer(plain):
        name, year = match["feast"] or match["short"], year_said(match, today)
        years = [year] if year else [today.year - 1, today.year, today.year + 1]
        days = [day for each in years if (day := _feast_days()[name](each))]
        if days:
            over = not year and is_over(plain, match.end())
            yield Day(*match.span(), _nearest(days, today, over), also={"feast": name})


@lru_cache(maxsize=1)
def _feast_days() -> dict[str, Callable[[int], date | None]]:
    """The name of a feast → its day in a solar year (of the lunar year for lunar feasts)."""
    words: Any = words_of("lunar")
    solar = {**meanings(words["solar_feasts"]), **meanings(words["short_feasts"])}
    days: dict[str, Callable[[int], date | None]] = {name: _solar_feast(day) for name, day in solar.items()}
    days |= {name: _lunar_feast(day) for name, day in meanings(words["lunar_feasts"]).items()}
    return days | {name: _term_feast(term) for name, term in meanings(words["terms"]).items()}


def _solar_feast(day: str) -> Callable[[int], date | None]:
    month, number = map(int, day.split("-"))
    return lambda year: day_of((0, 0), year, month, number).date


def _lunar_feast(day: str) -> Callable[[int], date | None]:
    month, number = map(int, day.split("-"))
    return lambda year: lunar_day(year, month, number)


def _term_feast(name: str) -> Callable[[int], date | None]:
    return lambda year: term_day(name, year)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    words = words_of("lunar")
    parts = words | {
        "of_year": year_pattern(),
        "month": r"\d{1,2}|十[一二]|[一二三四五六七八九十]",
        "feasts": [each for kind in FEASTS for each in meanings(words[kind])],
        "short": list(meanings(words["short_feasts"])),
        "figure": rf"[\d{CHARACTERS}]",
    }
    return {name: compiled(template, **parts) for name, template in _TEMPLATES.items()}


_TEMPLATES = {
    "of_month": r"""
        (?<! <<figure>> ) <<of_year>>? (?: (?P<calendar> <<calendar>> ) 的? )? (?P<leap> 闰 )?
        (?: (?P<name> <<months>> ) | (?P<month> <<month>> ) 月 ) 的?
        (?P<day> 初 (?: [一二三四五六七八九十] | 10 | \d ) | 廿 [一二三四五六七八九]?
            | 二?十 [一二三四五六七八九]? | 三十 | [12]\d | 30 | \d )
        (?! <<figure>> ) [日号]?""",
    "some_month": r"""
        (?<! 月 | <<not_before_day>> ) (?P<day> 初 [一二三四五六七八九十] | 廿 [一二三四五六七八九]? )
        (?! <<not_after_day>> )""",
    "feast": r"""
        <<of_year>>? (?: 农历 | 阴历 )?
        (?: (?P<feast> <<feasts>> ) (?! <<not_after_feast>> )
        | (?<! <<figure>> ) (?P<short> <<short>> ) (?= <<short_before>> ) )""",
}
