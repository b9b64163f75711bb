"""The platform says that a case has changed: recorded once, and told to the resident, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.case_words import news_of, supplemented
from bot.reaching import Push
from connectors.intake.reading import AuthorisationChanged, CaseChanged
from connectors.intake.service import Intake, PlatformEvent, Receipt
from connectors.message import Reply
from knowledge.case import Case, CaseEvent, Recorded
from knowledge.cases import CaseNotFound, Cases
from knowledge.database import Database
from knowledge.submissions import Submissions

log = structlog.get_logger()

TAKEN_IN = frozenset({"received", "accepted"})


OnAuthorisation = Callable[[AuthorisationChanged], Awaitable[None]]


async def nobody_waits(change: AuthorisationChanged) -> None:
    """Nothing to do about an authorisation: whoever needs it asks the platform."""


class CaseNews:
    """Hears the platform (`PlatformNews`). `on_authorisation` runs in the transaction in which the call is noted."""

    def __init__(
        self,
        database: Database,
        cases: Cases,
        submissions: Submissions,
        push: Push,
        clock: Callable[[], datetime],
        on_authorisation: OnAuthorisation = nobody_waits,
    ) -> None:
        self._database = database
        self._cases = cases
        self._submissions = submissions
        self._push = push
        self._clock = clock
        self._on_authorisation = on_authorisation

    async def case_changed(self, change: CaseChanged) -> None:
        """Record it, tell it if it is news, fetch the result. Raises CaseNotFound, DatabaseUnavailable."""
        async with self._database.transaction():
            if not await self._cases.heard(change.event.id, self._clock()):
                return
            case = await self._find(change)
            await self._record(case, change.event, change.number)

    async def authorisation_changed(self, change: AuthorisationChanged) -> None:
        """Hand it on, once."""
        async with self._database.transaction():
            if await self._cases.heard(change.id, self._clock()):
                log.info("authorisation_changed", state=change.state)
                await self._on_authorisation(change)

    async def refresh(self, case: Case, intake: Intake) -> Case:
        """Ask the platform how the case stands, should a call have been lost, and tell what is news.

        Raises IntakeUnavailable, IntakeRefused, DatabaseUnavailable.
        """
        if case.platform_number is None:
            return case
        there = await intake.case(case.platform_number)
        async with self._database.transaction():
            for event in there.history:
                recorded = await self._record(case, event, there.number, quietly=event.sequence < there.sequence)
                case = recorded.case
        return case

    async def take_receipt(self, case: Case, receipt: Receipt) -> Recorded:
        """Record what the platform answered to a letter, unless its call was here first."""
        event = CaseEvent(receipt.state, receipt.at, sequence=receipt.sequence)
        recorded = await self._cases.record(case.reference, event, receipt.number)
        if recorded.is_new and recorded.is_latest:
            await self.tell(recorded.case, await self._news_of(recorded.case, event))
        return recorded

    async def tell(self, case: Case, reply: Reply) -> None:
        """Say it in the case's conversation, if there still is one."""
        if case.conversation_id is not None:
            await self._push(case.conversation_id, "system", reply)

    async def _news_of(self, case: Case, event: CaseEvent, has_result: bool = False) -> Reply:
        """A case comes into the state in which it was before when the platform has what was sent later."""
        if event.state in TAKEN_IN and event.sequence is not None:
            steps = await self._cases.history(case.reference)
            earlier = [each for each in steps if each.sequence is not None and each.sequence < event.sequence]
            if any(each.state == event.state for each in earlier):
                return supplemented(case)
        return news_of(case, event, has_result)

    async def _find(self, change: CaseChanged) -> Case:
        """By our reference; one that belongs to another number of the platform's is none of its cases."""
        case = await self._cases.find(change.reference or change.number)
        if case.platform_number not in (None, change.number):
            raise CaseNotFound(change.reference)
        return case

    async def _record(self, case: Case, event: PlatformEvent, number: str, quietly: bool = False) -> Recorded:
        heard = CaseEvent(event.state, event.at, event.text, event.materials, event.due_on, event.sequence, event.id)
        recorded = await self._cases.record(case.reference, heard, number)
        if not recorded.is_new:
            return recorded
        log.info("case_changed", case=case.reference, state=event.state, sequence=event.sequence)
        if recorded.is_latest and not quietly:
            await self.tell(recorded.case, await self._news_of(recorded.case, heard, event.has_result))
        if event.has_result:
            await self._submissions.fetch_result(recorded.case, event.sequence, self._clock())
        return recorded
