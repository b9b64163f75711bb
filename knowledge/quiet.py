"""Quiet hours: nobody's telephone beeps between nine in the evening and eight in the morning, China's time."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from knowledge.working_days import CHINA

MORNING, EVENING = time(8), time(21)


def is_quiet(at: datetime) -> bool:
    """Whether nothing may be sent at that (aware) moment."""
    return not MORNING <= at.astimezone(CHINA).time() < EVENING


def awake(at: datetime) -> datetime:
    """That moment, or the next eight o'clock when it lies in the quiet hours; in its own zone."""
    here = at.astimezone(CHINA)
    if not is_quiet(at):
        return at
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, CHINA).astimezone(at.tzinfo)


def next_morning(at: datetime) -> datetime:
    """Eight o'clock of the next day."""
    day = at.astimezone(CHINA).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, CHINA).astimezone(at.tzinfo)


def midnight(at: datetime) -> datetime:
    """When that day began in China."""
    return datetime.combine(at.astimezone(CHINA).date(), time(), CHINA).astimezone(at.tzinfo)
