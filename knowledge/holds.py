"""Legal holds (法律保全): what belongs to a case or a conversation is not deleted while one is in force.

A hold on a case covers its conversation, the one its application was filled in, and all conversations of its resident.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import insert, select, update

from knowledge.database import Database
from knowledge.reach import conversations_of
from knowledge.tables.after import HoldRow
from knowledge.tables.case import CaseRow
from knowledge.tables.conversation import ConversationRow

Kind = Literal["case", "conversation"]


class HoldSubjectUnknown(LookupError):
    """There is no such case or conversation."""


class NotHeld(LookupError):
    """No hold is in force on it."""


class UnderHold(Exception):
    """It must not be deleted: a hold is in force. `args`: what is held."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as stored. Times are aware, in UTC; `released_at` None: in force."""

    id: int
    kind: Kind
    subject: str
    reason: str
    placed_by: str
    placed_at: datetime
    released_by: str
    released_at: datetime | None


COLUMNS = [getattr(HoldRow, name) for name in Hold.__dataclass_fields__]
IN_FORCE = HoldRow.released_at.is_(None)


class Holds:
    """The holds in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, subject: str, reason: str, by: str, at: datetime) -> Hold:
        """Hold a case (our reference, or the platform's) or a conversation (its id). Raises HoldSubjectUnknown."""
        async with self._database.transaction() as session:
            kind, subject = await self._found(subject)
            placed = {"kind": kind, "subject": subject, "reason": reason, "placed_by": by, "placed_at": at}
            id = await session.scalar(insert(HoldRow).values(**placed, released_by="").returning(HoldRow.id))
            return next(each for each in await self.in_force() if each.id == id)

    async def release(self, subject: str, by: str, at: datetime) -> int:
        """End the holds on it; how many there were. Raises NotHeld."""
        held = update(HoldRow).where(HoldRow.subject == subject, IN_FORCE)
        released = held.values(released_by=by, released_at=at).returning(HoldRow.id)
        async with self._database.transaction() as session:
            ended = (await session.scalars(released)).all()
        if not ended:
            raise NotHeld(subject)
        return len(ended)

    async def in_force(self) -> list[Hold]:
        """The holds in force, the oldest first."""
        async with self._database.looking() as session:
            rows = await session.execute(select(*COLUMNS).where(IN_FORCE).order_by(HoldRow.id))
            return [Hold(*row) for row in rows]

    async def conversations(self, among: Collection[str] | None = None) -> set[str]:
        """The conversations that are held; of these only, or all."""
        holds = await self.in_force()
        cases = [hold.subject for hold in holds if hold.kind == "case"]
        held = {hold.subject for hold in holds if hold.kind == "conversation"}
        if cases:
            held |= await conversations_of(self._database, cases, residents=True)
        return held if among is None else held & set(among)

    async def _found(self, subject: str) -> tuple[Kind, str]:
        named = (CaseRow.reference == subject) | (CaseRow.platform_number == subject)
        talk = select(ConversationRow.id).where(ConversationRow.id == subject)
        async with self._database.looking() as session:
            if reference := await session.scalar(select(CaseRow.reference).where(named)):
                return "case", reference
            if await session.scalar(talk):
                return "conversation", subject
        raise HoldSubjectUnknown(subject)
