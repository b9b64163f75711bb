"""One task a process for what comes after: records, ratings that are asked for, reminders, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from time import monotonic

import structlog

from bot.asking import RatingAsker
from bot.background import background
from bot.desk_metrics import DeskMetrics
from bot.reminding import Reminding
from knowledge.database import DatabaseUnavailable
from knowledge.records import Records

log = structlog.get_logger()

POLL_SECONDS = 2.0
CASES_SECONDS = 15.0
REMIND_SECONDS = 60.0
COUNT_SECONDS = 15.0
SWEEP_SECONDS = 3600.0
"""How often all is looked through that a frequent round would not see any more."""


class AfterWorker:
    """Goes round until it is stopped. What fails is logged, and done in the next round."""

    def __init__(
        self,
        records: Records,
        asker: RatingAsker,
        reminding: Reminding,
        metrics: DeskMetrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._asker = asker
        self._reminding = reminding
        self._metrics = metrics
        self._clock = clock
        self._last: dict[str, float] = {}

    def running(self) -> AbstractAsyncContextManager[None]:
        """Go round in the background."""
        return background(self._run(), "after")

    async def round(self) -> None:
        """Do what is due once; one that fails keeps none of the others from being done."""
        await self._try("rating", self._asker.chats)
        if self._is_time("cases", CASES_SECONDS):
            await self._try("rating", self._asker.cases)
        if self._is_time("remind", REMIND_SECONDS):
            await self._try("remind", self._reminding.look)
        await self._try("record", lambda: self._records.round(self._clock()))
        if self._is_time("count", COUNT_SECONDS):
            await self._try("count", self._metrics.count)
        if self._is_time("sweep", SWEEP_SECONDS):
            await self._try("sweep", self._records.sweep)

    async def _run(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(POLL_SECONDS)

    def _is_time(self, what: str, seconds: float) -> bool:
        now = monotonic()
        if now - self._last.get(what, -seconds) < seconds:
            return False
        self._last[what] = now
        return True

    @staticmethod
    async def _try(what: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except DatabaseUnavailable as error:
            log.warning("after_waits", what=what, error=type(error).__name__)
        except Exception as error:
            log.error("after_failed", what=what, error=type(error).__name__, exc_info=True)
