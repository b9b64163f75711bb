"""Anchors of the records: where all of them stood at a moment, chained, so that no end can be cut off unnoticed.

`bangban record anchor` makes one and prints its hash. Whoever keeps the printed line elsewhere can prove later that
nothing before it was changed, even by somebody who may write the whole database.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.chain import NOTHING_BEFORE, Broken, canonical
from knowledge.database import Database
from knowledge.records import heads_of
from knowledge.tables.after import AnchorRow, DeletionRow, RecordRow

OVERLAP = timedelta(minutes=10)
"""Entries are made by several processes: what was committed after the last anchor may have been made before it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An anchor as stored. `heads`: conversation → place and hash (hex) of its last entry."""

    number: int
    at: datetime
    heads: dict[str, Any]
    hash: bytes


COLUMNS = [getattr(AnchorRow, name) for name in Anchor.__dataclass_fields__]


class Anchors:
    """The anchors in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, at: datetime) -> Anchor:
        """Anchor the records that have grown since the last time."""
        async with self._database.transaction() as session:
            last = (await session.execute(_newest())).one_or_none()
            number, before, through = (last.number + 1, last.hash, last.through) if last else (1, NOTHING_BEFORE, "")
            grown = select(RecordRow.conversation_id).where(RecordRow.id > _overlapping(through))
            heads = await heads_of(session, RecordRow.conversation_id.in_(grown))
            told = {conversation: [head.place, head.hash.hex()] for conversation, head in heads.items()}
            newest = await session.scalar(select(func.max(RecordRow.id))) or through
            anchor = Anchor(number, at, told, _hash(before, number, at, told))
            await session.execute(insert(AnchorRow).values(**asdict(anchor), through=newest))
        return anchor

    async def listed(self) -> AsyncIterator[Anchor]:
        """All anchors, the oldest first."""
        number = 0
        while True:
            query = select(*COLUMNS).where(AnchorRow.number > number).order_by(AnchorRow.number).limit(10)
            async with self._database.reading() as session:
                found = [Anchor(*row) for row in await session.execute(query)]
            for anchor in found:
                yield anchor
            if not found:
                return
            number = found[-1].number

    async def verify(self) -> tuple[int, list[Broken]]:
        """How many anchors there are, and which records are not what they were; `anchor N` for one itself."""
        before, expected, broken = NOTHING_BEFORE, 1, list[Broken]()
        async for anchor in self.listed():
            if (anchor.number, anchor.hash) != (expected, _hash(before, anchor.number, anchor.at, anchor.heads)):
                broken.append(Broken(f"anchor {anchor.number}", 0, "chain", "anchor", str(anchor.number)))
            async with self._database.reading() as session:
                broken += [each async for each in _differing(session, anchor)]
            before, expected = anchor.hash, anchor.number + 1
        return expected - 1, broken


async def _differing(session: AsyncSession, anchor: Anchor) -> AsyncIterator[Broken]:
    """The records that are no longer as they were, but for conversations that `retention run` deleted."""
    wanted = list(anchor.heads)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        rows = await session.execute(
            select(RecordRow.conversation_id, RecordRow.place, RecordRow.hash).where(
                RecordRow.conversation_id.in_(some)
            )
        )
        known = {(conversation, place): hash.hex() for conversation, place, hash in rows}
        gone = select(DeletionRow.key).where(DeletionRow.table == "conversation", DeletionRow.key.in_(some))
        deleted = set(await session.scalars(gone))
        for conversation in some:
            place, hash = anchor.heads[conversation]
            if known.get((conversation, place)) != hash and conversation not in deleted:
                yield Broken(conversation, place, "anchor", "anchor", str(anchor.number))


def _newest() -> Any:
    return select(AnchorRow.number, AnchorRow.hash, AnchorRow.through).order_by(AnchorRow.number.desc()).limit(1)


def _overlapping(through: str) -> str:
    """An id that is a little older than this one."""
    return str(ULID.from_datetime(ULID.from_str(through).datetime - OVERLAP))[:10] if through else ""


def _hash(before: bytes, number: int, at: datetime, heads: dict[str, Any]) -> bytes:
    return hashlib.sha256(before + canonical({"number": number, "at": at, "heads": heads})).digest()
