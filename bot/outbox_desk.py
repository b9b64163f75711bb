"""What staff see of the outbox and decide about it: dead letters are sent again or dropped; what is overdue."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.case_words import dropped
from bot.reaching import Push
from knowledge.case import Case, CaseEvent
from knowledge.cases import CaseNotFound, Cases
from knowledge.database import Database
from knowledge.outbox import Letter, Outbox
from knowledge.submissions import SUBMIT


class OutboxDesk:
    """`/desk/api/outbox` and `bangban outbox` over the outbox. `push` says something in a conversation."""

    def __init__(
        self, database: Database, outbox: Outbox, cases: Cases, push: Push, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._cases = cases
        self._push = push
        self._clock = clock

    async def waiting(self) -> dict[str, Any]:
        """The dead letters, those that are tried again and again, the cases that are overdue, and how many wait."""
        figures, overdue = await self._outbox.waiting(), await self._cases.overdue(self._clock())
        tried = [letter for letter in await self._outbox.waiting_letters() if letter.attempts > 0]
        return {
            "waiting": figures.waiting,
            "dead": [await self._shown(letter) for letter in await self._outbox.dead_letters()],
            "tried": [await self._shown(letter) for letter in tried],
            "overdue": [_overdue(case) for case in overdue],
        }

    async def send_again(self, letters: Collection[str], by: str) -> None:
        """Let dead letters go again. Raises LetterNotFound, LetterNotDead: then none of them does."""
        async with self._database.transaction():
            for id in letters:
                letter = await self._outbox.send_again(id, by, self._clock())
                if letter.kind == SUBMIT:
                    await self._cases.note(letter.subject, CaseEvent("queued", self._clock()))

    async def drop(self, letters: Collection[str], by: str, reason: str) -> None:
        """Give dead letters up, and tell those whose case is not handed in. Raises LetterNotFound, LetterNotDead."""
        async with self._database.transaction():
            for id in letters:
                letter = await self._outbox.drop(id, by, reason, self._clock())
                if letter.kind == SUBMIT:
                    await self._tell(await self._cases.find(letter.subject))

    async def _tell(self, case: Case) -> None:
        if case.conversation_id is not None:
            await self._push(case.conversation_id, "system", dropped(case))

    async def _shown(self, letter: Letter) -> dict[str, Any]:
        matter = ""
        with suppress(CaseNotFound):  # a letter about an authorisation
            matter = (await self._cases.find(letter.subject.partition("/")[0])).matter_name
        known = asdict(letter)
        shown = ("id", "kind", "attempts", "error", "created_at", "ended_at", "due_at")
        return {name: known[name] for name in shown} | {"case": letter.subject, "matter": matter}


def _overdue(case: Case) -> dict[str, Any]:
    assert case.due_on is not None
    return {"case": case.reference, "number": case.platform_number, "matter": case.matter_name, "due_on": case.due_on}
