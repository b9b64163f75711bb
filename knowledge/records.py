"""The record of conversations in a database: what was said and done, chained so that no change goes unnoticed.

What is said and done is stored by whoever does it; it is recorded within seconds of its commit (bot/after.py), by one
process at a time, and once, whoever does it. `note` records at once what stands nowhere else (who saw an ID number).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.chain import FORGOTTEN, NOTHING_BEFORE, Broken, Entry, check, digest_of, hash_of, new_salt
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.record_sources import BY_NAME, SOURCES, Content, Source, where_keys
from knowledge.sealing import context
from knowledge.tables.after import RecordRow
from knowledge.tables.conversation import ConversationRow

ONE_RECORDER = 5_201_002
"""The advisory lock of PostgreSQL that one recording process holds."""

BATCH = 500
ATTEMPTS = 20
RECENT = timedelta(hours=1)
SETTLED = timedelta(minutes=1)
"""After which something that stands in a conversation must be recorded."""

DONE = "done"
"""The source of entries that carry their own content."""


class RecordBusy(Exception):
    """Others went on adding to that conversation's record; nothing was stored, the same may be done again."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a conversation's record; `place` 0: there is none yet."""

    place: int = 0
    hash: bytes = NOTHING_BEFORE


@dataclass(frozen=True, slots=True)
class _New:
    conversation: str
    source: str
    key: str
    at: datetime
    content: Content
    keeps: bool = False


COLUMNS = [
    getattr(RecordRow, name) for name in ("conversation_id", *Entry.__dataclass_fields__) if name != "conversation"
]


class Records:
    """The records in a database. Reading contents raises, besides what is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def round(self, at: datetime) -> int:
        """Record what was said and done lately; how many entries. Raises DatabaseUnavailable."""
        return sum([await self._record(source, source.recent and source.recent(at - RECENT)) for source in SOURCES])

    async def sweep(self) -> int:
        """Record all that is not recorded yet, however old; how many entries. Raises DatabaseUnavailable."""
        return sum([await self._record(source, None) for source in SOURCES])

    async def note(
        self, conversation: str, what: str, at: datetime, staff: int | None = None, /, **details: Any
    ) -> None:
        """Record an action that stands nowhere else, in the running transaction: `what` and plain details."""
        content = {"what": what, "staff_id": staff, "details": details}
        new = _New(conversation, DONE, str(ULID()), at, content, keeps=True)
        async with self._database.transaction() as session:
            for _ in range(ATTEMPTS):
                try:
                    async with session.begin_nested():
                        return await self._append(session, [new])
                except IntegrityError:  # somebody else took the place at the same moment
                    continue
        raise RecordBusy(conversation)

    async def entries(self, conversation: str) -> list[Entry]:
        """A conversation's entries in their order."""
        query = select(*COLUMNS).where(RecordRow.conversation_id == conversation).order_by(RecordRow.place)
        async with self._database.looking() as session:
            return [Entry(*row) for row in await session.execute(query)]

    async def contents(self, conversation: str) -> dict[tuple[str, str], Content]:
        """What a conversation's entries are about, as it stands now; what is gone is left out."""
        found: dict[tuple[str, str], Content] = await self._noted(conversation)
        keys: defaultdict[str, list[str]] = defaultdict(list)
        for entry in await self.entries(conversation):
            if entry.salt is not None and entry.source in BY_NAME:
                keys[entry.source].append(entry.key)
        async with self._database.looking() as session:
            for name, wanted in keys.items():
                found |= await self._of(session, BY_NAME[name], wanted)
        return found

    async def verify(self, conversation: str, at: datetime) -> list[Broken]:
        """What is wrong with one conversation's record; nothing, if all is as it was."""
        entries, contents = await self.entries(conversation), await self.contents(conversation)
        known = {(entry.source, entry.key) for entry in entries}
        broken = list(check(entries, contents))
        for source in SOURCES:
            for key in await self._settled(source, conversation, at - SETTLED):
                if (source.name, key) not in known:
                    broken.append(Broken(conversation, 0, "unrecorded", source.name, key))
        return broken

    async def conversations(self) -> AsyncIterator[str]:
        """All conversations, a thousand at a time."""
        last = ""
        while True:
            query = select(ConversationRow.id).where(ConversationRow.id > last).order_by(ConversationRow.id).limit(1000)
            async with self._database.reading() as session:
                found = (await session.scalars(query)).all()
            for last in found:
                yield last
            if not found:
                return

    async def _record(self, source: Source, recent: ColumnElement[bool] | None) -> int:
        count = 0
        while rows := await self._unrecorded(source, recent):
            stored = await self._store(source, recent)
            count += stored
            if not stored or len(rows) < BATCH:
                break
        return count

    async def _store(self, source: Source, recent: ColumnElement[bool] | None) -> int:
        """Append a batch; 0: another process is at it."""
        try:
            async with self._database.transaction() as session:
                if not await self._alone(session):
                    return 0
                rows = await self._unrecorded(source, recent)
                new = [
                    _New(row["conversation"], source.name, row["key"], row["at"], source.content(self._keyring, row))
                    for row in rows
                ]
                await self._append(session, new)
                return len(new)
        except IntegrityError:  # `note` took the same place; the next round goes on
            return 0

    async def _unrecorded(self, source: Source, recent: ColumnElement[bool] | None) -> Sequence[Mapping[Any, Any]]:
        recorded = select(RecordRow.id).where(RecordRow.source == source.name, RecordRow.key == source.key)
        query = source.query().where(
            source.conversation.is_not(None), *source.is_there, *source.is_due, ~recorded.exists()
        )
        if recent is not None:
            query = query.where(recent)
        async with self._database.looking() as session:
            found = await session.execute(query.order_by(source.at, source.key).limit(BATCH))
            rows: Sequence[Any] = found.mappings().all()
        return rows

    async def _alone(self, session: AsyncSession) -> bool:
        """Whether nobody else records now, or forgets; on SQLite there is one writer anyway."""
        if self._database.is_sqlite:
            return True
        lock = text("SELECT pg_try_advisory_xact_lock(:number)")
        return bool(await session.scalar(lock, {"number": ONE_RECORDER}))

    async def _append(self, session: AsyncSession, new: Iterable[_New]) -> None:
        new = list(new)
        heads = await self._heads(session, {each.conversation for each in new})
        rows = []
        for each in new:
            row, heads[each.conversation] = self._row(each, heads.get(each.conversation, Head()))
            rows.append(row)
        if rows:
            await session.execute(insert(RecordRow), rows)

    def _row(self, new: _New, head: Head) -> tuple[dict[str, Any], Head]:
        id, salt, place = str(ULID()), new_salt(), head.place + 1
        digest = digest_of(salt, new.content)
        hash = hash_of(head.hash, new.conversation, place, new.source, new.key, new.at, digest)
        kept = self._keyring.seal(orjson.dumps(new.content), context(RecordRow.content, id)) if new.keeps else None
        about = {"conversation_id": new.conversation, "source": new.source, "key": new.key, "at": new.at}
        row = {**about, "id": id, "place": place, "salt": salt, "content": kept, "digest": digest, "hash": hash}
        return row, Head(place, hash)

    @staticmethod
    async def _heads(session: AsyncSession, conversations: Iterable[str]) -> dict[str, Head]:
        return await heads_of(session, RecordRow.conversation_id.in_(list(conversations)))

    async def _of(self, session: AsyncSession, source: Source, keys: Sequence[str]) -> dict[tuple[str, str], Content]:
        found: dict[tuple[str, str], Content] = {}
        for start in range(0, len(keys), BATCH):
            query = where_keys(source, keys[start : start + BATCH]).where(*source.is_there)
            for row in (await session.execute(query)).mappings():
                found[source.name, row["key"]] = source.content(self._keyring, row)
        return found

    async def _noted(self, conversation: str) -> dict[tuple[str, str], Content]:
        own = (RecordRow.conversation_id == conversation, RecordRow.content.is_not(None))
        async with self._database.looking() as session:
            rows = (await session.execute(select(RecordRow.id, RecordRow.key, RecordRow.content).where(*own))).all()
        unseal = self._keyring.unseal
        opened = {key: unseal(sealed, context(RecordRow.content, id)) for id, key, sealed in rows if sealed}
        return {(DONE, key): orjson.loads(plain) for key, plain in opened.items()}

    async def _settled(self, source: Source, conversation: str, before: datetime) -> list[str]:
        query = source.query().where(
            source.conversation == conversation, source.at < before, *source.is_there, *source.is_due
        )
        async with self._database.looking() as session:
            return [row["key"] for row in (await session.execute(query)).mappings()]


async def heads_of(session: AsyncSession, *wanted: ColumnElement[bool]) -> dict[str, Head]:
    """The last entries of these conversations' records."""
    last = (
        select(RecordRow.conversation_id, func.max(RecordRow.place).label("place"))
        .where(*wanted)
        .group_by(RecordRow.conversation_id)
        .subquery()
    )
    same = and_(RecordRow.conversation_id == last.c.conversation_id, RecordRow.place == last.c.place)
    query = select(RecordRow.conversation_id, RecordRow.place, RecordRow.hash).join(last, same)
    return {conversation: Head(place, hash) for conversation, place, hash in await session.execute(query)}


async def stop_recording(database: Database, session: AsyncSession) -> None:
    """Let nobody record until the end of the transaction: what is being deleted must not be recorded meanwhile."""
    if not database.is_sqlite:
        await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ONE_RECORDER})


async def note_forgotten(session: AsyncSession, conversations: Sequence[str]) -> None:
    """Say in the records of these conversations that their contents were deleted just now, and lawfully.

    At the machine's own time: to be forgotten has none, and the entry only has to stand after the others.
    """
    at = datetime.now(UTC)
    heads = await heads_of(session, RecordRow.conversation_id.in_(list(conversations)))
    for conversation, head in heads.items():
        id, place = str(ULID()), head.place + 1
        digest = digest_of(b"", {"forgotten": place})
        hash = hash_of(head.hash, conversation, place, FORGOTTEN, id, at, digest)
        about = {"conversation_id": conversation, "source": FORGOTTEN, "key": id, "at": at}
        row = {**about, "id": id, "place": place, "salt": None, "content": None, "digest": digest, "hash": hash}
        await session.execute(insert(RecordRow).values(row))
