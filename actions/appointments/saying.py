"""How appointments are said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from actions.spoken import WEEKDAYS, spoken_time
from actions.words import read
from knowledge.appointment import Appointment
from knowledge.matter import Matter, Office
from knowledge.slots import Slot
from knowledge.working_days import CHINA, is_public_holiday

SATURDAY = 5


def spoken_full_day(day: date) -> str:
    """11月26日（星期四）: never 明天 alone, which means something else after midnight."""
    return f"{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def spoken_start(start: datetime) -> str:
    """11月26日（星期四）上午9点."""
    local = start.astimezone(CHINA)
    return spoken_full_day(local.date()) + spoken_time(local.hour, local.minute)


def spoken_until(moment: datetime) -> str:
    """11月26日上午9点: short, where a message must be."""
    local = moment.astimezone(CHINA)
    return f"{local.month}月{local.day}日{spoken_time(local.hour, local.minute)}"


def spoken_names(matters: Sequence[Matter]) -> str:
    """「高龄津贴」「低保」; what comes is said at the window, where nothing is named."""
    of = read("appointments")["of_matters"]
    return "".join(of.format(name=matter.name) for matter in matters)


def spoken_whom(whom: str) -> str:
    """（给您母亲办）; nothing for oneself."""
    words = read("appointments")
    return words["for_whom"].format(whom=words["whom"].get(whom, words["whom"]["other"])) if whom else ""


def label_of(appointment: Appointment, office: Office | None) -> str:
    """An appointment on a choice."""
    name = office.name if office else ""
    return str(read("appointments")["at_office"]).format(slot=spoken_start(appointment.starts_at), office=name)


def why_not(office: Office, day: date, today: date, last: date) -> str:
    """Why nothing can be booked on that day at all; "" when it is open."""
    words = read("appointments")["reason"]
    told = {"day": spoken_full_day(day), "weekday": WEEKDAYS[day.weekday()], "last": spoken_full_day(last)}
    if day < today:
        return str(words["past"]).format(**told)
    if day > last:
        return str(words["too_far"]).format(**told)
    if is_public_holiday(day):
        return str(words["holiday"]).format(**told)
    if (why := office.closed_because(day)) is not None:
        return str(words["closed"]).format(why=why or words["closed_why"], **told)
    if office.opening().on(day):
        return ""
    return str(words["weekend" if day.weekday() >= SATURDAY else "not_open"]).format(**told)


def full(slot_day: date, part: str) -> str:
    """11月26日（星期四）上午约满了。"""
    words = read("appointments")
    return str(words["reason"]["full"]).format(day=spoken_full_day(slot_day), part=words["part"].get(part, ""))


def stamp(slot: Slot) -> str:
    """A slot's start in a choice's id: 202611260900."""
    return stamp_of(slot.start)


def stamp_of(start: datetime) -> str:
    """The same, of a start."""
    return f"{start.astimezone(CHINA):%Y%m%d%H%M}"
