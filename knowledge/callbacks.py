"""Call-backs (回拨) that residents were promised: asked for once a conversation, found again by their reference."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.spoken_reference import ATTEMPTS, ReferencesExhausted, spoken_reference
from knowledge.tables.conversation import CallbackRow

OPEN = "open"
Ended = Literal["kept", "missed", "dropped"]
REMIND_BEFORE = timedelta(minutes=10)


class CallbackNotOpen(LookupError):
    """There is no such call-back, or it was dealt with."""


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
    region_code: str | None = None
    reminded_at: datetime | None = None
    ended_by: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """Who wants to be called about what, and by when that was promised. Times are aware."""

    conversation: str
    office_code: str | None
    matter_code: str | None
    requested_at: datetime
    promised_by: datetime
    region: str | None = None


class Callbacks:
    """The call-backs in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._on_missed: Callable[[Callback], Awaitable[None]] | None = None

    def tell_on_missed(self, on_missed: Callable[[Callback], Awaitable[None]]) -> None:
        """Whom to tell, in the same transaction, that somebody called and nobody answered."""
        self._on_missed = on_missed

    async def open_in(self, conversation: str) -> Callback | None:
        """The conversation's call-back that is still to be made, if there is one."""
        query = (
            select(CallbackRow)
            .where(CallbackRow.conversation_id == conversation, CallbackRow.status == OPEN)
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
                status=OPEN,
                requested_at=request.requested_at,
                promised_by=request.promised_by,
                region_code=request.region,
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

    async def waiting(self, offices: Collection[str] | None = None, limit: int = 500) -> list[Callback]:
        """Those that are still to be made, by the promised time; of these offices, or all."""
        query = select(CallbackRow).where(CallbackRow.status == OPEN)
        if offices is not None:
            query = query.where(CallbackRow.office_code.in_(offices))
        async with self._database.looking() as session:
            rows = await session.scalars(query.order_by(CallbackRow.promised_by, CallbackRow.id).limit(limit))
            return [_callback(row) for row in rows]

    async def end(self, reference: str, staff_id: int, status: Ended, at: datetime) -> Callback:
        """Somebody called (kept), called and nobody answered (missed), or it is not wanted any more (dropped).

        Raises CallbackNotOpen.
        """
        still = update(CallbackRow).where(CallbackRow.reference == reference, CallbackRow.status == OPEN)
        ended = still.values(status=status, ended_by=staff_id, ended_at=at).returning(CallbackRow)
        async with self._database.transaction() as session:
            row = await session.scalar(ended.execution_options(synchronize_session=False, populate_existing=True))
            if row is None:
                raise CallbackNotOpen(reference)
            if status == "missed" and self._on_missed is not None:
                await self._on_missed(_callback(row))
            return _callback(row)

    async def remind(self, at: datetime, before: timedelta = REMIND_BEFORE) -> list[Callback]:
        """Those of which an office has to be reminded now: once before the promised time, once after it.

        Each of them is given once, to one process: it stands as reminded in the running transaction.
        """
        soon = and_(CallbackRow.reminded_at.is_(None), CallbackRow.promised_by <= at + before)
        late = and_(CallbackRow.reminded_at < CallbackRow.promised_by, CallbackRow.promised_by <= at)
        due = (CallbackRow.status == OPEN, or_(soon, late))
        async with self._database.looking() as session:
            if await session.scalar(select(CallbackRow.id).where(*due).limit(1)) is None:
                return []
        reminded = update(CallbackRow).where(*due).values(reminded_at=at).returning(CallbackRow)
        async with self._database.transaction() as session:
            told = reminded.execution_options(synchronize_session=False, populate_existing=True)
            return [_callback(row) for row in await session.scalars(told)]

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
    """HB-1123-9AK3, of the day it was asked for."""
    return spoken_reference("HB", at)


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
        region_code=row.region_code,
        reminded_at=row.reminded_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )
