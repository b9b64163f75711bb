"""What becomes of a hand-off by itself: offered, let pass, a tier up, warned for, returned, given up.

The worker (bot/routing.py) and routing (knowledge/routing.py) decide it from a hand-off as they read it; each change
happens only if it is still so, and so once, however many processes decide the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from knowledge.handoff import OFFERED, TAKEN, WAITING, Handoff
from knowledge.handoff_changes import IS_WAITING, NOBODY, HandoffChanges
from knowledge.tables.handoff import HandoffRow


class HandoffOffers(HandoffChanges):
    """The changes that nobody asks for but time."""

    async def offer(self, handoff_id: str, staff_id: int, at: datetime) -> Handoff | None:
        """Offer a waiting chat to one agent for a time; None: it no longer waits.

        Raises CapacityReached, NotAnAgent.
        """
        offered = {"offered_to": staff_id, "offered_at": at, "offer_due_at": at + self.timers.offer}
        async with self.changing() as session:
            await self._make_room(session, staff_id, offers_too=True)
            waits = HandoffRow.state == WAITING
            changed = await self._set(session, handoff_id, waits, state=OFFERED, **offered)
            if changed is not None:
                await self.log.happened(session, "offered", at, handoff_id, staff_id)
        return changed

    async def decline(self, handoff_id: str, staff_id: int, at: datetime) -> bool:
        """An agent lets an offer pass; False: it was not offered to them (any more). Raises HandoffNotFound."""
        found = await self.find(handoff_id)
        return found.offered_to == staff_id and await self.let_pass(found, at, "declined")

    async def let_pass(self, handoff: Handoff, at: datetime, what: str = "missed") -> bool:
        """End an offer as it was read, unless it was taken meanwhile; the next offer goes to others."""
        as_read = (HandoffRow.state == OFFERED, HandoffRow.offered_at == handoff.offered_at)
        to = handoff.offered_to
        declined = [*handoff.declined, to] if to is not None and to not in handoff.declined else handoff.declined
        async with self.changing() as session:
            changed = await self._set(session, handoff.id, *as_read, state=WAITING, **NOBODY, declined=declined)
            if changed is not None:
                await self.log.happened(session, what, at, handoff.id, to)
        return changed is not None

    async def move(self, handoff: Handoff, tier: str, office: str | None, at: datetime, last: bool = False) -> bool:
        """Let a waiting chat go a tier up, as it was read; its offer ends. `last`: there is no tier above."""
        as_read = (IS_WAITING, HandoffRow.tier == handoff.tier)
        to = {"tier": tier, "office_code": office, "tier_due_at": None if last else at + self.timers.tier}
        async with self.changing() as session:
            moved = {**NOBODY, **to, "state": WAITING, "declined": []}
            changed = await self._set(session, handoff.id, *as_read, **moved)
            if changed is not None:
                details = {"from": handoff.tier, "tier": tier, "office": office}
                await self.log.happened(session, "tier_up", at, handoff.id, None, **details)
        return changed is not None

    async def stay(self, handoff: Handoff) -> None:
        """There is no tier above: the timer of this one ends."""
        async with self.changing() as session:
            await self._set(session, handoff.id, HandoffRow.tier == handoff.tier, tier_due_at=None)

    async def return_silent(self, handoff: Handoff, at: datetime, what: str = "returned") -> bool:
        """Put a chat back whose agent is silent or gone, unless they spoke since it was read."""
        unanswered = HandoffRow.silence_due_at.is_not_distinct_from(handoff.silence_due_at)
        return await self._requeue(handoff, what, at, unanswered)

    async def warn(self, handoff: Handoff, at: datetime) -> bool:
        """Tell a silent agent that the chat goes back soon, unless they spoke since it was read."""
        as_read = (HandoffRow.state == TAKEN, HandoffRow.silence_due_at == handoff.silence_due_at)
        warned = {"warned_at": at, "silence_due_at": at + self.timers.grace}
        async with self.changing() as session:
            changed = await self._set(session, handoff.id, *as_read, HandoffRow.warned_at.is_(None), **warned)
            if changed is not None:
                await self.log.happened(session, "warned", at, handoff.id, handoff.taken_by)
        return changed is not None

    async def expire(self, handoff: Handoff, outcome: str, at: datetime) -> bool:
        """End one that waits, as nobody is on duty (any more); False: somebody took it meanwhile."""
        async with self.changing() as session:
            ended = await self._ended(session, handoff.id, "system", outcome, at, None, IS_WAITING)
            if ended is not None:
                await self._hand_conversation(session, ended.conversation_id, "bot")
        return ended is not None

    async def announce(self, what: str, at: datetime, **details: Any) -> None:
        """Tell the desks what concerns no chat (a call-back that is due)."""
        async with self.changing() as session:
            await self.log.happened(session, what, at, None, None, **details)
