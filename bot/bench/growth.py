"""What a turn costs late in a conversation, beside the same turn early in a fresh one, measured in turns.

Side by side, because this kind of machine changes its speed from one second to the next.
"""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

EARLY, LATE, PAIRS = 5, 400, 20


class Talk(Protocol):
    """A conversation that is measured."""

    async def turn(self) -> float:
        """Take the next turn; its milliseconds."""
        ...


@dataclass(frozen=True, slots=True)
class Growth:
    """Median milliseconds of turn 5 and of turn 400."""

    early: float
    late: float

    @property
    def ratio(self) -> float:
        """How many times turn 5 turn 400 costs."""
        return self.late / self.early


async def growth(open_talk: Callable[[], Awaitable[Talk]]) -> Growth:
    """Measure `PAIRS` times turn `EARLY` of a fresh conversation and the turns about `LATE` of a long one."""
    long = await open_talk()
    for _ in range(LATE - PAIRS // 2):
        await long.turn()
    early, late = [], []
    for _ in range(PAIRS):
        fresh = await open_talk()
        for _ in range(EARLY - 1):
            await fresh.turn()
        early.append(await fresh.turn())
        late.append(await long.turn())
    return Growth(statistics.median(early), statistics.median(late))
