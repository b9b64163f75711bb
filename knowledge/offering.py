"""Choices of what is said outside a turn (a pushed question), so that 第二个 and 2 mean them in the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from knowledge.database import Database
from knowledge.tables.conversation import ConversationRow


async def offer(database: Database, conversation_id: str, choices: Sequence[dict[str, Any]], awaited: str) -> bool:
    """Remember the choices ({id, label}) in the engine's state, unless a question of a form or a situation is open.

    A turn that runs at the same moment is taken again. Raises DatabaseUnavailable.
    """
    found = select(ConversationRow.tracker).where(ConversationRow.id == conversation_id).with_for_update()
    async with database.transaction() as session:
        state = await session.scalar(found) or {"slots": {}, "loop": None, "events": []}
        slots = state["slots"]
        if state["loop"] or (slots.get("situation") and slots.get("awaited")):
            return False
        told = {**state, "slots": {**slots, "offered": list(choices), "awaited": awaited}}
        changed = update(ConversationRow).where(ConversationRow.id == conversation_id)
        await session.execute(changed.values(tracker=told, turn=ConversationRow.turn + 1))
    return True
