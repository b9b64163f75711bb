"""How each kind of letter is delivered to the platform, and what is stored and said afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot import case_words
from bot.case_news import CaseNews
from bot.outbox import Settle
from connectors.intake.service import (
    AuthorisationMissing,
    CaseClosed,
    Intake,
    IntakeRefused,
    IntakeUnavailable,
    Receipt,
)
from knowledge.case import CaseEvent
from knowledge.cases import CaseNotFound, Cases
from knowledge.files import FileMissing, Files
from knowledge.outbox import Claimed
from knowledge.submissions import OVERDUE, RESULT, REVOKE, SUBMIT, SUPPLEMENT, WITHDRAW


class Deliveries:
    """Delivers a letter over the network, without a transaction; what it returns is run with the mark."""

    def __init__(
        self, intake: Intake, cases: Cases, files: Files, news: CaseNews, clock: Callable[[], datetime]
    ) -> None:
        self._intake = intake
        self._cases = cases
        self._files = files
        self._news = news
        self._clock = clock
        self._kinds: dict[str, Callable[[Claimed], Awaitable[Settle]]] = {
            SUBMIT: self._submit,
            SUPPLEMENT: self._supplement,
            WITHDRAW: self._withdraw,
            REVOKE: self._revoke,
            RESULT: self._result,
            OVERDUE: self._overdue,
        }

    async def deliver(self, letter: Claimed) -> Settle:
        """Raises IntakeUnavailable (again later), IntakeRefused (never again)."""
        try:
            return await self._kinds[letter.kind](letter)
        except (CaseNotFound, FileMissing) as error:  # forgotten meanwhile
            raise IntakeRefused(type(error).__name__) from error

    async def settle_dead(self, letter: Claimed, reason: str) -> None:
        """The letter can't be delivered: say so. `reason`: the platform's own words, empty if it gave none."""
        if letter.kind in (REVOKE, OVERDUE):
            return
        case = await self._cases.find(letter.payload["reference"])
        if letter.kind == SUBMIT:
            case = await self._cases.note(case.reference, CaseEvent("failed", self._clock(), reason))
        await self._news.tell(case, case_words.failure_of(case, letter.kind, reason))

    async def _submit(self, letter: Claimed) -> Settle:
        await self._bring_files(letter)
        return self._receipt(letter, await self._intake.submit(letter.payload["body"], letter.key))

    async def _supplement(self, letter: Claimed) -> Settle:
        await self._bring_files(letter)
        number = await self._number(letter)
        receipt = await self._intake.supplement(number, letter.payload["body"], letter.key)
        return self._receipt(letter, receipt)

    async def _withdraw(self, letter: Claimed) -> Settle:
        case = await self._cases.find(letter.payload["reference"])
        if case.platform_number is None:  # it never got there: what was wanted
            return _nothing
        reason = letter.payload["reason"]
        return self._receipt(letter, await self._intake.withdraw(case.platform_number, reason, letter.key))

    async def _revoke(self, letter: Claimed) -> Settle:
        with suppress(AuthorisationMissing):  # the platform has forgotten it: what was wanted
            await self._intake.revoke(letter.payload["authorisation"])
        return _nothing

    async def _result(self, letter: Claimed) -> Settle:
        case = await self._cases.find(letter.payload["reference"])
        content = await self._intake.result_file(await self._number(letter))

        async def settle() -> None:
            if case.conversation_id is None:
                return
            name = case_words.result_name(case)
            file = await self._files.put(case.conversation_id, name, "application/pdf", content, self._clock())
            await self._news.tell(case, case_words.result_of(case, file.id, file.name, file.size))

        return settle

    async def _overdue(self, letter: Claimed) -> Settle:
        """Say that the promised day has passed, if the platform does not say that it is decided by now."""
        case = await self._cases.find(letter.payload["reference"])
        with suppress(IntakeUnavailable, IntakeRefused):
            case = await self._news.refresh(case, self._intake)

        async def settle() -> None:
            if case.is_overdue(self._clock()):
                await self._news.tell(case, case_words.overdue(case))

        return settle

    def _receipt(self, letter: Claimed, receipt: Receipt) -> Settle:
        async def settle() -> None:
            case = await self._cases.find(letter.payload["reference"])
            await self._news.take_receipt(case, receipt)

        return settle

    async def _number(self, letter: Claimed) -> str:
        """The platform's number of the case. The letter that submits it came before, unless staff dropped it."""
        case = await self._cases.find(letter.payload["reference"])
        if case.platform_number is None:
            raise CaseClosed("这个办件没有交到平台")
        return case.platform_number

    async def _bring_files(self, letter: Claimed) -> None:
        files: list[Any] = letter.payload["files"]
        for id in files:
            file, content = await self._files.content(id)
            await self._intake.put_file(content, file.media_type)


async def _nothing() -> None:
    return
