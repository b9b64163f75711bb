"""Chats that people in WeCom answer, as our hand-offs: the desk sees them, and the bot takes over when they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.handoff_words import told
from bot.promising import Promising
from bot.relay import Relay
from connectors.wecom.channel import NAME
from connectors.wecom.people import Waits
from knowledge.channel_users import Address, ChannelUsers
from knowledge.database import Database
from knowledge.handoff import ELSEWHERE, Handoff, HandoffNotFound
from knowledge.handoffs import Handoffs

THERE = "people"
"""Who ended it: people elsewhere."""


class Elsewhere:
    """What the channel tells of them (`connectors.wecom.people.HandOffs`). Everything raises DatabaseUnavailable."""

    def __init__(
        self,
        database: Database,
        users: ChannelUsers,
        handoffs: Handoffs,
        relay: Relay,
        promising: Promising,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._users = users
        self._handoffs = handoffs
        self._relay = relay
        self._promising = promising
        self._clock = clock

    async def open(self) -> list[Waits]:
        """Those that have not ended, by who talks there."""
        found = []
        for each in await self._handoffs.elsewhere():
            users = await self._users.of_conversation(each.conversation_id)
            found += [Waits(user.address, each.entered_at) for user in users if user.address.channel == NAME]
        return found

    async def wanted_since(self, handoff: str) -> datetime | None:
        """When it was asked for; None: it is not wanted any more."""
        found = await self._find(handoff)
        return found.entered_at if found else None

    async def passed(self, handoff: str) -> None:
        """They have it in their queue."""
        if found := await self._find(handoff):
            await self._handoffs.passed_elsewhere(found, self._clock())

    async def nobody(self, handoff: str) -> None:
        """They can't have it: the resident is promised a call-back, once."""
        found, now = await self._find(handoff), self._clock()
        if found is None:
            return
        async with self._database.transaction():
            if await self._handoffs.end_elsewhere(found, "system", "callback", now):
                await self._relay.tell(found.conversation_id, await self._promising.promise(found, now))

    async def taken(self, address: Address) -> None:
        """Somebody there answers now."""
        if found := await self._of(address):
            await self._handoffs.taken_elsewhere(found, self._clock())

    async def ended(self, address: Address) -> str:
        """It has ended there, also one that they took by themselves: the bot goes on."""
        if found := await self._of(address):
            await self._handoffs.end_elsewhere(found, THERE, "", self._clock())
        return told("ended", summary="").text

    async def _find(self, id: str) -> Handoff | None:
        try:
            found = await self._handoffs.find(id)
        except HandoffNotFound:
            return None
        return found if found.state == ELSEWHERE else None

    async def _of(self, address: Address) -> Handoff | None:
        user = await self._users.find(address)
        found = await self._handoffs.open_in(user.conversation) if user else None
        return found if found and found.state == ELSEWHERE else None
