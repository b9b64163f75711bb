"""Messages that are numbered, so that one can tell which were lost, doubled or out of order, and how long each took."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

_NUMBER = re.compile(r"^[问答](\d+)：")


def number_of(text: str) -> int | None:
    """The number of a message, or None: it is none of ours."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else None


@dataclass(slots=True)
class Numbered:
    """What one side of a chat says, from 1 on, and what the other side heard of it, in the order in which it came."""

    sent: dict[int, float] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)

    def send(self) -> int:
        """The next number; from now on it is on its way."""
        number = len(self.sent) + 1
        self.sent[number] = time.perf_counter()
        return number

    def refused(self, number: int) -> None:
        """That one was never taken: whoever said it knows, and it is not on its way."""
        del self.sent[number]

    def hear(self, text: str) -> None:
        """The other side has it."""
        number = number_of(text)
        if number is None:
            return
        if number in self.sent and number not in self.heard:
            self.took_ms.append((time.perf_counter() - self.sent[number]) * 1000)
        self.heard.append(number)

    @property
    def lost(self) -> int:
        """How many never came."""
        return len(self.sent.keys() - set(self.heard))

    @property
    def doubled(self) -> int:
        """How many came once more than they should."""
        return len(self.heard) - len(set(self.heard))

    @property
    def out_of_order(self) -> int:
        """How many came before one that was sent earlier."""
        return sum(later < earlier for earlier, later in pairwise(dict.fromkeys(self.heard)))


def faults(sides: Iterable[Numbered]) -> dict[str, int]:
    """What went wrong in all of these: `{"lost", "doubled", "out of order"}`."""
    told = list(sides)
    return {
        "lost": sum(side.lost for side in told),
        "doubled": sum(side.doubled for side in told),
        "out of order": sum(side.out_of_order for side in told),
    }
