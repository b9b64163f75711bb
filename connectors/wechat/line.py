"""The line in which an account's messages wait for their turns: so many at a time, in the order in which they came.

When more comes than can be answered, a service that begins every turn at once is late with all of them, and is then
asked three times for each (the platform calls again after five seconds): it never catches up. So a message that is
called for again waits for the turn that it has, and who comes while the line is long is put off at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

AT_A_TIME = 8
"""Turns: so few that each is done soon, so many that one that waits for somebody else holds nobody up."""


class Line(Generic[T]):
    """One account's line. `patience`: seconds that its head may have waited before it counts as long."""

    def __init__(
        self, patience: float, at_a_time: int = AT_A_TIME, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience = patience
        self._places = asyncio.Semaphore(at_a_time)
        self._monotonic = monotonic
        self._turns: dict[str, asyncio.Task[T]] = {}
        self._waiting: dict[str, float] = {}

    def __contains__(self, message: str) -> bool:
        return message in self._turns

    def __len__(self) -> int:
        return len(self._turns)

    @property
    def is_long(self) -> bool:
        """Whether who comes now would wait for too long."""
        head = next(iter(self._waiting.values()), None)
        return head is not None and self._monotonic() - head > self._patience

    def turn(self, message: str, take: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        """The turn of that message: the one that it has, or else a new one at the end of the line."""
        if message not in self._turns:
            self._waiting[message] = self._monotonic()
            task = self._turns[message] = asyncio.create_task(self._in_order(message, take))
            task.add_done_callback(lambda _: self._done(message))
        return self._turns[message]

    def leave(self, message: str) -> None:
        """It is taken up elsewhere: out of the line, unless its turn has begun."""
        if message in self._waiting:
            self._turns[message].cancel()

    async def close(self) -> None:
        """End what runs and what waits."""
        turns = list(self._turns.values())
        for task in turns:
            task.cancel()
        await asyncio.gather(*turns, return_exceptions=True)

    async def _in_order(self, message: str, take: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            self._waiting.pop(message)
            return await take()

    def _done(self, message: str) -> None:
        self._turns.pop(message)
        self._waiting.pop(message, None)  # it left before its turn began
