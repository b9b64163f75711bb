"""Asking beside (旁问): an agent asks another office or agent, while the resident stays with them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update
from ulid import ULID

from knowledge.database import Database
from knowledge.handoff import TAKEN, Aside, AsideNotFound, HandoffNotYours
from knowledge.handoffs import Handoffs
from knowledge.tables.handoff import AsideRow

COLUMNS = [getattr(AsideRow, name) for name in Aside.__dataclass_fields__]


class Asides:
    """The questions beside chats in a database; their words are notes of the kinds question and answer."""

    def __init__(self, database: Database, handoffs: Handoffs) -> None:
        self._database = database
        self._handoffs = handoffs

    async def ask(
        self,
        handoff_id: str,
        staff_id: int,
        question: str,
        at: datetime,
        *,
        office: str | None = None,
        of: int | None = None,
    ) -> Aside:
        """Ask an office, or one agent. Raises HandoffNotFound, HandoffNotYours."""
        found = await self._handoffs.find(handoff_id)
        if found.state != TAKEN or found.taken_by != staff_id:
            raise HandoffNotYours(handoff_id)
        aside = Aside(str(ULID()), handoff_id, staff_id, office, of, at, None, None)
        async with self._handoffs.changing() as session:
            await session.execute(insert(AsideRow).values({name: getattr(aside, name) for name in _FIELDS}))
            await self._handoffs.log.write(session, "question", question, at, handoff_id, staff_id, aside.id)
            details = {"aside": aside.id, "office": office, "of": of}
            await self._handoffs.log.happened(session, "asked_beside", at, handoff_id, staff_id, **details)
        return aside

    async def answer(self, aside_id: str, staff_id: int, answer: str, at: datetime) -> Aside:
        """Answer a question, the first who does. Raises AsideNotFound."""
        unanswered = update(AsideRow).where(AsideRow.id == aside_id, AsideRow.answered_at.is_(None))
        async with self._handoffs.changing() as session:
            answered = unanswered.values(answered_by=staff_id, answered_at=at).returning(*COLUMNS)
            row = (await session.execute(answered.execution_options(synchronize_session=False))).one_or_none()
            if row is None:
                raise AsideNotFound(aside_id)
            aside = Aside(*row)
            await self._handoffs.log.write(session, "answer", answer, at, aside.handoff_id, staff_id, aside.id)
            details = {"aside": aside.id}
            await self._handoffs.log.happened(session, "answered_back", at, aside.handoff_id, staff_id, **details)
        return aside

    async def find(self, aside_id: str) -> Aside:
        """Raises AsideNotFound."""
        found = await self._listed(AsideRow.id == aside_id)
        if not found:
            raise AsideNotFound(aside_id)
        return found[0]

    async def of(self, handoff_id: str) -> list[Aside]:
        """All of one chat, oldest first."""
        return await self._listed(AsideRow.handoff_id == handoff_id)

    async def open_of(self, handoffs: Collection[str]) -> dict[str, list[Aside]]:
        """The unanswered ones of several chats, by chat; chats without any are left out."""
        found: dict[str, list[Aside]] = {}
        for aside in await self._listed(AsideRow.handoff_id.in_(handoffs), AsideRow.answered_at.is_(None)):
            found.setdefault(aside.handoff_id, []).append(aside)
        return found

    async def open_for(self, staff_id: int, offices: Collection[str]) -> list[Aside]:
        """What an agent is asked, or their office, and nobody has answered; not what they ask themselves."""
        asked = or_(AsideRow.asked_of == staff_id, AsideRow.asked_of.is_(None) & AsideRow.office_code.in_(offices))
        return await self._listed(asked, AsideRow.answered_at.is_(None), AsideRow.asked_by != staff_id)

    async def _listed(self, *wanted: Any) -> list[Aside]:
        query = select(*COLUMNS).where(*wanted).order_by(AsideRow.id)
        async with self._database.looking() as session:
            return [Aside(*row) for row in await session.execute(query)]


_FIELDS = tuple(Aside.__dataclass_fields__)
