"""Hand-offs that people outside our desk answer (in WeCom): the desk sees them, and offers them to nobody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from knowledge.handoff import ELSEWHERE, Handoff
from knowledge.handoff_offers import HandoffOffers
from knowledge.handoff_queue import COLUMNS
from knowledge.tables.handoff import HandoffRow

IS_ELSEWHERE = HandoffRow.state == ELSEWHERE


class HandoffsElsewhere(HandoffOffers):
    """What becomes of them, as it is told from there. What is told twice happens once."""

    async def elsewhere(self) -> list[Handoff]:
        """Those that have not ended, the oldest first."""
        query = select(*COLUMNS).where(IS_ELSEWHERE)
        return await self._listed(query.order_by(HandoffRow.entered_at, HandoffRow.id))

    async def passed_elsewhere(self, handoff: Handoff, at: datetime) -> None:
        """It stands in their queue now."""
        async with self.changing(queue=False) as session:
            await self.log.happened(session, "passed_elsewhere", at, handoff.id, None)

    async def taken_elsewhere(self, handoff: Handoff, at: datetime) -> bool:
        """Somebody there has taken it; False: that was known, or it has ended."""
        async with self.changing(queue=False) as session:
            new = HandoffRow.taken_at.is_(None)
            changed = await self._set(session, handoff.id, IS_ELSEWHERE, new, taken_at=at)
            if changed is not None:
                await self.log.happened(session, "taken_elsewhere", at, handoff.id, None)
        return changed is not None

    async def end_elsewhere(self, handoff: Handoff, by: str, outcome: str, at: datetime) -> bool:
        """It has ended there, or was not to be had; the bot takes over again. False: it is not elsewhere any more."""
        async with self.changing() as session:
            ended = await self._ended(session, handoff.id, by, outcome, at, None, IS_ELSEWHERE)
            if ended is not None:
                await self._hand_conversation(session, ended.conversation_id, "bot")
        return ended is not None
