"""Where to go and when it is open: the nearest office that takes a matter in, looking up the division tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.parts import NO_GUIDE, Told
from actions.spoken import spoken_hours, spoken_moment
from actions.words import read, wording
from knowledge.matter import Matter, Office
from knowledge.working_days import NeverOpen, OpeningHours


@dataclass(frozen=True, slots=True)
class Open:
    """Whether an office is open now: until when, or when it opens next (None: not soon). Times are aware."""

    until: datetime | None
    next: datetime | None


def place(matter: Matter, office: Office | None) -> Told:
    """Where to go: in the guide's words, and the office itself."""
    where = (matter.guide or NO_GUIDE).where
    level = wording("levels").get(matter.accept_level, "")
    lines = [where or (f"{level}。" if level else ""), *(office_lines(office) if office else ())]
    verified = matter.is_verified("level") and (office is None or office.verified)
    return Told("place", tuple(filter(None, lines)), verified)


def office_lines(office: Office) -> tuple[str, ...]:
    """The office's name and address, telephone, hours: a sentence each."""
    words = wording("place")
    telephone = "telephone_with_note" if office.telephone_note else "telephone"
    return (
        words["office"].format(name=office.name, address=office.address or office.name),
        words[telephone].format(telephone=office.telephone, note=office.telephone_note) if office.telephone else "",
        words["hours"].format(hours=spoken_hours(office.hours)) if office.hours else "",
    )


def reach(office: Office | None) -> dict[str, Any]:
    """How to reach the office, or the hotline where none is known: `office`, `telephone`, `hours` as they are said."""
    promises = read("promises")
    return {
        "office": office.name if office else promises["hotline_name"],
        "telephone": (office.telephone if office else "") or promises["hotline"],
        "hours": spoken_hours(office.hours if office and office.hours else promises["hours"]),
    }


def hours(office: Office | None, now: datetime) -> Told:
    """When the office is open, and whether it is open now."""
    week = office.hours if office and office.hours else read("promises")["hours"]
    name = office.name if office else wording("levels")["村"]
    values = {"office": name, "hours": spoken_hours(week)}
    state = open_state(week_of(office), now)
    verified = office is not None and office.verified
    if state.until:
        return Told("hours_open", (name,), verified, values | {"until": spoken_moment(state.until, now)})
    if state.next:
        return Told("hours_closed", (name,), verified, values | {"next": spoken_moment(state.next, now)})
    return Told("hours_long_closed", (name,), verified, values)


def week_of(office: Office | None) -> OpeningHours:
    """When the office is open, closures and 延时服务 counted; the hotline's hours where it says none."""
    return office.opening() if office and office.hours else OpeningHours(read("promises")["hours"])


def open_state(week: OpeningHours, now: datetime) -> Open:
    """Whether it is open at this moment."""
    opening = week.at(now)
    if opening:
        return Open(opening.end, None)
    try:
        return Open(None, week.next_after(now).start)
    except NeverOpen:
        return Open(None, None)
