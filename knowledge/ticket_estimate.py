"""When a ticket will be called: the queue is played forward over the windows that work. Pure.

A matter takes what it took lately here; where little is known, what the office says it takes. Appointments that are
still to come take their place in it as soon as they may be there.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from knowledge.office import Window
from knowledge.working_days import Opening

KNOWN_AS = 4
"""The office's own figure counts as so many handled tickets."""
LEAST = timedelta(seconds=6)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Handled:
    """What was done lately. `lengths`: matter code (`*`: any) → minutes; `came`: the share of those called who came."""

    lengths: Mapping[str, Sequence[float]] = field(default_factory=dict)
    came: float = 1.0

    def minutes(self, matters: Sequence[str], usual: float) -> float:
        """How long these take in one visit, by what they took; `usual` as long as little is known."""
        known = self._lengths(matters)
        return (usual * KNOWN_AS + sum(known)) / (KNOWN_AS + len(known))

    def left(self, matters: Sequence[str], usual: float, gone: float) -> float:
        """How much longer something takes that has taken so many minutes: by those that took longer than that."""
        longer = [each - gone for each in self._lengths(matters) if each > gone]
        if len(longer) >= KNOWN_AS:
            return sum(longer) / len(longer)
        mean = self.minutes(matters, usual)
        return max(mean - gone, mean / 3)

    def _lengths(self, matters: Sequence[str]) -> Sequence[float]:
        return self.lengths.get("+".join(matters) or ANY, ())


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody who waits or is still to come. `minutes`: how long they will take, on average."""

    id: str
    rank: tuple[datetime, int]
    not_before: datetime
    here_at: datetime
    matters: tuple[str, ...]
    minutes: float


@dataclass(frozen=True, slots=True)
class Working:
    """A window that calls: from when it is free, and when it is open today."""

    window: Window
    free_at: datetime
    openings: Sequence[Opening]

    def free_from(self, moment: datetime) -> datetime | None:
        """The first moment from then on at which it calls; None: not today."""
        return next((max(moment, each.start) for each in self.openings if moment < each.end), None)


def expected_calls(awaited: Iterable[Awaited], working: Sequence[Working]) -> dict[str, datetime]:
    """When each is called; who is not in it is not called before the windows close."""
    waiting = sorted(awaited, key=lambda each: each.rank)
    free = [(each.free_at, place) for place, each in enumerate(working)]
    heapq.heapify(free)
    called: dict[str, datetime] = {}
    while free and waiting:
        since, place = heapq.heappop(free)
        moment = working[place].free_from(since)
        chosen, later = _next_at(waiting, working[place].window, moment or since)
        if moment is None or (chosen is None and later is None):
            continue
        if moment > since or chosen is None:
            heapq.heappush(free, (max(moment, later) if chosen is None and later else moment, place))
            continue
        waiting.remove(chosen)
        called[chosen.id] = moment
        heapq.heappush(free, (moment + max(timedelta(minutes=chosen.minutes), LEAST), place))
    return called


def _next_at(waiting: Sequence[Awaited], window: Window, moment: datetime) -> tuple[Awaited | None, datetime | None]:
    """Whom a window calls at that moment, and if nobody is here, when the first comes whom it serves."""
    early: Awaited | None = None
    comes: datetime | None = None
    serves: dict[tuple[str, ...], bool] = {}
    for each in waiting:
        if each.matters not in serves:
            serves[each.matters] = window.serves(each.matters)
        if not serves[each.matters]:
            continue
        if each.here_at > moment:
            comes = min(comes or each.here_at, each.here_at)
        elif each.not_before <= moment:
            return each, comes
        else:
            early = early or each
    return early, comes
