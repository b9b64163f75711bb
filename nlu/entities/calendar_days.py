"""Days of our calendar: 后天, 下个星期三, 11月25号, 3号, 2026-11-25, 三天后, 这个月底. Words: dates.yml.

A day without its year or month is the next one; when the words after it say that it is over (交的, 生的), the last.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from nlu.entities.day import Day, day_of, full_year, month_after
from nlu.entities.entity import compiled, meanings, one_of, words_of
from nlu.entities.numerals import CHARACTERS, DIGITS, NUMERAL, integer, positional

LONGEST_AHEAD = 3660
"""Days, weeks, months or years; 三万年后 is no day."""

_NUMBER = r"(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_ISO = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)日?")
_COMPACT = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")


def find_calendar_days(plain: str, today: date) -> Iterator[Day]:
    """All of them; the same place may be read in two ways."""
    for find in (_named, _weekdays, _ahead, _edges, _of_month, _numbered, _written):
        yield from find(plain, today)


def is_over(plain: str, end: int) -> bool:
    """Whether the words after a day say that it is past."""
    return bool(_patterns()["past"].search(plain, end, end + words_of("dates")["past_within"]))


def year_pattern() -> str:
    """A year before a month or feast, as groups `year` and `near_year`."""
    digits = "".join(DIGITS)
    near = one_of(words_of("dates")["years"])
    return rf"(?:(?:(?P<year>\d{{4}}|\d{{2}}|[{digits}]{{4}}|[{digits}]{{2}})年|(?P<near_year>{near}))的?\s?)"


def year_said(match: re.Match[str], today: date) -> int | None:
    """The year of such a match; None: none was said."""
    if match["near_year"]:
        return today.year + int(words_of("dates")["years"][match["near_year"]])
    said = positional(match["year"]) if match["year"] else None
    return full_year(said, today) if said else None


def _named(plain: str, today: date) -> Iterator[Day]:
    words, days = words_of("dates"), meanings(words_of("dates")["days"])
    for match in _patterns()["named"].finditer(plain):
        if match[0] in days:
            yield Day(*match.span(), today + timedelta(days=days[match[0]]))
        else:
            ahead, part = words["day_parts"][match[0]]
            yield Day(*match.span(), today + timedelta(days=ahead), also={"part": part})


def _weekdays(plain: str, today: date) -> Iterator[Day]:
    words = words_of("dates")
    for match in _patterns()["weekday"].finditer(plain):
        week = words["weeks"].get(match["week"] or "", 0)
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(days=7 * week + words["weekdays"][match["day"]] - 1)
        if week == 0 and day < today and not is_over(plain, match.end()):
            day += timedelta(days=7)
        yield Day(*match.span(), day)


def _ahead(plain: str, today: date) -> Iterator[Day]:
    """三天后, 半个月以前, 再过两天."""
    words = words_of("dates")
    for match in _patterns()["ahead"].finditer(plain):
        count = 0.5 if match["count"] == "半" else integer(match["count"])
        if (match["over"] or match["way"]) and count is not None and count <= LONGEST_AHEAD:
            sign = -1 if match["way"] in words["earlier"] else 1
            yield from _moved(match.span(), today, sign * count, words["units"][match["unit"]])


def _moved(span: tuple[int, int], today: date, count: float, unit: str) -> Iterator[Day]:
    days = {"day": 1, "week": 7, "month": 15 if count in (0.5, -0.5) else 0}.get(unit, 0)
    if days:
        whole = count * 2 if unit == "month" else count
        yield Day(*span, today + timedelta(days=int(whole * days)))
    else:
        year, month = month_after(today, int(count * (12 if unit == "year" else 1)))
        if 1 <= year <= 9999:
            yield day_of(span, year, month, min(today.day, monthrange(year, month)[1]), about=True)


def _edges(plain: str, today: date) -> Iterator[Day]:
    words = words_of("dates")
    for match in _patterns()["edge"].finditer(plain):
        ahead = words["months"].get(match["near"] or "", 0)
        year, month = month_after(today, ahead)
        if match["month"]:
            month = integer(match["month"]) or 0
            year = today.year + (month < today.month)
        if 1 <= month <= 12:
            last = monthrange(year, month)[1]
            yield day_of(match.span(), year, month, {"初": 1, "中": 15}.get(match["edge"], last), about=True)
    for match in _patterns()["year_end"].finditer(plain):
        yield day_of(match.span(), year_said(match, today) or today.year, 12, 31, about=True)


def _of_month(plain: str, today: date) -> Iterator[Day]:
    """11月25号, 二〇二六年十一月二十五日, 下个月3号."""
    months = words_of("dates")["months"]
    for match in _patterns()["of_month"].finditer(plain):
        day, month = integer(match["day"]), integer(match["month"] or "") if match["month"] else None
        year = year_said(match, today)
        if match["near"]:
            year, month = month_after(today, months[match["near"]])
        if day is None or month is None or (not match["mark"] and not (0 < day <= 31 and 0 < month <= 12)):
            continue
        yield day_of(match.span(), year or _year_of(month, day, today, is_over(plain, match.end())), month, day)


def _year_of(month: int, day: int, today: date, over: bool) -> int:
    """The year of the next such day, or of the last one."""
    if over:
        return today.year - ((month, day) > (today.month, today.day))
    return today.year + ((month, day) < (today.month, today.day))


def _numbered(plain: str, today: date) -> Iterator[Day]:
    """3号: of this month, or of the next one that has it still to come."""
    for match in _patterns()["numbered"].finditer(plain):
        number, over = integer(match["day"]), is_over(plain, match.end())
        if number is None or not 1 <= number <= 31:
            continue
        months = (month_after(today, -ahead if over else ahead) for ahead in range(4))
        days = (day_of(match.span(), year, month, number) for year, month in months)
        yield next(day for day in days if day.date and (day.date <= today if over else day.date >= today))


def _written(plain: str, today: date) -> Iterator[Day]:
    for match in (*_ISO.finditer(plain), *_COMPACT.finditer(plain)):
        yield day_of(match.span(), int(match["year"]), int(match["month"]), int(match["day"]))


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    words, days = words_of("dates"), meanings(words_of("dates")["days"])
    parts = words | {
        "days": [*days, *words["day_parts"]],
        "ways": [*words["later"], *words["earlier"]],
        "day": rf"[{''.join(words['weekdays'])}]",
        "of_year": year_pattern(),
        "number": _NUMBER,
        "numeral": NUMERAL,
        "figure": rf"[\d{CHARACTERS}]",
    }
    return {name: compiled(template, **parts) for name, template in _TEMPLATES.items()}


_TEMPLATES = {
    "named": r"(?<! <<not_before_day>> ) <<days>> (?! <<not_after_day>> )",
    "weekday": r"""
        (?<! [每逢至~—] | <<figure>> ) (?<! (?<! [改换挪推移延调约] ) 到 ) (?<! 每个 | 每一 )
        (?: (?P<week> <<weeks>> ) 的? )? <<weekday>> (?P<day> <<day>> )
        (?! \s? [到至~—-] \s? <<weekday>>? <<day>> | [期拜岁年边围] )""",
    "ahead": r"""
        (?: (?<! 不 ) (?P<over> <<over>> ) )? (?P<count> 半 | <<numeral>> ) (?P<unit> <<units>> )
        的? (?P<way> <<ways>> (?! <<not_after_bound>> ) )?""",
    "edge": r"""
        (?<! [个几] | <<figure>> ) (?: (?P<near> <<months>> )? 月 | (?P<month> <<number>> ) 月份? )
        (?P<edge> [底末尾] | 初 (?! <<figure>> ) | 中 (?! [旬秋间心学午专] ) )""",
    "year_end": r"<<of_year>>? <<year_end>>",
    "of_month": r"""
        (?<! <<figure>> ) <<of_year>>? (?: (?P<month> <<number>> ) 月份? | (?P<near> <<months>> ) 月 ) 的? \s?
        (?P<day> <<number>> ) (?: (?P<mark> [日号] ) | (?! <<not_after_day_number>> | [几来多] | <<figure>> ) )""",
    "numbered": r"(?<! [第月年\-] | <<figure>> ) (?P<day> <<number>> ) [号日] (?! <<not_after_number>> )",
    "past": r"<<past>>",
}
