"""Hand-offs (转人工) in a database: asked for, offered, taken by exactly one, passed on, ended.

Each change is one transaction with its event; it finds the hand-off in the state that it must be in, or names why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.handoff import (
    ELSEWHERE,
    ENDED,
    OFFERED,
    TAKEN,
    CapacityReached,
    Handoff,
    HandoffEnded,
    HandoffNotFound,
    HandoffNotYours,
    HandoffTaken,
    NotAnAgent,
    NoteKind,
    Timers,
    Wants,
)
from knowledge.handoff_changes import IS_WAITING, NO_CHAT, NOBODY, refusal
from knowledge.handoff_elsewhere import HandoffsElsewhere
from knowledge.sealing import context
from knowledge.tables.conversation import ConversationRow
from knowledge.tables.handoff import HandoffRow

__all__ = [
    "CapacityReached",
    "Handoff",
    "HandoffEnded",
    "HandoffNotFound",
    "HandoffNotYours",
    "HandoffTaken",
    "Handoffs",
    "NotAnAgent",
    "Timers",
    "Wants",
]


class Handoffs(HandoffsElsewhere):
    """The hand-offs in a database. Inside a turn's transaction they are stored with the turn."""

    async def ask(
        self,
        conversation_id: str,
        reason: str,
        packet: Mapping[str, Any],
        wants: Wants,
        at: datetime,
        *,
        elsewhere: bool = False,
    ) -> Handoff:
        """Want a person. Whoever wants one already keeps their place; the packet is renewed.

        `elsewhere`: not of our desk, which only sees it.

        Raises DatabaseUnavailable.
        """
        async with self.changing() as session:
            if known := await self.open_in(conversation_id):
                return await self._renew(session, known, packet)
            row = self._row(conversation_id, reason, packet, wants, at)
            if elsewhere:
                row |= {"state": ELSEWHERE, "tier_due_at": None}
            try:
                async with session.begin_nested():
                    await session.execute(insert(HandoffRow).values(row))
            except IntegrityError:  # another process was asked the same at the same moment
                return await self.ask(conversation_id, reason, packet, wants, at, elsewhere=elsewhere)
            details = {"reason": reason, "tier": wants.tier, "office": wants.office, "matter": wants.matter}
            await self.log.happened(session, "entered", at, row["id"], None, **details)
            handed = ConversationRow.__table__.update().where(ConversationRow.id == conversation_id)  # type: ignore[attr-defined]
            await session.execute(handed.values(mode="waiting"))  # the turn that asks stores itself after this
            return await self.find(row["id"])

    async def take(self, handoff_id: str, staff_id: int, at: datetime) -> Handoff:
        """Take a chat; whoever has it already gets it again (two tabs).

        Raises HandoffNotFound, HandoffTaken, HandoffEnded, CapacityReached, NotAnAgent.
        """
        before = await self.find(handoff_id)  # without a lock: most who come too late need none
        if before.state == TAKEN and before.taken_by == staff_id:
            return before
        if not before.is_waiting:
            raise refusal(before, staff_id)
        try:
            async with self.changing() as session:
                await self._make_room(session, staff_id, offers_too=False)
                return await self._taken(session, before, staff_id, at, "taken", IS_WAITING)
        except (HandoffNotYours, CapacityReached):
            now = await self.find(handoff_id)
            if now.state == TAKEN and now.taken_by == staff_id:  # their other tab, at the same moment
                return now
            raise

    async def take_over(self, handoff_id: str, staff_id: int, at: datetime) -> Handoff:
        """A supervisor takes a chat, whoever of the desk has it.

        Raises HandoffNotFound, HandoffEnded, HandoffNotYours (people elsewhere answer it).
        """
        async with self.changing() as session:
            before = await self.find(handoff_id)
            ours = HandoffRow.state.not_in((ELSEWHERE, ENDED))
            return await self._taken(session, before, staff_id, at, "taken_over", ours)

    async def give_back(self, handoff_id: str, staff_id: int, at: datetime, note: str = "") -> None:
        """Put a chat back into the queue, at its place. Raises HandoffNotFound and what stands in `_mine`."""
        found = await self._mine(handoff_id, staff_id)
        async with self.changing() as session:
            if note:
                await self.log.write(session, "passed", note, at, handoff_id, staff_id)
            if not await self._requeue(found, "given_back", at):
                raise await self._refused(handoff_id, staff_id)

    async def pass_on(
        self,
        handoff_id: str,
        staff_id: int,
        at: datetime,
        *,
        tier: str,
        office: str | None,
        to: int | None = None,
        note: str = "",
    ) -> None:
        """Pass a chat on, up or down, to an office or there to one agent, with a note; its place stays.

        Raises HandoffNotFound, HandoffTaken, HandoffEnded, HandoffNotYours; CapacityReached, NotAnAgent (`to`).
        """
        found = await self._mine(handoff_id, staff_id)
        async with self.changing() as session:
            if to is not None:
                await self._make_room(session, to, offers_too=True)
            if note:
                await self.log.write(session, "passed", note, at, handoff_id, staff_id)
            there = {"tier": tier, "office_code": office, "declined": [staff_id]}
            if not await self._requeue(found, "passed", at, **there):
                raise await self._refused(handoff_id, staff_id)
            if to is not None:
                offer = {"offered_to": to, "offered_at": at, "offer_due_at": at + self.timers.offer}
                await self._set(session, handoff_id, state=OFFERED, **offer)
                await self.log.happened(session, "offered", at, handoff_id, to)

    async def end(self, handoff_id: str, staff_id: int, outcome: str, at: datetime, summary: str = "") -> Handoff:
        """An agent ends their chat; one that has ended stays as it is (both hung up at once).

        `summary`: what was done, for the bot and those who come after. Raises HandoffNotFound, HandoffTaken,
        HandoffNotYours.
        """
        found = await self.find(handoff_id)
        if found.state == ENDED:
            return found
        mine = HandoffRow.taken_by == staff_id
        async with self.changing() as session:
            ended = await self._ended(session, handoff_id, "agent", outcome, at, staff_id, mine)
            if ended is None:
                return await self._ended_meanwhile(handoff_id, staff_id)
            if summary:
                await self.log.write(session, "summary", summary, at, handoff_id, staff_id)
            await self._hand_conversation(session, ended.conversation_id, "bot")
        return ended

    async def leave(self, conversation_id: str, at: datetime, outcome: str = "left", by: str = "resident") -> bool:
        """The resident wants no person any more (or gets a call-back instead); False: none was wanted.

        Inside a turn the turn goes on: its own number is not counted up.
        """
        found = await self.open_in(conversation_id)
        if found is None:
            return False
        async with self.changing() as session:
            ended = await self._ended(session, found.id, by, outcome, at, None)
            if ended is not None:
                handed = ConversationRow.__table__.update().where(ConversationRow.id == conversation_id)  # type: ignore[attr-defined]
                await session.execute(handed.values(mode="bot"))
        return ended is not None

    async def spoke(self, handoff_id: str, staff_id: int, at: datetime) -> Handoff:
        """The agent says something: nobody is silent. Raises HandoffNotFound and what stands in `_mine`."""
        theirs = (HandoffRow.state == TAKEN, HandoffRow.taken_by == staff_id)
        async with self.changing(queue=False) as session:
            values = {"last_agent_at": at, "silence_due_at": None, "warned_at": None}
            changed = await self._set(session, handoff_id, *theirs, **values)
            if changed is None:
                raise await self._refused(handoff_id, staff_id)
        return changed

    async def heard(self, handoff: Handoff, at: datetime) -> bool:
        """The resident says something to the agent; False: nobody has the chat any more."""
        due = handoff.silence_due_at or at + self.timers.silence
        async with self.changing(queue=False) as session:
            as_read = HandoffRow.silence_due_at.is_not_distinct_from(handoff.silence_due_at)
            taken = HandoffRow.state == TAKEN
            changed = await self._set(session, handoff.id, taken, as_read, last_resident_at=at, silence_due_at=due)
            if changed is None:  # the agent spoke at the same moment: the time counts anew
                due = at + self.timers.silence
                changed = await self._set(session, handoff.id, taken, last_resident_at=at, silence_due_at=due)
        return changed is not None

    async def set_reason(self, conversation_id: str, reason: str, at: datetime) -> bool:
        """Note why a person is wanted; False: none is."""
        found = await self.open_in(conversation_id)
        if found is None:
            return False
        async with self.changing() as session:
            await self._set(session, found.id, reason=reason)
            await self.log.happened(session, "reason", at, found.id, None, reason=reason)
        return True

    async def note(self, handoff_id: str, staff_id: int, kind: NoteKind, words: str, at: datetime) -> str:
        """Keep what staff write for each other; the note's id. Raises HandoffNotFound."""
        await self.find(handoff_id)
        async with self.changing(queue=False) as session:
            id = await self.log.write(session, kind, words, at, handoff_id, staff_id)
            await self.log.happened(session, kind, at, handoff_id, staff_id, note=id)
        return id

    async def _mine(self, handoff_id: str, staff_id: int) -> Handoff:
        """Raises HandoffNotFound, HandoffTaken (another has it), HandoffEnded, HandoffNotYours (nobody has it)."""
        found = await self.find(handoff_id)
        if found.state != TAKEN or found.taken_by != staff_id:
            raise refusal(found, staff_id)
        return found

    async def _taken(
        self, session: AsyncSession, before: Handoff, staff_id: int, at: datetime, what: str, condition: Any
    ) -> Handoff:
        values = NOBODY | NO_CHAT | {"taken_by": staff_id, "taken_at": at, "silence_due_at": at + self.timers.silence}
        changed = await self._set(session, before.id, condition, state=TAKEN, tier_due_at=None, **values)
        if changed is None:
            raise await self._refused(before.id, staff_id)
        waited = (at - before.entered_at).total_seconds()
        details = {"waited": round(waited, 1), "tier": changed.tier, "office": changed.office_code}
        await self._hand_conversation(session, before.conversation_id, "human")
        await self.log.happened(session, what, at, before.id, staff_id, **details)
        return changed

    async def _ended_meanwhile(self, handoff_id: str, staff_id: int) -> Handoff:
        """The hand-off that the other side ended at the same moment. Raises what stands in `_refused`."""
        found = await self.find(handoff_id)
        if found.state != ENDED:
            raise await self._refused(handoff_id, staff_id)
        return found

    async def _renew(self, session: AsyncSession, known: Handoff, packet: Mapping[str, Any]) -> Handoff:
        renewed = await self._set(session, known.id, packet=self._sealed(known.id, packet))
        return renewed or known

    def _row(
        self, conversation_id: str, reason: str, packet: Mapping[str, Any], wants: Wants, at: datetime
    ) -> dict[str, Any]:
        id = str(ULID())
        return {
            "id": id,
            "conversation_id": conversation_id,
            "reason": reason,
            "region_code": wants.region,
            "matter_code": wants.matter,
            "skills": list(wants.skills),
            "language": wants.language,
            "tier": wants.tier,
            "office_code": wants.office,
            "packet": self._sealed(id, packet),
            "entered_at": at,
            "tier_due_at": at + self.timers.tier,
        }

    def _sealed(self, id: str, packet: Mapping[str, Any]) -> bytes:
        return self._keyring.seal(orjson.dumps(packet), context(HandoffRow.packet, id))
