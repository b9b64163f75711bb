"""Which times of an office can be booked. Pure: an office, the places that are taken, a moment → slots.

A window has as many seats as it serves people at a time. A slot lies wholly in one of the window's openings; who books
it takes one seat for every five minutes of it, and these are the keys that no two appointments can share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from knowledge.office import Office, Window
from knowledge.visit_rules import VisitRules
from knowledge.working_days import CHINA, Opening

GRID = timedelta(minutes=5)
NOON = 12

Place = tuple[datetime, str, int]
"""Five minutes of a seat: when (aware), which window, which seat."""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """From `start` to `end` (aware) at a window."""

    start: datetime
    end: datetime
    window: str

    @property
    def day(self) -> date:
        """Its day in China."""
        return self.start.astimezone(CHINA).date()

    @property
    def part(self) -> str:
        """morning or afternoon."""
        return "morning" if self.start.astimezone(CHINA).hour < NOON else "afternoon"

    def places(self, seat: int) -> list[Place]:
        """What it takes of a seat."""
        return [(at, self.window, seat) for at in ticks(self.start, self.end)]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked: matters in one visit, and whether it is for somebody who goes first."""

    matters: tuple[str, ...]
    first: bool = False


def ticks(start: datetime, end: datetime) -> list[datetime]:
    """Every five minutes from the start until before the end."""
    return [start + GRID * step for step in range(-((start - end) // GRID))]


def slots_of(office: Office, wish: Wish, day: date) -> list[Slot]:
    """All slots of a day, taken or not, the earliest first. Raises HoursUnreadable."""
    length = length_of(office, wish)
    found = [
        slot
        for window in office.windows_for(wish.matters)
        for opening in office.opening(window).on(day)
        for slot in _cut(opening, window, length)
    ]
    return sorted(found)


def length_of(office: Office, wish: Wish) -> timedelta:
    """How long the visit takes, on the grid."""
    minutes = timedelta(minutes=office.minutes_for(wish.matters))
    return -(-minutes // GRID) * GRID


def fits(office: Office, slot: Slot) -> bool:
    """Whether the office, as it is known now, is open then and still has that window."""
    window = next((each for each in office.windows if each.name == slot.window and each.booking), None)
    if window is None or not window.capacity:
        return False
    openings = office.opening(window).on(slot.day)
    return any(opening.start <= slot.start and slot.end <= opening.end for opening in openings)


def free_seats(
    office: Office, slot: Slot, taken: Collection[Place], rules: VisitRules, now: datetime, *, first: bool
) -> list[int]:
    """The seats of a slot that nobody has; those that are kept for who goes first are last, or left out."""
    window = next((each for each in office.windows if each.name == slot.window), None)
    if window is None:
        return []
    released = slot.start - now < timedelta(hours=rules.released_hours)
    kept = 0 if first or released or not rules.first else min(window.reserved, window.capacity)
    seats = range(window.capacity - kept)
    return [seat for seat in seats if not any(place in taken for place in slot.places(seat))]


def free_slots(
    office: Office, wish: Wish, days: Sequence[date], taken: Collection[Place], rules: VisitRules, now: datetime
) -> Iterator[Slot]:
    """What can be booked on these days, the earliest first: one slot a start, at the least busy window."""
    last = bookable_until(rules, now)
    for day in days:
        if day > last:
            return
        by_start: dict[datetime, tuple[int, Slot]] = {}
        for slot in slots_of(office, wish, day):
            if slot.start < now + rules.lead:
                continue
            free = len(free_seats(office, slot, taken, rules, now, first=wish.first))
            if free > by_start.get(slot.start, (0, slot))[0]:
                by_start[slot.start] = free, slot
        yield from (slot for _, slot in by_start.values())


def bookable_until(rules: VisitRules, now: datetime) -> date:
    """The last day that can be booked."""
    return now.astimezone(CHINA).date() + timedelta(days=rules.days_ahead)


def _cut(opening: Opening, window: Window, length: timedelta) -> Iterator[Slot]:
    start = _on_grid(opening.start)
    while start + length <= opening.end:
        yield Slot(start, start + length, window.name)
        start += length


def _on_grid(moment: datetime) -> datetime:
    midnight = datetime.combine(moment.date(), datetime.min.time(), moment.tzinfo)
    return midnight + -(-(moment - midnight) // GRID) * GRID
