"""The worker of the outbox: one task a process, that delivers what turns have left there.

It wakes at once after a commit of its own process, and looks every few seconds for what others left (or a process that
was killed: its lease runs out). What fails is tried again later and later; what is refused, or has failed for a day and
a half, is for a person to look at (`/desk/outbox`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from ulid import ULID

from bot.background import Rounds
from bot.metrics import Metrics
from connectors.intake.service import IntakeRefused, IntakeUnavailable
from knowledge.cases import Cases
from knowledge.database import Database, DatabaseUnavailable
from knowledge.outbox import Claimed, Outbox
from nlu.text import mask_personal

log = structlog.get_logger()

AT_ONCE = 10
"""Letters in hand at a time, of as many cases."""
POLL_SECONDS = 5.0
FIRST, LONGEST = 2.0, 600.0
"""Seconds before a letter is tried again: doubled each time, and up to half of it less by chance."""
MOST_ATTEMPTS = 300
"""About a day and a half: a weekend night's maintenance is survived, a wrong setting is seen before it is forgotten."""


Settle = Callable[[], Awaitable[None]]
"""Stores and says what came of a delivery, in the transaction in which the letter is marked."""


class Post(Protocol):
    """How letters are delivered (`bot.deliveries.Deliveries`)."""

    async def deliver(self, letter: Claimed) -> Settle: ...
    async def settle_dead(self, letter: Claimed, reason: str) -> None: ...


class OutboxWorker:
    """Delivers letters until it is stopped. `chance` gives 0 to 1, for the jitter."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        cases: Cases,
        post: Post,
        clock: Callable[[], datetime],
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._cases = cases
        self._post = post
        self._clock = clock
        self._metrics = metrics
        self._chance = chance
        self._name = str(ULID())
        self._rounds = Rounds("outbox", self._look, POLL_SECONDS)

    async def wake(self) -> None:
        """There is something to deliver."""
        await self._rounds.wake()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Deliver in the background; at the end the letters in hand are finished, or left to their lease."""
        return self._rounds.running()

    async def round(self) -> int:
        """Deliver what is due now, until nothing is; how many letters were tried. Raises DatabaseUnavailable."""
        tried = 0
        while await self._outbox.anything_due(self._clock()):
            letters = await self._outbox.claim(self._name, self._clock(), AT_ONCE)
            if not letters:
                break  # others were faster
            await asyncio.gather(*(self._handle(letter) for letter in letters))  # raises nothing
            tried += len(letters)
        return tried

    async def count(self) -> None:
        """Show how many wait and are dead, and how many cases are overdue."""
        waiting, overdue = await self._outbox.waiting(), await self._cases.count_overdue(self._clock())
        self._metrics.outbox(waiting.waiting, waiting.dead, overdue)

    async def _look(self) -> None:
        await self.round()
        await self.count()

    async def _handle(self, letter: Claimed) -> None:
        """Deliver one; whatever happens it is marked, or its lease gives it to the next."""
        try:
            await self._deliver(letter)
        except DatabaseUnavailable as error:
            log.warning("outbox_waits", error=type(error).__name__)
        except Exception as error:
            log.error("letter_failed", case=letter.subject, kind=letter.kind, error=type(error).__name__, exc_info=True)
            with suppress(DatabaseUnavailable):
                await self._postpone(letter, type(error).__name__)

    async def _deliver(self, letter: Claimed) -> None:
        try:
            settle = await self._post.deliver(letter)
        except IntakeUnavailable as error:
            await self._postpone(letter, str(error))
        except IntakeRefused as error:
            await self._bury(letter, mask_personal(error.reason), error.fields)
        else:
            await self._mark(letter, settle)

    async def _mark(self, letter: Claimed, settle: Settle) -> None:
        async with self._database.transaction():
            if not await self._outbox.delivered(letter, self._clock()):
                return
            await settle()
        self._say(letter, "delivered")

    async def _postpone(self, letter: Claimed, reason: str) -> None:
        if letter.attempts >= MOST_ATTEMPTS:
            await self._bury(letter, reason, told="")
            return
        later = self._clock() + timedelta(seconds=backoff(letter.attempts, self._chance()))
        await self._outbox.failed(letter, reason, later)
        self._say(letter, "postponed", reason)

    async def _bury(self, letter: Claimed, reason: str, fields: tuple[str, ...] = (), told: str | None = None) -> None:
        """`told`: what the resident hears of the reason, if not all of it."""
        error = f"{reason} ({', '.join(fields)})" if fields else reason
        async with self._database.transaction():
            if not await self._outbox.dead(letter, error, self._clock()):
                return
            await self._post.settle_dead(letter, reason if told is None else told)
        self._say(letter, "dead")

    def _say(self, letter: Claimed, outcome: str, reason: str = "") -> None:
        self._metrics.letter(letter.kind, outcome)
        said = {"reason": reason} if reason else {}
        log.info(f"letter_{outcome}", kind=letter.kind, case=letter.subject, attempts=letter.attempts, **said)


def backoff(attempts: int, chance: float) -> float:
    """Seconds until the next try after so many."""
    return min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 20)) * (1 - chance / 2)
