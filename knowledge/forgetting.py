"""A resident wants to be forgotten (删掉我的资料, 个人信息保护法 第四十七条): what goes, and what stays.

Of every table that says `forget` in its info, the rows of the resident or of their conversations go (`delete`), or lose
their sealed and personal columns and their links to the resident and the conversation (`empty`). Of a case its number,
matter and states stay. The transcript's words and the engine's state go too; that a message was answered stays, so that
a message which is delivered again does nothing. The conversation itself stays open to whoever holds its token.
The record of a conversation keeps its hashes and loses what tells them apart (knowledge/chain.py), with an entry that
says so. Of the outbox goes what was put with the resident or the conversation; what must still reach the platform (a
withdrawal, the end of an authorisation) is put without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, FromClause, Table, delete, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.holds import Holds, UnderHold
from knowledge.records import note_forgotten, stop_recording
from knowledge.tables import all_tables
from knowledge.tables.case import CaseRow
from knowledge.tables.conversation import ConversationRow, MessageRow
from knowledge.tables.resident import ConversationResidentRow, ResidentRow

GONE = "（已按您的要求删除）"
LINKS = ("resident_id", "conversation_id", "application_id")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went: a table's name → its rows that were deleted or emptied, `lines` of the transcript. `cases` stay."""

    rows: dict[str, int]
    lines: int
    cases: tuple[str, ...]


async def forget(database: Database, conversations: Sequence[str], resident_id: str | None = None) -> Forgotten:
    """Forget a resident and what is theirs in those conversations; or, without a resident, what these hold.

    What the running turn stores at its end comes after this: it must say nothing personal and keep no state.
    Raises UnderHold: evidence of a case that is being looked into stays until the hold is released (PIPL 47, last
    paragraph).
    """
    rows = {}
    async with database.transaction() as session:
        whose = _theirs(CaseRow.__table__, conversations, resident_id)
        if held := await Holds(database).conversations(conversations):
            raise UnderHold(sorted(held))
        await stop_recording(database, session)
        cases = (await session.scalars(select(CaseRow.reference).where(whose))).all()
        for table in _forgetting():
            rows[table.name] = await _clear(session, table, _theirs(table, conversations, resident_id))
        lines = await _silence(session, conversations)
        await note_forgotten(session, conversations)
        bound = ConversationResidentRow.conversation_id.in_(conversations)
        await session.execute(delete(ConversationResidentRow).where(bound))
        await session.execute(delete(ResidentRow).where(ResidentRow.id == resident_id))
    return Forgotten({name: count for name, count in rows.items() if count}, lines, tuple(cases))


def _forgetting() -> list[Table]:
    """The tables that hold something of residents, those that point to others first."""
    return [table for table in reversed(all_tables()) if "forget" in table.info]


def _theirs(table: FromClause, conversations: Sequence[str], resident_id: str | None) -> ColumnElement[bool]:
    """Rows in these conversations, but not those of another resident (the clerk's window); and the resident's own."""
    said = table.c.conversation_id.in_(conversations) if "conversation_id" in table.c else false()
    if resident_id is None or "resident_id" not in table.c:
        return said
    return or_(said & table.c.resident_id.is_(None), table.c.resident_id == resident_id)


async def _clear(session: AsyncSession, table: Table, theirs: ColumnElement[bool]) -> int:
    if table.info["forget"] == "delete":
        return _count(await session.execute(delete(table).where(theirs)))
    emptied = {column.name: None for column in table.c if column.nullable and _tells_who(column)}
    return _count(await session.execute(update(table).where(theirs).values(emptied)))


def _tells_who(column: Any) -> bool:
    return column.name in LINKS or bool(column.info.get("sealed") or column.info.get("personal"))


async def _silence(session: AsyncSession, conversations: Sequence[str]) -> int:
    """The transcript without its words, the conversations without their state."""
    spoken = MessageRow.conversation_id.in_(conversations)
    reply = {"kind": "notice", "text": GONE, "choices": [], "data": {}}
    heard = update(MessageRow).where(spoken).values(text=GONE)
    count = _count(await session.execute(heard))
    await session.execute(update(MessageRow).where(spoken, MessageRow.reply.is_not(None)).values(reply=reply))
    state = update(ConversationRow).where(ConversationRow.id.in_(conversations)).values(tracker=None)
    await session.execute(state)
    return count


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
