"""Looking for words in the transcripts of chats that somebody may see."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from knowledge.conversations import Line
from knowledge.database import Database
from knowledge.division import LEVELS, level_of
from knowledge.handoff_log import TOOK
from knowledge.tables.conversation import MessageRow
from knowledge.tables.handoff import HandoffEventRow, HandoffRow

FOUND = 50


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line with the words, and the last chat of its conversation that one may see."""

    handoff_id: str
    matter_code: str | None
    line: Line


class Transcripts:
    """The transcripts in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, words: str, staff_id: int, area: str | None, before: int | None, limit: int = FOUND
    ) -> list[FoundLine]:
        """Lines with all of the words, newest first, of chats that this agent has or had, and of an area.

        `area`: a division code, `""` everywhere; None: only their own. `before`: lines before that number.
        """
        chats = select(HandoffRow.conversation_id).where(_theirs(staff_id, area))
        columns = (MessageRow.number, MessageRow.sender, MessageRow.text, MessageRow.reply, MessageRow.sent_at)
        query = select(*columns, MessageRow.delivery, MessageRow.conversation_id)
        query = query.where(MessageRow.conversation_id.in_(chats), *map(_says, words.split()[:5]))
        if before is not None:
            query = query.where(MessageRow.number < before)
        async with self._database.reading() as session:
            rows = (await session.execute(query.order_by(MessageRow.number.desc()).limit(limit))).all()
            talks = {row.conversation_id for row in rows}
            ids = select(HandoffRow.conversation_id, HandoffRow.id, HandoffRow.matter_code)
            chosen = ids.where(HandoffRow.conversation_id.in_(talks), _theirs(staff_id, area)).order_by(HandoffRow.id)
            last = {talk: (id, matter) for talk, id, matter in await session.execute(chosen)}
        return [FoundLine(*last[talk], Line(*line)) for *line, talk in rows]


def _says(word: str) -> ColumnElement[bool]:
    return MessageRow.text.icontains(word, autoescape=True)


def _theirs(staff_id: int, area: str | None) -> ColumnElement[bool]:
    took = HandoffEventRow.staff_id == staff_id, HandoffEventRow.what.in_(TOOK)
    own = HandoffRow.id.in_(select(HandoffEventRow.handoff_id).where(*took))
    if area is None:
        return own
    code = area.ljust(12, "0")
    within = HandoffRow.region_code.startswith(code[: LEVELS[level_of(code)]], autoescape=True)
    return or_(own, within)
