"""The worker of short messages: one task a process, that sends what is due, by day, and each once.

What the provider may have taken before it (or we) fell silent stays as it is until its lease ends; then the provider is
asked whether it went, and only what did not is sent again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from ulid import ULID

from bot.background import Rounds
from bot.metrics import Metrics
from connectors.sms.service import SmsRefused, SmsSender, SmsText, SmsUnavailable
from knowledge.database import Database, DatabaseUnavailable
from knowledge.quiet import is_quiet, next_morning
from knowledge.sms import ClaimedSms, Sms
from knowledge.working_days import CHINA

log = structlog.get_logger()

AT_ONCE = 10
POLL_SECONDS = 20.0
FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""Before a message is tried again after a failure: doubled each time."""
MOST_ATTEMPTS = 20
OLDEST = timedelta(days=3)
"""News that could not be told for so long is none any more."""


class SmsWorker:
    """Sends until it is stopped. `daily`: messages to one number in a day at most."""

    def __init__(
        self,
        database: Database,
        queue: Sms,
        sender: SmsSender,
        clock: Callable[[], datetime],
        metrics: Metrics,
        daily: int,
    ) -> None:
        self._database = database
        self._queue = queue
        self._sender = sender
        self._clock = clock
        self._metrics = metrics
        self._daily = daily
        self._name = str(ULID())
        self._rounds = Rounds("sms", self.round, POLL_SECONDS)

    async def wake(self) -> None:
        """There is something to send."""
        await self._rounds.wake()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send in the background; what is in hand at the end is left to its lease."""
        try:
            async with self._rounds.running():
                yield
        finally:
            await self._sender.close()

    async def round(self) -> int:
        """Send what is due now; how many messages were looked at. Nothing in the quiet hours.

        Raises DatabaseUnavailable.
        """
        looked_at = 0
        while not is_quiet(self._clock()):
            messages = await self._queue.claim(self._name, self._clock(), AT_ONCE)
            if not messages:
                break
            for sms in messages:  # one after the other: two to one number must not pass its limit together
                await self._handle(sms)
            looked_at += len(messages)
        return looked_at

    async def _handle(self, sms: ClaimedSms) -> None:
        try:
            await self._deliver(sms)
        except SmsRefused as refused:
            await self._refused(sms, refused)
        except SmsUnavailable as error:
            await self._unavailable(sms, error)
        except Exception as error:  # one message that can't be sent must not hold up the others
            log.error("sms_failed", sms=sms.id, error=type(error).__name__, exc_info=True)
            with suppress(DatabaseUnavailable):
                await self._queue.bury(sms, type(error).__name__, self._clock())

    async def _deliver(self, sms: ClaimedSms) -> None:
        if sms.unsure and (known := await self._went_out(sms)) is not None:
            await self._sent(sms, known)
            return
        now = self._clock()
        if reason := await self._queue.not_wanted(sms):
            await self._queue.drop(sms, reason, now)
            self._say(sms, "dropped", reason)
        elif sms.not_after is not None and now >= sms.not_after:
            await self._queue.drop(sms, "too_late", now)
            self._say(sms, "dropped", "too_late")
        elif now - sms.created_at > OLDEST:
            await self._bury(sms, "too_old")
        elif await self._queue.sent_today(sms.telephone, now) >= self._daily:
            await self._postpone(sms, "daily_limit", next_morning(now))
        else:
            await self._sent(sms, await self._sender.send(sms.id, sms.telephone, SmsText(sms.key, sms.values)))

    async def _went_out(self, sms: ClaimedSms) -> str | None:
        day = sms.tried_at.astimezone(CHINA).date()
        return await self._sender.sent(sms.id, sms.telephone, day)

    async def _sent(self, sms: ClaimedSms, provider_id: str) -> None:
        if await self._queue.sent(sms, provider_id, self._clock()):
            self._say(sms, "sent")

    async def _refused(self, sms: ClaimedSms, refused: SmsRefused) -> None:
        now = self._clock()
        if refused.again == "never" or sms.attempts >= MOST_ATTEMPTS:
            await self._bury(sms, refused.code)
            return
        waits = {"soon": now + self._backoff(sms), "later": now + LONGEST, "tomorrow": next_morning(now)}
        await self._postpone(sms, refused.code, waits[refused.again])

    async def _unavailable(self, sms: ClaimedSms, error: SmsUnavailable) -> None:
        """What may be on its way is left to its lease, and asked for then; anything else is tried again soon."""
        if sms.attempts >= MOST_ATTEMPTS:
            await self._bury(sms, str(error))
        elif error.maybe_sent or sms.unsure:
            self._say(sms, "unsure", str(error))
        else:
            await self._postpone(sms, str(error), self._clock() + self._backoff(sms))

    async def _postpone(self, sms: ClaimedSms, reason: str, until: datetime) -> None:
        await self._queue.postpone(sms, reason, until)
        self._say(sms, "postponed", reason)

    async def _bury(self, sms: ClaimedSms, reason: str) -> None:
        await self._queue.bury(sms, reason, self._clock())
        self._say(sms, "dead", reason)

    @staticmethod
    def _backoff(sms: ClaimedSms) -> timedelta:
        return min(LONGEST, FIRST * float(1 << min(sms.attempts - 1, 10)))

    def _say(self, sms: ClaimedSms, outcome: str, reason: str = "") -> None:
        """Neither the number nor the words."""
        self._metrics.sms(sms.key, outcome)
        said = {"reason": reason} if reason else {}
        log.info(f"sms_{outcome}", sms=sms.id, text=sms.key, attempts=sms.attempts, **said)
