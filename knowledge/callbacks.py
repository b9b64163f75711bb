"""Call-backs (回拨) that residents were promised: asked for once a conversation, found again by their reference."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.tables.conversation import CallbackRow
from knowledge.working_days import CHINA

LETTERS = "3479ACDEFHJKMNPQRTWXY"
"""No letter or digit that is mistaken for another, read or heard: 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V."""

ATTEMPTS = 20


class ReferencesExhausted(RuntimeError):
    """No free reference number was found for that day."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A call-back as stored. Times are aware, in UTC; `telephone` is None until the resident gives one."""

    reference: str
    conversation: str
    office_code: str | None
    matter_code: str | None
    telephone: str | None
    status: str
    requested_at: datetime
    promised_by: datetime


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """Who wants to be called about what, and by when that was promised. Times are aware."""

    conversation: str
    office_code: str | None
    matter_code: str | None
    requested_at: datetime
    promised_by: datetime


class Callbacks:
    """The call-backs in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open_in(self, conversation: str) -> Callback | None:
        """The conversation's call-back that is still to be made, if there is one."""
        query = (
            select(CallbackRow)
            .where(CallbackRow.conversation_id == conversation, CallbackRow.status == "open")
            .order_by(CallbackRow.id.desc())
            .limit(1)
        )
        async with self._database.transaction() as session:
            row = await session.scalar(query)
        return _callback(row) if row else None

    async def record(self, request: CallbackRequest) -> Callback:
        """Store a call-back under a new reference. Raises ReferencesExhausted."""
        for _ in range(ATTEMPTS):
            row = CallbackRow(
                reference=new_reference(request.requested_at),
                conversation_id=request.conversation,
                office_code=request.office_code,
                matter_code=request.matter_code,
                status="open",
                requested_at=request.requested_at,
                promised_by=request.promised_by,
            )
            if await self._stored(row):
                return _callback(row)
        raise ReferencesExhausted(f"{request.requested_at:%Y-%m-%d}")

    async def keep_telephone(self, reference: str, telephone: str) -> None:
        """Store the number to call, digits only."""
        async with self._database.transaction() as session:
            await session.execute(
                update(CallbackRow).where(CallbackRow.reference == reference).values(telephone=telephone)
            )

    async def _stored(self, row: CallbackRow) -> bool:
        async with self._database.transaction() as session:
            if await self._is_taken(session, row.reference):
                return False
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # another process took the reference at the same moment
                return False
        return True

    @staticmethod
    async def _is_taken(session: AsyncSession, reference: str) -> bool:
        return await session.scalar(select(CallbackRow.id).where(CallbackRow.reference == reference)) is not None


def new_reference(at: datetime) -> str:
    """A reference that can be said on the telephone: HB, month and day in China, four unambiguous letters."""
    return f"HB-{at.astimezone(CHINA):%m%d}-{''.join(secrets.choice(LETTERS) for _ in range(4))}"


def _callback(row: CallbackRow) -> Callback:
    return Callback(
        reference=row.reference,
        conversation=row.conversation_id,
        office_code=row.office_code,
        matter_code=row.matter_code,
        telephone=row.telephone,
        status=row.status,
        requested_at=row.requested_at,
        promised_by=row.promised_by,
    )
