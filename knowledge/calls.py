"""Video calls (云导办) in a database: opened once a conversation, joined, left, ended once.

Each change locks the call's row first, so that changes of one call come one after the other; its event for the desk
(`knowledge/handoff_log.py`) is the last thing of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.call import (
    ABANDONED,
    MOST_SEATS,
    RESIDENT,
    Call,
    CallEnded,
    CallFull,
    CallNotFound,
    Consent,
    Invitation,
    NotAsked,
    NotInCall,
    Seat,
)
from knowledge.database import Database
from knowledge.handoff import ENDED
from knowledge.handoff_log import HandoffLog
from knowledge.keyring import Keyring
from knowledge.spoken_reference import ATTEMPTS, ReferencesExhausted, spoken_reference
from knowledge.tables.call import CallInvitationRow, CallRow, CallSeatRow
from knowledge.tables.handoff import HandoffRow

COLUMNS = [getattr(CallRow, name) for name in Call.__dataclass_fields__]
SEAT_COLUMNS = [getattr(CallSeatRow, name) for name in Seat.__dataclass_fields__]
INVITATION_COLUMNS = [getattr(CallInvitationRow, name) for name in Invitation.__dataclass_fields__]
IS_OPEN = CallRow.ended_at.is_(None)
IS_RINGING = CallInvitationRow.answered_at.is_(None) & CallInvitationRow.declined_at.is_(None)


class Calls:
    """The calls in a database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._log = HandoffLog(database, keyring)
        self._on_change: Callable[[], Awaitable[None]] | None = None

    def tell_on_change(self, on_change: Callable[[], Awaitable[None]]) -> None:
        """Whom to tell after a commit that there is news for the desk."""
        self._on_change = on_change

    async def open(self, conversation_id: str, by: str, at: datetime) -> tuple[Call, bool]:
        """The conversation's open call, or a new one by that seat; whether it is new. Raises ReferencesExhausted."""
        for _ in range(ATTEMPTS):
            if known := await self.open_in(conversation_id, at):
                return known, False
            async with self._changing() as session:
                handoff = await session.scalar(
                    select(HandoffRow.id).where(
                        HandoffRow.conversation_id == conversation_id, HandoffRow.state != ENDED
                    )
                )
                id = str(ULID())
                number = spoken_reference("SP", at)
                row = CallRow(id=id, number=number, conversation_id=conversation_id, handoff_id=handoff)
                row.opened_by, row.opened_at = by, at
                try:
                    async with session.begin_nested():
                        session.add(row)
                except IntegrityError:  # the other side called at the same moment, or the number is taken
                    continue
                call = await self.find(id)
                await self._happened(session, "call_opened", call, by, at)
                return call, True
        raise ReferencesExhausted(f"{at:%Y-%m-%d}")

    async def find(self, call_id: str) -> Call:
        """Raises CallNotFound."""
        async with self._database.looking() as session:
            row = (await session.execute(select(*COLUMNS).where(CallRow.id == call_id))).one_or_none()
        if row is None:
            raise CallNotFound(call_id)
        return Call(*row)

    async def open_in(self, conversation_id: str, at: datetime) -> Call | None:
        """The conversation's call that has not ended. One that everybody left without a word ends here."""
        query = select(*COLUMNS).where(CallRow.conversation_id == conversation_id, IS_OPEN)
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        return None if await self.end_if_abandoned(row.id, at) else Call(*row)

    async def of_conversation(self, conversation_id: str) -> list[Call]:
        """All of a conversation, the oldest first."""
        return await self._listed(CallRow.conversation_id == conversation_id)

    async def opened(self) -> list[Call]:
        """All that have not ended, the oldest first."""
        return await self._listed(IS_OPEN)

    async def seats(self, call_id: str) -> list[Seat]:
        """Who is in the call and has not hung up, by when they came."""
        return await self._seats(CallSeatRow.call_id == call_id, CallSeatRow.left_at.is_(None))

    async def had_seat(self, call_id: str, seat: str) -> bool:
        """Whether somebody is or was in the call."""
        return bool(await self._seats(CallSeatRow.call_id == call_id, CallSeatRow.seat == seat))

    async def join(self, call_id: str, seat: str, title: str, peer: str | None, at: datetime) -> Seat:
        """Take a seat, or take it up again with the same `peer`; a new peer pushes another page out of the seat.

        Raises CallNotFound, CallEnded, CallFull.
        """
        async with self._changing() as session:
            call = await self._locked(session, call_id)
            theirs = {one.seat: one for one in await self.seats(call_id)}
            if seat not in theirs and len(theirs) >= MOST_SEATS:
                raise CallFull(call_id)
            known = theirs.get(seat)
            same = known is not None and known.peer == peer
            values: dict[str, Any] = {"peer": peer if same else str(ULID()), "title": title[:200], "connected": True}
            values |= {"seen_at": at, "left_at": None}
            if known is None or not same:
                values |= {"joined_at": at, "microphone": True, "camera": True, "sharing": False}
            await self._put_seat(session, call_id, seat, values)
            if call.answered_at is None and theirs.keys() - {seat}:
                await self._set(session, call_id, answered_at=at)
            if known is None:
                await self._happened(session, "call_joined", call, seat, at)
            (joined,) = await self._seats(CallSeatRow.call_id == call_id, CallSeatRow.seat == seat)
        return joined

    async def seen(self, call_id: str, seat: str, peer: str, at: datetime, **state: bool) -> bool:
        """That page was heard of, and how it is: `microphone`, `camera`, `sharing`. False: it has the seat no more."""
        theirs = (CallSeatRow.call_id == call_id, CallSeatRow.seat == seat, CallSeatRow.peer == peer)
        there = update(CallSeatRow).where(*theirs, CallSeatRow.left_at.is_(None))
        async with self._database.transaction() as session:
            done = await session.execute(there.values(seen_at=at, connected=True, **state))
            return bool(done.rowcount)  # type: ignore[attr-defined]

    async def dropped(self, call_id: str, seat: str, peer: str, at: datetime) -> None:
        """That page's connection broke off; it may come back."""
        theirs = (CallSeatRow.call_id == call_id, CallSeatRow.seat == seat, CallSeatRow.peer == peer)
        async with self._database.transaction() as session:
            await session.execute(update(CallSeatRow).where(*theirs).values(connected=False, seen_at=at))

    async def hang_up(self, call_id: str, seat: str, at: datetime) -> Call | None:
        """Leave. With one left, or without the resident who called or was called, the call ends: then it, else None.

        Of two who hang up at once one ends the call. Raises CallNotFound, NotInCall.
        """
        async with self._changing() as session:
            try:
                await self._locked(session, call_id)
            except CallEnded:
                return None
            left = await self.seats(call_id)
            if seat not in {one.seat for one in left}:
                raise NotInCall(seat)
            gone = update(CallSeatRow).where(CallSeatRow.call_id == call_id, CallSeatRow.seat == seat)
            await session.execute(gone.values(left_at=at, connected=False, sharing=False))
            if len(left) > 2 and seat != RESIDENT:
                return None
            return await self._end(session, call_id, seat, at)

    async def end(self, call_id: str, by: str, at: datetime) -> Call | None:
        """End the call for all; None: it has ended already. Raises CallNotFound."""
        async with self._changing() as session:
            try:
                await self._locked(session, call_id)
            except CallEnded:
                return None
            return await self._end(session, call_id, by, at)

    async def end_if_abandoned(self, call_id: str, at: datetime) -> Call | None:
        """End a call in which no page was heard of for `ABANDONED`: the call; None: it goes on, or is over."""
        async with self._database.looking() as session:
            seen = await session.scalar(
                select(func.max(CallSeatRow.seen_at)).where(
                    CallSeatRow.call_id == call_id, CallSeatRow.left_at.is_(None)
                )
            )
        call = await self.find(call_id)
        last = max(seen or call.opened_at, call.opened_at)
        if call.ended_at is not None or last > at - ABANDONED:
            return None
        return await self.end(call_id, "", at)

    async def ask_to_record(self, call_id: str, by: str, at: datetime) -> Call:
        """Ask the other side whether the call may be recorded; who has agreed is not asked again.

        Raises CallNotFound, CallEnded.
        """
        async with self._changing() as session:
            call = await self._locked(session, call_id)
            if call.recording in ("asked", "agreed"):
                return call
            answer = {"recording_answered_by": "", "recording_answered_at": None}
            return await self._set(session, call_id, recording="asked", recording_by=by, **answer)

    async def answer_recording(self, call_id: str, by: str, agreed: bool, at: datetime) -> Call:
        """The other side's answer, which may be taken back at any time. The resident's counts; without them, a clerk's.

        Raises CallNotFound, CallEnded, NotAsked.
        """
        async with self._changing() as session:
            call = await self._locked(session, call_id)
            seats = {one.seat for one in await self.seats(call_id)}
            may = by == RESIDENT or (RESIDENT not in seats and by != call.recording_by)
            if call.recording == "none" or not may or by not in seats:
                raise NotAsked(call_id)
            state: Consent = "agreed" if agreed else "refused"
            answer = {"recording_answered_by": by, "recording_answered_at": at}
            changed = await self._set(session, call_id, recording=state, **answer)
            await self._happened(session, "call_recording", changed, by, at, answer=state)
            return changed

    async def invite(
        self, call_id: str, by: int, at: datetime, *, office: str | None = None, staff: int | None = None
    ) -> Invitation:
        """Call an office, or one agent, into a call. Raises CallNotFound, CallEnded."""
        async with self._changing() as session:
            call = await self._locked(session, call_id)
            row = {"id": str(ULID()), "call_id": call_id, "office_code": office, "staff_id": staff}
            await session.execute(insert(CallInvitationRow).values(row | {"asked_by": by, "asked_at": at}))
            await self._happened(session, "call_invited", call, f"staff:{by}", at, office=office, invited=staff)
            (invitation,) = await self._invitations(CallInvitationRow.id == row["id"])
        return invitation

    async def ringing_for(self, staff_id: int, offices: Collection[str]) -> list[Invitation]:
        """What rings for an agent of these offices, the oldest first."""
        theirs = or_(CallInvitationRow.staff_id == staff_id, CallInvitationRow.office_code.in_(offices))
        return await self._invitations(theirs, IS_RINGING, IS_OPEN, CallInvitationRow.asked_by != staff_id)

    async def invitations(self, call_id: str) -> list[Invitation]:
        """All of a call, the oldest first."""
        return await self._invitations(CallInvitationRow.call_id == call_id)

    async def answer(self, invitation_id: str, staff_id: int, at: datetime) -> bool:
        """Answer an invitation as the first; False: another one did, or it rings no more."""
        answered = update(CallInvitationRow).where(CallInvitationRow.id == invitation_id, IS_RINGING)
        async with self._changing() as session:
            done = await session.execute(answered.values(answered_by=staff_id, answered_at=at))
            if not done.rowcount:  # type: ignore[attr-defined]
                return False
            (invitation,) = await self._invitations(CallInvitationRow.id == invitation_id)
            call = await self.find(invitation.call_id)
            await self._happened(session, "call_answered", call, f"staff:{staff_id}", at)
        return True

    async def decline(self, call_id: str, staff_id: int, at: datetime) -> None:
        """An agent who was called by name does not come; an office goes on ringing for the others."""
        theirs = (CallInvitationRow.call_id == call_id, CallInvitationRow.staff_id == staff_id, IS_RINGING)
        async with self._changing() as session:
            await session.execute(update(CallInvitationRow).where(*theirs).values(declined_at=at))
            call = await self.find(call_id)
            await self._happened(session, "call_declined", call, f"staff:{staff_id}", at)

    async def _end(self, session: AsyncSession, call_id: str, by: str, at: datetime) -> Call:
        call = await self._set(session, call_id, ended_at=at, ended_by=by)
        everybody = update(CallSeatRow).where(CallSeatRow.call_id == call_id, CallSeatRow.left_at.is_(None))
        await session.execute(everybody.values(left_at=at, connected=False, sharing=False))
        await self._happened(session, "call_ended", call, by, at, seconds=round(call.length.total_seconds()))
        return call

    async def _put_seat(self, session: AsyncSession, call_id: str, seat: str, values: dict[str, Any]) -> None:
        there = update(CallSeatRow).where(CallSeatRow.call_id == call_id, CallSeatRow.seat == seat)
        if (await session.execute(there.values(**values))).rowcount:  # type: ignore[attr-defined]
            return
        await session.execute(insert(CallSeatRow).values(call_id=call_id, seat=seat, **values))

    async def _set(self, session: AsyncSession, call_id: str, **values: Any) -> Call:
        changed = update(CallRow).where(CallRow.id == call_id).values(**values).returning(*COLUMNS)
        return Call(*(await session.execute(changed.execution_options(synchronize_session=False))).one())

    async def _locked(self, session: AsyncSession, call_id: str) -> Call:
        """The call, which nobody else changes until the commit. Raises CallNotFound, CallEnded."""
        row = (await session.execute(select(*COLUMNS).where(CallRow.id == call_id).with_for_update())).one_or_none()
        if row is None:
            raise CallNotFound(call_id)
        if row.ended_at is not None:
            raise CallEnded(call_id)
        return Call(*row)

    async def _happened(
        self, session: AsyncSession, what: str, call: Call, seat: str, at: datetime, **details: Any
    ) -> None:
        kind, _, staff = seat.partition(":")
        told = {"call": call.id, "number": call.number, "conversation": call.conversation_id, "by": kind, **details}
        await self._log.happened(session, what, at, call.handoff_id, int(staff) if staff else None, **told)

    @asynccontextmanager
    async def _changing(self) -> AsyncIterator[AsyncSession]:
        async with self._database.transaction() as session:
            yield session
            if self._on_change is not None:
                self._database.after_commit(self._on_change)

    async def _listed(self, *wanted: Any) -> list[Call]:
        query = select(*COLUMNS).where(*wanted).order_by(CallRow.opened_at, CallRow.id)
        async with self._database.looking() as session:
            return [Call(*row) for row in await session.execute(query)]

    async def _seats(self, *wanted: Any) -> list[Seat]:
        query = select(*SEAT_COLUMNS).where(*wanted).order_by(CallSeatRow.joined_at, CallSeatRow.peer)
        async with self._database.looking() as session:
            return [Seat(*row) for row in await session.execute(query)]

    async def _invitations(self, *wanted: Any) -> list[Invitation]:
        query = select(*INVITATION_COLUMNS).join(CallRow, CallRow.id == CallInvitationRow.call_id).where(*wanted)
        async with self._database.looking() as session:
            rows = await session.execute(query.order_by(CallInvitationRow.asked_at, CallInvitationRow.id))
            return [Invitation(*row) for row in rows]
