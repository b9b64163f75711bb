"""Working days and opening hours by the Chinese calendar: public holidays and their make-up days (调休)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from knowledge.statutory_days import is_statutory_holiday

CHINA = ZoneInfo("Asia/Shanghai")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_CLOSURE = timedelta(days=30)

ALL_DAY = (time.min, time.max)

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


class HoursUnreadable(ValueError):
    """The hours are not written as `{"mon-fri": ["09:00-12:00"]}`."""


class NeverOpen(LookupError):
    """By these hours the office does not open within the next 30 days."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One unbroken time in which an office is open, in China's time."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Shut:
    """Closed from `start` to `end`, both included; only in these spans, where some are named."""

    start: date
    end: date
    spans: Sequence[str] = ()


def is_working_day(day: date) -> bool:
    """Whether offices work that day."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        # The State Council announces a year's holidays the autumn before: until then, weekdays but for the festivals.
        return day.weekday() < 5 and not is_statutory_holiday(day)


def is_public_holiday(day: date) -> bool:
    """Whether that day is free because of a festival, and not only a weekend."""
    try:
        free, festival = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return is_statutory_holiday(day)
    return bool(free and festival)


def after_working_days(day: date, count: int) -> date:
    """The last of so many working days after that day; the day itself doesn't count (民法典 201)."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


class OpeningHours:
    """An office's week, e.g. `{"mon-fri": ["09:00-12:00", "13:30-17:00"]}`; `00:00-24:00` is the whole day.

    On a public holiday it is closed; on a make-up day without hours of its own it keeps Monday's. `late`: 延时服务 on
    top of the week; `also`: which days have these spans besides (market days); `shut`: closures, which go before all.
    Raises HoursUnreadable.
    """

    def __init__(
        self,
        hours: Mapping[str, Sequence[str]],
        late: Mapping[str, Sequence[str]] | None = None,
        shut: Sequence[Shut] = (),
        also: tuple[Callable[[date], bool], Sequence[str]] | None = None,
    ) -> None:
        self._week = _by_weekday(hours)
        self._late = _by_weekday(late or {})
        self._shut = [(each.start, each.end, [_span(span) for span in each.spans] or [ALL_DAY]) for each in shut]
        self._also = (also[0], [_span(span) for span in also[1]]) if also else None

    def on(self, day: date) -> list[Opening]:
        """When it is open that day, earliest first."""
        spans = self._spans(day)
        for start, end, without in self._shut:
            if start <= day <= end:
                spans = _cut(spans, without)
        return [Opening(datetime.combine(day, start, CHINA), datetime.combine(day, end, CHINA)) for start, end in spans]

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
        usual = self._week.get(day.weekday()) or (self._week.get(0, []) if make_up_day else [])
        also = self._also[1] if self._also and self._also[0](day) else []
        return _joined([*usual, *self._late.get(day.weekday(), []), *also])


def _by_weekday(hours: Mapping[str, Sequence[str]]) -> dict[int, list[tuple[time, time]]]:
    week: dict[int, list[tuple[time, time]]] = {}
    for days, spans in hours.items():
        for weekday in _weekdays(days):
            week[weekday] = [_span(span) for span in spans]
    return week


def _joined(spans: Sequence[tuple[time, time]]) -> list[tuple[time, time]]:
    """The spans in order, those that touch or overlap as one."""
    joined: list[tuple[time, time]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _cut(spans: Sequence[tuple[time, time]], without: Sequence[tuple[time, time]]) -> list[tuple[time, time]]:
    """The spans without what lies in others."""
    left = list(spans)
    for start, end in without:
        before = [(a, min(b, start)) for a, b in left if a < start]
        after = [(max(a, end), b) for a, b in left if b > end]
        left = sorted([*before, *after])
    return left


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
    start = time(int(found[1]), int(found[2]))
    end = time(int(found[3]), int(found[4])) if found[3] else time.max  # 24:00
    if start >= end:
        raise HoursUnreadable(span)
    return start, end
