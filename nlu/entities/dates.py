"""Dates. `value` is ISO (2026-11-25); `also`: part (morning, noon, afternoon, evening), past, about (月底), lunar,
feast, bound (before, after). A day that there is not is no_such_date; a wrong weekday beside it wrong_weekday.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from nlu.entities.calendar_days import find_calendar_days
from nlu.entities.day import NO_SUCH_DATE, Day
from nlu.entities.entity import Found, compiled, meanings, words_of
from nlu.entities.lunar_days import find_lunar_days

WRONG_WEEKDAY = "wrong_weekday"
CLOCK = r"\s?(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:[:：点时])"
"""What follows a part of the day that belongs to a time: 上午九点."""


def find_dates(plain: str, today: date) -> Iterator[Found]:
    """The days of a text, each with its part of the day and weekday; overlapping readings too."""
    for find in (find_lunar_days, find_calendar_days):  # 八月十五 is the feast
        for day in find(plain, today):
            yield _found(plain, day, today)


def find_parts_of_day(plain: str, today: date) -> Iterator[Found]:
    """上午, 下半天: `part_of_day`, where no day stands before it."""
    for match in _patterns()["part"].finditer(plain):
        yield Found("part_of_day", *match.span("part"), match["part"], _parts()[match["part"]])


def _found(plain: str, day: Day, today: date) -> Found:
    end, also = day.end, dict(day.also)
    problem = None if day.date else NO_SUCH_DATE
    if weekday := _patterns()["weekday"].match(plain, end):
        end = weekday.end()
        problem = problem or _weekday_problem(day, weekday["weekday"])
        also |= _said_weekday(day, weekday["weekday"]) if problem == WRONG_WEEKDAY else {}
    if part := _patterns()["part"].match(plain, end):
        end, also["part"] = part.end(), _parts()[part["part"]]
    if bound := _patterns()["bound"].match(plain, end):
        end, also["bound"] = bound.end(), bound.lastgroup
    if day.date and day.date < today:
        also["past"] = True
    return Found("date", day.start, end, plain[day.start : end], day.value, problem, also)


def _weekday_problem(day: Day, said: str) -> str | None:
    number = words_of("dates")["weekdays"][said]
    return WRONG_WEEKDAY if day.date and day.date.isoweekday() != number else None


def _said_weekday(day: Day, said: str) -> dict[str, Any]:
    assert day.date is not None
    return {"weekday": day.date.isoweekday(), "said_weekday": words_of("dates")["weekdays"][said]}


@lru_cache(maxsize=1)
def _parts() -> dict[str, str]:
    return meanings(words_of("dates")["parts"])


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    words = words_of("dates")
    parts = (
        words
        | words["bounds"]
        | {
            "parts": list(_parts()),
            "clock": CLOCK,
            "weekdays": [day for day in words["weekdays"] if day != "末"],
        }
    )
    return {name: compiled(template, **parts) for name, template in _TEMPLATES.items()}


_TEMPLATES = {
    "part": r"的? \s? (?P<part> <<parts>> ) (?! <<clock>> )",
    "weekday": r"[\s,，(（]? (?: 是 | 也就是 )? <<weekday>> (?P<weekday> <<weekdays>> ) [)）]?",
    "bound": r"(?: (?P<before> <<before>> ) | (?P<after> <<after>> ) ) (?! <<not_after_bound>> )",
}
