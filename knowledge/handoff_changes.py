"""How a hand-off changes: one statement that finds it in the state it must be in, or changes nothing.

Rows are always locked in this order, so that two changes never wait for each other: agent, hand-off, conversation, the
order of events. Two changes of one conversation meet at its hand-off already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.handoff import (
    ENDED,
    OFFERED,
    TAKEN,
    WAITING,
    CapacityReached,
    Handoff,
    HandoffEnded,
    HandoffNotYours,
    HandoffTaken,
    NotAnAgent,
    Timers,
)
from knowledge.handoff_log import HandoffLog
from knowledge.handoff_queue import COLUMNS, HandoffQueue
from knowledge.keyring import Keyring
from knowledge.tables.conversation import ConversationRow
from knowledge.tables.handoff import AgentRow, HandoffRow
from knowledge.tables.staff import StaffRow

IS_WAITING = HandoffRow.state.in_((WAITING, OFFERED))
Tell = Callable[[], Awaitable[None]]
NOBODY: dict[str, Any] = {"offered_to": None, "offered_at": None, "offer_due_at": None}
"""The values of a hand-off that is offered to nobody."""
NO_CHAT: dict[str, Any] = {"taken_by": None, "silence_due_at": None, "warned_at": None}
"""The values of a hand-off that nobody has taken. When it was taken last stays."""


class HandoffChanges(HandoffQueue):
    """What the transitions are made of."""

    def __init__(self, database: Database, keyring: Keyring, timers: Timers | None = None) -> None:
        super().__init__(database, keyring)
        self.log = HandoffLog(database, keyring)
        self.timers = timers or Timers()
        self._tell: tuple[Tell, Tell] | None = None

    def tell_on_change(self, on_change: Tell, on_queue: Tell) -> None:
        """Whom to tell after a commit that something changed, and whom only that the queue did."""
        self._tell = (on_change, on_queue)

    @asynccontextmanager
    async def changing(self, queue: bool = True) -> AsyncIterator[AsyncSession]:
        """A transaction after which is told, once, that something changed; `queue`: and that there is some to route."""
        async with self._database.transaction() as session:
            yield session
            for tell in (self._tell or ())[: 2 if queue else 1]:
                told: set[Tell] = session.info.setdefault("told", set())
                if tell not in told:
                    told.add(tell)
                    self._database.after_commit(tell)

    @staticmethod
    async def _set(session: AsyncSession, id: str, *conditions: Any, **values: Any) -> Handoff | None:
        """The hand-off after the change; None: it was not as it had to be, and nothing changed."""
        changed = update(HandoffRow).where(HandoffRow.id == id, *conditions).values(**values).returning(*COLUMNS)
        row = (await session.execute(changed.execution_options(synchronize_session=False))).one_or_none()
        return Handoff(*row) if row else None

    @staticmethod
    async def _hand_conversation(session: AsyncSession, id: str, mode: str) -> None:
        """Say who has the conversation. A turn that is running is taken again (`TurnConflict`): it must know."""
        changed = update(ConversationRow).where(ConversationRow.id == id)
        await session.execute(changed.values(mode=mode, turn=ConversationRow.turn + 1))

    async def _lock_agent(self, session: AsyncSession, staff_id: int) -> int:
        """Let one change at a time count this agent's chats; the capacity. Raises NotAnAgent."""
        agent = select(AgentRow.capacity).where(AgentRow.staff_id == staff_id).with_for_update()
        capacity = await session.scalar(agent)
        disabled = select(StaffRow.id).where(StaffRow.id == staff_id, StaffRow.disabled_at.is_not(None))
        if capacity is None or await session.scalar(disabled) is not None:
            raise NotAnAgent(staff_id)
        return capacity

    async def _make_room(self, session: AsyncSession, staff_id: int, offers_too: bool) -> None:
        """Raises NotAnAgent, CapacityReached. `offers_too`: what is only offered to the agent takes room as well."""
        capacity = await self._lock_agent(session, staff_id)
        theirs = and_(HandoffRow.state == TAKEN, HandoffRow.taken_by == staff_id)
        if offers_too:
            theirs = or_(theirs, and_(HandoffRow.state == OFFERED, HandoffRow.offered_to == staff_id))
        if (await session.scalar(select(func.count()).select_from(HandoffRow).where(theirs)) or 0) >= capacity:
            raise CapacityReached(staff_id)

    async def _refused(self, id: str, staff_id: int | None) -> Exception:
        """Why a hand-off could not be changed by that person just now. Raises HandoffNotFound."""
        return refusal(await self.find(id), staff_id)

    async def _requeue(self, handoff: Handoff, what: str, at: datetime, *conditions: Any, **values: Any) -> bool:
        """Put a chat back into the queue at its place; False: it is no longer as it was read."""
        as_read = (HandoffRow.state == TAKEN, HandoffRow.taken_by.is_not_distinct_from(handoff.taken_by))
        passed = [*handoff.declined, handoff.taken_by] if handoff.taken_by else handoff.declined
        back = NOBODY | NO_CHAT | {"declined": passed, "tier_due_at": at + self.timers.tier} | values
        async with self.changing() as session:
            changed = await self._set(session, handoff.id, *as_read, *conditions, state="waiting", **back)
            if changed is None:
                return False
            details = {"tier": changed.tier, "office": changed.office_code}
            await self._hand_conversation(session, handoff.conversation_id, "waiting")
            await self.log.happened(session, what, at, handoff.id, handoff.taken_by, **details)
        return True

    async def _ended(
        self, session: AsyncSession, id: str, by: str, outcome: str, at: datetime, staff: int | None, *conditions: Any
    ) -> Handoff | None:
        last = NOBODY | {"silence_due_at": None, "warned_at": None, "tier_due_at": None}
        values = last | {"state": ENDED, "ended_at": at, "ended_by": by, "outcome": outcome}
        ended = await self._set(session, id, HandoffRow.state != ENDED, *conditions, **values)
        if ended is not None:
            await self.log.happened(session, "ended", at, id, staff, by=by, outcome=outcome)
        return ended


def refusal(found: Handoff, staff_id: int | None) -> Exception:
    """Why a hand-off that stands so can't be changed by that person."""
    if found.state == ENDED:
        return HandoffEnded(found.id)
    if found.state == TAKEN and found.taken_by != staff_id:
        return HandoffTaken(found.id, found.taken_by)
    return HandoffNotYours(found.id)
