"""Working days and opening hours by the Chinese calendar: public holidays and their make-up days (调休)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

CHINA = ZoneInfo("Asia/Shanghai")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_CLOSURE = timedelta(days=30)

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class HoursUnreadable(ValueError):
    """The hours are not written as `{"mon-fri": ["09:00-12:00"]}`."""


class NeverOpen(LookupError):
    """By these hours the office does not open within the next 30 days."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One unbroken time in which an office is open, in China's time."""

    start: datetime
    end: datetime


def is_working_day(day: date) -> bool:
    """Whether offices work that day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        # The State Council announces a year's holidays the autumn before: beyond what is announced, weekdays.
        return day.weekday() < 5


def is_public_holiday(day: date) -> bool:
    """Whether that day is free because of a festival, and not only a weekend."""
    try:
        free, festival = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(free and festival)


def after_working_days(day: date, count: int) -> date:
    """The last of so many working days after that day; the day itself doesn't count (民法典 201)."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


class OpeningHours:
    """An office's week, e.g. `{"mon-fri": ["09:00-12:00", "13:30-17:00"]}`.

    On a public holiday it is closed; on a make-up day without hours of its own it keeps Monday's.
    Raises HoursUnreadable.
    """

    def __init__(self, hours: Mapping[str, Sequence[str]]) -> None:
        self._week: dict[int, list[tuple[time, time]]] = {}
        for days, spans in hours.items():
            for weekday in _weekdays(days):
                self._week[weekday] = [_span(span) for span in spans]

    def on(self, day: date) -> list[Opening]:
        """When it is open that day, earliest first."""
        return [
            Opening(datetime.combine(day, start, CHINA), datetime.combine(day, end, CHINA))
            for start, end in self._spans(day)
        ]

    def at(self, moment: datetime) -> Opening | None:
        """The opening that this moment lies in, or None: closed."""
        local = moment.astimezone(CHINA)
        return next((opening for opening in self.on(local.date()) if opening.start <= local < opening.end), None)

    def next_after(self, moment: datetime) -> Opening:
        """The first opening that begins after this moment. Raises NeverOpen."""
        local = moment.astimezone(CHINA)
        for days in range(LONGEST_CLOSURE.days + 1):
            for opening in self.on(local.date() + timedelta(days=days)):
                if opening.start > local:
                    return opening
        raise NeverOpen

    def _spans(self, day: date) -> list[tuple[time, time]]:
        if is_public_holiday(day):
            return []
        make_up_day = day.weekday() >= 5 and is_working_day(day)
        return self._week.get(day.weekday()) or (self._week.get(0, []) if make_up_day else [])


def _weekdays(days: str) -> range:
    first, _, last = days.partition("-")
    try:
        return range(DAYS.index(first), DAYS.index(last or first) + 1)
    except ValueError as error:
        raise HoursUnreadable(days) from error


def _span(span: str) -> tuple[time, time]:
    found = _SPAN.fullmatch(span)
    if not found:
        raise HoursUnreadable(span)
    start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if start >= end:
        raise HoursUnreadable(span)
    return start, end
