"""Looking at the queue: who waits where and how long still, whose chats are whose, which timers have run out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from knowledge.database import Database
from knowledge.handoff import ENDED, OFFERED, TAKEN, WAITING, Handoff, HandoffNotFound
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.handoff import HandoffRow
from knowledge.tables.staff import StaffRow

COLUMNS = [getattr(HandoffRow, name) for name in Handoff.__dataclass_fields__]

HANDLED = 20
"""From how many of the last chats of an office the time that one takes is learnt, and how few are too few."""
TOO_FEW = 3
LONGEST_CHAT = timedelta(hours=2)
"""A chat that stood open longer says nothing of how long one takes."""


class HandoffQueue:
    """Reads. Inside a transaction they see what it has stored."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def find(self, handoff_id: str) -> Handoff:
        """Raises HandoffNotFound."""
        found = await self._listed(_all().where(HandoffRow.id == handoff_id))
        if not found:
            raise HandoffNotFound(handoff_id)
        return found[0]

    async def found(self, ids: Collection[str]) -> dict[str, Handoff]:
        """Those that there are, by id."""
        return {each.id: each for each in await self._listed(_all().where(HandoffRow.id.in_(ids)))} if ids else {}

    async def open_in(self, conversation_id: str) -> Handoff | None:
        """The conversation's hand-off that has not ended, if there is one."""
        found = await self._listed(
            _all().where(HandoffRow.conversation_id == conversation_id, HandoffRow.state != ENDED)
        )
        return found[0] if found else None

    async def of_conversation(self, conversation_id: str) -> list[Handoff]:
        """All of a conversation, oldest first."""
        return await self._listed(
            _all().where(HandoffRow.conversation_id == conversation_id).order_by(HandoffRow.entered_at, HandoffRow.id)
        )

    async def packet(self, handoff_id: str) -> dict[str, Any]:
        """What the bot knew; empty once the resident is forgotten. Raises HandoffNotFound, KeyMissing, SealBroken."""
        async with self._database.looking() as session:
            row = (await session.execute(select(HandoffRow.packet).where(HandoffRow.id == handoff_id))).one_or_none()
        if row is None:
            raise HandoffNotFound(handoff_id)
        if row[0] is None:
            return {}
        packet: dict[str, Any] = orjson.loads(self._keyring.unseal(row[0], context(HandoffRow.packet, handoff_id)))
        return packet

    async def waiting(self, offices: Collection[str] | None = None) -> list[Handoff]:
        """Those that nobody has, by their place; of these offices, or of all."""
        query = _all().where(_is_waiting())
        if offices is not None:
            query = query.where(HandoffRow.office_code.in_(offices))
        return await self._listed(query.order_by(HandoffRow.entered_at, HandoffRow.id))

    async def open_for(self, staff_id: int, offices: Collection[str]) -> list[Handoff]:
        """What an agent may take, by its place: what is offered to them, and what waits at these offices."""
        theirs = or_(HandoffRow.offered_to == staff_id, HandoffRow.office_code.in_(offices))
        query = _all().where(_is_waiting(), theirs)
        return await self._listed(query.order_by(HandoffRow.entered_at, HandoffRow.id))

    async def chats_of(self, staff_id: int) -> list[Handoff]:
        """The chats that an agent has, the oldest first."""
        query = _all().where(HandoffRow.taken_by == staff_id, HandoffRow.state == TAKEN)
        return await self._listed(query.order_by(HandoffRow.taken_at, HandoffRow.id))

    async def taken(self, offices: Collection[str] | None = None) -> list[Handoff]:
        """All running chats, of these offices or of all (for supervisors)."""
        query = _all().where(HandoffRow.state == TAKEN)
        if offices is not None:
            query = query.where(HandoffRow.office_code.in_(offices))
        return await self._listed(query.order_by(HandoffRow.taken_at, HandoffRow.id))

    async def position(self, handoff: Handoff) -> int:
        """Its place among those who wait at the same office, from 1."""
        before = and_(
            _is_waiting(),
            HandoffRow.office_code.is_not_distinct_from(handoff.office_code),
            or_(
                HandoffRow.entered_at < handoff.entered_at,
                and_(HandoffRow.entered_at == handoff.entered_at, HandoffRow.id < handoff.id),
            ),
        )
        async with self._database.looking() as session:
            count = await session.scalar(select(func.count()).select_from(HandoffRow).where(before))
        return (count or 0) + 1

    async def handling_time(self, office_code: str | None) -> timedelta | None:
        """How long a chat takes there: the median of the last that were answered; None: too few to tell."""
        query = (
            select(HandoffRow.taken_at, HandoffRow.ended_at)
            .where(HandoffRow.office_code.is_not_distinct_from(office_code), HandoffRow.state == ENDED)
            .where(HandoffRow.taken_at.is_not(None))
            .order_by(HandoffRow.ended_at.desc())
            .limit(HANDLED)
        )
        async with self._database.looking() as session:
            times = [ended - taken for taken, ended in await session.execute(query) if taken and ended]
        seconds = [time.total_seconds() for time in times if timedelta(0) < time <= LONGEST_CHAT]
        return timedelta(seconds=median(seconds)) if len(seconds) >= TOO_FEW else None

    async def due(self, at: datetime, limit: int = 200) -> list[Handoff]:
        """Those of which a timer has run out, or whose agent's account was disabled; the longest due first."""
        gone = select(StaffRow.id).where(StaffRow.disabled_at.is_not(None))
        query = _all().where(
            or_(
                and_(HandoffRow.state == OFFERED, HandoffRow.offer_due_at <= at),
                and_(_is_waiting(), HandoffRow.tier_due_at <= at),
                and_(HandoffRow.state == TAKEN, HandoffRow.silence_due_at <= at),
                and_(HandoffRow.state == TAKEN, or_(HandoffRow.taken_by.is_(None), HandoffRow.taken_by.in_(gone))),
                and_(HandoffRow.state == OFFERED, HandoffRow.offered_to.in_(gone)),
            )
        )
        return await self._listed(query.order_by(HandoffRow.entered_at, HandoffRow.id).limit(limit))

    async def earliest_due(self) -> datetime | None:
        """When the next timer runs out; None: none is running."""
        times = (
            select(func.min(column)).where(HandoffRow.state.in_(states))
            for column, states in (
                (HandoffRow.offer_due_at, (OFFERED,)),
                (HandoffRow.tier_due_at, (WAITING, OFFERED)),
                (HandoffRow.silence_due_at, (TAKEN,)),
            )
        )
        async with self._database.reading() as session:
            found = [await session.scalar(query) for query in times]
        return min((time for time in found if time is not None), default=None)

    async def _listed(self, query: Select[Any]) -> list[Handoff]:
        async with self._database.looking() as session:
            return [Handoff(*row) for row in await session.execute(query)]


def estimate(position: int, handling: timedelta | None, room: int, capacity: int) -> timedelta | None:
    """How long whoever stands at that place still waits; None: it can't honestly be told.

    `room`: chats that those on duty could take at once; `capacity`: chats that they have all together at most.
    While n chats run side by side, one of them ends after a handling time's n-th part, on average.
    """
    if capacity <= 0:
        return None
    if position <= room:
        return timedelta(0)
    return None if handling is None else handling * (position - room) / capacity


def _all() -> Select[Any]:
    return select(*COLUMNS)


def _is_waiting() -> ColumnElement[bool]:
    return HandoffRow.state.in_((WAITING, OFFERED))
