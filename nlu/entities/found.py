"""All entities of a text: every finder is asked, and where they overlap the longest reading counts.

Each kind's module says what its values are. Nothing is raised, whatever the text; of a longer one the first
`LONGEST` characters are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date

from nlu.entities.ages import find_ages
from nlu.entities.amounts import find_amounts
from nlu.entities.case_numbers import find_case_numbers
from nlu.entities.dates import find_dates
from nlu.entities.entity import Found
from nlu.entities.numbers import find_numbers
from nlu.entities.numerals import CHARACTERS
from nlu.entities.people import find_people
from nlu.entities.places import Places
from nlu.entities.reading import Reading, read
from nlu.entities.times import find_times

__all__ = ["Found", "entities"]

LONGEST = 2000

Finder = Callable[[str, date], Iterator[Found]]

COUNTING: tuple[Finder, ...] = (find_case_numbers, find_numbers, find_amounts, find_ages)
NAMING: tuple[Finder, ...] = (find_dates, find_times, find_people)
"""Finders that need a number in the text, and the others. Of two readings of the same length the earlier counts."""

_NUMERALS = frozenset(f"0123456789幺洞半{CHARACTERS}")


def entities(text: str, today: date, places: Places | None = None) -> list[Found]:
    """The entities of a text in their order; no two overlap. `today`: the day in China by which 后天 is reckoned."""
    reading = read(text[:LONGEST])
    found = [*(places.find(reading.plain) if places else ()), *_found(reading.plain, today)]
    return [_in_original(reading, each) for each in _without_overlaps(found)]


def _found(plain: str, today: date) -> Iterator[Found]:
    for find in NAMING if _NUMERALS.isdisjoint(plain) else (*COUNTING, *NAMING):
        yield from find(plain, today)


def _without_overlaps(found: Iterable[Found]) -> list[Found]:
    kept: list[Found] = []
    taken: set[int] = set()
    for each in sorted(found, key=lambda each: each.start - each.end):
        places = range(each.start, each.end)
        if taken.isdisjoint(places):
            kept.append(each)
            taken.update(places)
    return sorted(kept, key=lambda each: each.start)


def _in_original(reading: Reading, found: Found) -> Found:
    start, end = reading.span(found.start, found.end)
    return replace(found, start=start, end=end, text=reading.original[start:end])
