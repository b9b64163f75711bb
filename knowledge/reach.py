"""Which conversations belong to a case: its own, the one it was filled in, and all of its resident's."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from knowledge.database import Database
from knowledge.tables.case import CaseRow
from knowledge.tables.resident import ApplicationRow, ConversationResidentRow


async def conversations_of(database: Database, cases: Collection[str], *, residents: bool) -> set[str]:
    """By the references of the cases; with `residents` all conversations of theirs, too."""
    theirs = CaseRow.reference.in_(cases)
    own = select(CaseRow.conversation_id).where(theirs)
    applied = select(ApplicationRow.conversation_id).join(CaseRow, CaseRow.application_id == ApplicationRow.id)
    whose = select(CaseRow.resident_id).where(theirs)
    said = select(ConversationResidentRow.conversation_id).where(ConversationResidentRow.resident_id.in_(whose))
    queries = [own, applied.where(theirs), *([said] if residents else [])]
    async with database.looking() as session:
        found = [(await session.scalars(query)).all() for query in queries]
    return {conversation for some in found for conversation in some if conversation}
