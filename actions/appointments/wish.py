"""When somebody wants to come, by what they say: a day, a part of it, a time, 下周, 赶场那天."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Self

from actions.heard import reason_of
from actions.turn import Turn
from actions.words import read
from knowledge.office import Office
from knowledge.slots import Slot

DAY = timedelta(days=1)
ABOUT = 3
"""Days around 月底 and 下个月 that are meant too."""


@dataclass(frozen=True, slots=True)
class When:
    """The days that are meant, in their order (none: any), the part of the day, the time. `reason`: what can't be."""

    days: tuple[date, ...] = ()
    part: str = ""
    clock: time | None = None
    reason: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def said(cls, turn: Turn, today: date, office: Office | None) -> Self:
        """Of a message. Market days are the office's town's."""
        if wrong := next((each for each in turn.named() if _is_wrong(each)), None):
            return cls(reason=f"{reason_of(wrong)}。")
        days, part, reason = _days(turn, today, office)
        clock = next((time.fromisoformat(each["value"]) for each in turn.named("time") if not each["problem"]), None)
        parts = [each["value"] for each in turn.named("part_of_day")]
        return cls(days, part or next(iter(parts), ""), clock, reason)

    @classmethod
    def kept(cls, kept: dict[str, Any]) -> Self:
        """From a slot."""
        clock = time.fromisoformat(kept["clock"]) if kept.get("clock") else None
        return cls(tuple(date.fromisoformat(day) for day in kept.get("days", ())), kept.get("part", ""), clock)

    def as_slot(self) -> dict[str, Any]:
        """As a slot keeps it."""
        clock = self.clock.isoformat() if self.clock else None
        return {"days": [day.isoformat() for day in self.days[:40]], "part": self.part, "clock": clock}

    @property
    def is_said(self) -> bool:
        """Whether anything of it was said."""
        return bool(self.days or self.part or self.clock or self.reason)

    def or_before(self, before: Self) -> Self:
        """With what was said earlier: 下午行不行 is of the day that was spoken of."""
        if self.days or not self.is_said:
            return self if self.days else before
        return type(self)(before.days, self.part, self.clock, self.reason)

    def fits(self, slot: Slot) -> bool:
        """Whether a slot is in that part of the day."""
        if self.part in ("morning", "afternoon"):
            return slot.part == self.part
        hour = slot.start.hour
        return hour >= 17 if self.part == "evening" else 11 <= hour < 15 if self.part == "noon" else True

    def choose(self, free: Iterable[Slot], most: int) -> list[Slot]:
        """The slots to offer: around the time that was said, else spread over the day."""
        fitting = [slot for slot in free if self.fits(slot)]
        if self.clock is not None:
            wanted = self.clock.hour * 60 + self.clock.minute
            near = sorted(fitting, key=lambda slot: (abs(_minutes(slot) - wanted), slot.start))
            exact = [slot for slot in near if _minutes(slot) == wanted]
            return [*exact[:1], *sorted(each for each in near[:most] if each not in exact[:1])][:most]
        return spread(fitting, most)


def spread(slots: list[Slot], most: int) -> list[Slot]:
    """At most so many of them, evenly, the first always."""
    if len(slots) <= most:
        return slots
    step = len(slots) / most
    return [slots[int(number * step)] for number in range(most)]


def _is_wrong(found: Any) -> bool:
    return found["entity"] in ("date", "time") and found["problem"] is not None


def _days(turn: Turn, today: date, office: Office | None) -> tuple[tuple[date, ...], str, str]:
    """The days, the part of the day that was said with them, and what stands against it."""
    words, monday = read("appointments"), today - timedelta(days=today.weekday())
    if named := [each for each in turn.named("date") if each["value"]]:
        day, also = date.fromisoformat(named[0]["value"]), named[0]["also"]
        return _around(day, also, today), also.get("part", ""), ""
    if any(word in turn.said for word in words["market"]):
        market = office.market if office else None
        day_after = market.next_after(today + DAY) if market else None
        return ((day_after,), "", "") if day_after else ((), "", words["reason"]["no_market"])
    if any(word in turn.said for word in words["next_week"]):
        return tuple(monday + DAY * ahead for ahead in range(7, 14)), "", ""
    if any(word in turn.said for word in words["this_week"]):
        return tuple(monday + DAY * ahead for ahead in range(today.weekday(), 7)), "", ""
    if any(word in turn.said for word in words["weekend"]):
        return tuple(monday + DAY * ahead for ahead in (5, 6)), "", ""
    return (), "", ""


def _around(day: date, also: dict[str, Any], today: date) -> tuple[date, ...]:
    if also.get("bound") == "before":
        return tuple(today + DAY * ahead for ahead in range(max((day - today).days, 1)))
    if also.get("bound") == "after":
        return tuple(day + DAY * ahead for ahead in range(1, 8))
    if also.get("about"):
        return tuple(day + DAY * ahead for ahead in range(-ABOUT, ABOUT + 1) if day + DAY * ahead >= today)
    return (day,)


def _minutes(slot: Slot) -> int:
    return slot.start.hour * 60 + slot.start.minute
