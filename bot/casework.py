"""All that hands cases in and follows them, put together: the platform's client, the outbox's worker, what is heard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.case_news import CaseNews, OnAuthorisation, nobody_waits
from bot.deliveries import Deliveries
from bot.metrics import Metrics
from bot.outbox import OutboxWorker
from bot.outbox_desk import OutboxDesk
from bot.overdue import OverdueCases
from bot.reaching import Push
from bot.settings import Settings
from connectors.intake.client import IntakeClient
from knowledge.cases import Cases
from knowledge.database import Database
from knowledge.files import Files
from knowledge.keyring import Keyring
from knowledge.outbox import Outbox
from knowledge.submissions import Submissions


@dataclass(frozen=True, slots=True)
class Casework:
    """The stores, and the client; what needs a conversation comes with `follow`."""

    database: Database
    intake: IntakeClient
    cases: Cases
    outbox: Outbox
    submissions: Submissions
    files: Files

    @classmethod
    def of(cls, settings: Settings, database: Database, keyring: Keyring) -> Casework:
        """As the settings say."""
        intake = IntakeClient(settings.intake_url, settings.intake_key.get_secret_value(), settings.intake_timeout)
        cases, outbox = Cases(database, keyring), Outbox(database, keyring)
        return cls(database, intake, cases, outbox, Submissions(cases, outbox), Files(database, keyring))

    @asynccontextmanager
    async def follow(
        self,
        push: Push,
        clock: Callable[[], datetime],
        metrics: Metrics,
        on_authorisation: OnAuthorisation = nobody_waits,
    ) -> AsyncIterator[Following]:
        """Deliver what is left in the outbox, and be ready to hear the platform. Without an address all waits.

        `on_authorisation` hears, in a transaction, that a resident granted, refused or revoked one.
        """
        news = CaseNews(self.database, self.cases, self.submissions, push, clock, on_authorisation)
        post = Deliveries(self.intake, self.cases, self.files, news, clock)
        worker = OutboxWorker(self.database, self.outbox, self.cases, post, clock, metrics)
        desk = OutboxDesk(self.database, self.outbox, self.cases, push, clock)
        try:
            if not self.intake.is_set:
                yield Following(news, desk)
                return
            self.outbox.tell_on_put(worker.wake)
            async with worker.running(), OverdueCases(self.database, self.cases, self.submissions, clock).running():
                yield Following(news, desk)
        finally:
            await self.intake.close()


@dataclass(frozen=True, slots=True)
class Following:
    """Who hears the platform, and what staff see."""

    news: CaseNews
    desk: OutboxDesk
