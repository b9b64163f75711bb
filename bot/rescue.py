"""A turn failed: a person is called for the resident, where one works now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.handoff_words import told
from connectors.message import Reply
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversation
from knowledge.wanting import Wanting

FAILED = "failed"
"""The reason of a hand-off that nobody asked for but a turn that failed."""


class Rescue:
    """Calls people."""

    def __init__(self, wanting: Wanting, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._wanting = wanting
        self._catalogue = catalogue
        self._clock = clock

    async def call(self, conversation: Conversation, region: str, said: str) -> tuple[Reply, ...]:
        """What the resident is told of it, in the running transaction; nothing, when nobody works now."""
        slots: dict[str, Any] = (conversation.tracker or {}).get("slots", {})
        code, region = slots.get("matter"), slots.get("region") or region
        found = await self._catalogue.matters([code], region) if code else []
        matter = found[0] if found else None
        packet = {
            "reason": FAILED,
            "wants": said,
            "region": region,
            "elder": conversation.elder,
            "matter": {"code": matter.code, "name": matter.name, "version": matter.version} if matter else None,
        }
        place = await self._wanting.ask(conversation.id, FAILED, packet, region, matter, self._clock())
        return (told("failed", position=str(place.position)),) if place else ()
