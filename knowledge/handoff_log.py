"""What happened to hand-offs, only ever added to, in the order of commit; and what staff wrote about them, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.database import Database
from knowledge.handoff import HandoffEvent, Note, NoteKind
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.handoff import HandoffEventRow, HandoffNoteRow, HandoffRow

ORDER = 5_201_001
"""The advisory lock under which PostgreSQL numbers events: whoever has read number n has read all below it."""

TOOK = ("taken", "taken_over")
LONGEST_NOTE = 2_000
COLUMNS = [getattr(HandoffEventRow, name) for name in HandoffEvent.__dataclass_fields__]
NOTE_COLUMNS = [getattr(HandoffNoteRow, name) for name in Note.__dataclass_fields__]


class HandoffLog:
    """The events and notes in a database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def after(self, seq: int, limit: int = 500) -> list[HandoffEvent]:
        """The events after that number, oldest first: nothing that is committed later comes before them."""
        return await self._events(HandoffEventRow.seq > seq, limit)

    async def last(self) -> int:
        """The number of the newest event; 0: there is none."""
        async with self._database.looking() as session:
            return await session.scalar(select(func.max(HandoffEventRow.seq))) or 0

    async def had(self, handoff_id: str, staff_id: int) -> bool:
        """Whether that agent had the chat at some time."""
        took = (HandoffEventRow.handoff_id == handoff_id, HandoffEventRow.staff_id == staff_id)
        query = select(HandoffEventRow.seq).where(*took, HandoffEventRow.what.in_(TOOK)).limit(1)
        async with self._database.looking() as session:
            return await session.scalar(query) is not None

    async def stand_in_line(self, session: AsyncSession) -> None:
        """Fix the place of this transaction's events: before it locks a conversation (handoff_changes.py)."""
        if not self._database.is_sqlite:
            await session.execute(text("SELECT pg_advisory_xact_lock(:order)"), {"order": ORDER})

    async def of(self, handoff_id: str) -> list[HandoffEvent]:
        """All that happened to one hand-off, oldest first."""
        return await self._events(HandoffEventRow.handoff_id == handoff_id, 10_000)

    async def notes(self, handoff_id: str, kinds: Sequence[NoteKind] = ()) -> list[Note]:
        """What staff wrote about it, oldest first. Raises KeyMissing, SealBroken."""
        query = select(*NOTE_COLUMNS).where(HandoffNoteRow.handoff_id == handoff_id).order_by(HandoffNoteRow.id)
        if kinds:
            query = query.where(HandoffNoteRow.kind.in_(kinds))
        async with self._database.looking() as session:
            return [self._note(row._asdict()) for row in await session.execute(query)]

    async def happened(
        self, session: AsyncSession, what: str, at: datetime, handoff: str | None, staff: int | None, **details: Any
    ) -> None:
        """Add an event as the last thing of a transition."""
        await self.stand_in_line(session)
        row = {"handoff_id": handoff, "at": at, "what": what, "staff_id": staff, "details": details}
        await session.execute(insert(HandoffEventRow).values(row))

    async def write(
        self,
        session: AsyncSession,
        kind: NoteKind,
        words: str,
        at: datetime,
        handoff: str,
        staff: int | None,
        aside: str | None = None,
    ) -> str:
        """Keep what staff wrote, sealed; the note's id."""
        id = str(ULID())
        conversation = select(HandoffRow.conversation_id).where(HandoffRow.id == handoff).scalar_subquery()
        row = {"id": id, "handoff_id": handoff, "conversation_id": conversation, "aside_id": aside, "at": at}
        sealed = self._keyring.seal(words[:LONGEST_NOTE].encode(), context(HandoffNoteRow.text, id))
        await session.execute(insert(HandoffNoteRow).values({**row, "kind": kind, "staff_id": staff, "text": sealed}))
        return id

    async def _events(self, wanted: Any, limit: int) -> list[HandoffEvent]:
        query = select(*COLUMNS).where(wanted).order_by(HandoffEventRow.seq).limit(limit)
        async with self._database.looking() as session:
            return [HandoffEvent(*row) for row in await session.execute(query)]

    def _note(self, row: dict[str, Any]) -> Note:
        sealed = row["text"]
        plain = None if sealed is None else self._keyring.unseal(sealed, context(HandoffNoteRow.text, row["id"]))
        return Note(**{**row, "text": plain.decode() if plain is not None else None})
