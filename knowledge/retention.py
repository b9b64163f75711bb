"""What is deleted after its time, with a line each: by kind and division (knowledge/periods.py), never under a hold.

Which tables hold what is said by the tables: `info={"retain": "papers", "since": "stored_at"}`. Rows go in batches of
one transaction each, with a line in `deletion` for every row. Papers and applications go only when their case is over
and nobody works on it; a conversation only when nothing runs in it. A run that is killed leaves the rest to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.case import ENDED as CASE_ENDED
from knowledge.database import Database
from knowledge.holds import Holds
from knowledge.periods import KINDS, Periods
from knowledge.tables import all_tables
from knowledge.tables.after import DeletionRow
from knowledge.tables.case import CaseRow
from knowledge.tables.conversation import ConversationRow, MessageRow
from knowledge.tables.handoff import HandoffRow
from knowledge.tables.resident import ApplicationRow

BATCH = 200
AT_REST = frozenset({"papers", "conversations"})
"""Kinds whose rows stay while something in their conversation runs."""


@dataclass(slots=True)
class Done:
    """What a run deleted (or would): (kind, table) → rows; `held`: what holds kept; `sayings`: unsure ones."""

    run: str
    deleted: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    sayings: int = 0


@dataclass(frozen=True, slots=True)
class _Old:
    key: Any
    conversation: str | None
    region: str
    since: datetime


class Retention:
    """Deletes what is over its time. `home`: the division of what says none."""

    def __init__(self, database: Database, periods: Periods, home: str) -> None:
        self._database = database
        self._periods = periods
        self._home = home
        self._holds = Holds(database)

    async def run(self, now: datetime, dry: bool = False) -> Done:
        """Delete, or with `dry` only count. Raises DatabaseUnavailable."""
        done = Done(str(ULID.from_datetime(now)))
        for kind in KINDS:
            for table in retained(kind):
                await self._clear(kind, table, now, dry, done)
        return done

    async def _clear(self, kind: str, table: Table, now: datetime, dry: bool, done: Done) -> None:
        latest, after = self._periods.shortest(kind, now), None
        while rows := await self._old(table, latest, after):
            after = _keys_of(table)[0], rows[-1].key
            if dry:
                await self._batch(kind, table, rows, now, done, dry=True)
            else:
                async with self._database.transaction():
                    await self._batch(kind, table, rows, now, done, dry=False)

    async def _batch(
        self, kind: str, table: Table, rows: Sequence[_Old], now: datetime, done: Done, *, dry: bool
    ) -> None:
        cutoffs = {row.region: self._periods.of(kind, row.region).before(now) for row in rows}
        over = [row for row in rows if row.since < cutoffs[row.region]]
        if kind in AT_REST:
            running = await self._running({row.conversation for row in over if row.conversation}, cutoffs, over)
            over = [row for row in over if row.conversation not in running]
        held = await self._holds.conversations({row.conversation for row in over if row.conversation})
        done.held[kind, table.name] += sum(row.conversation in held for row in over)
        going = [row for row in over if row.conversation not in held]
        if dry:
            done.deleted[kind, table.name] += len(going)
        elif going:
            done.deleted[kind, table.name] += await self._delete(kind, table, going, cutoffs, now, done.run)

    async def _delete(
        self, kind: str, table: Table, rows: Sequence[_Old], cutoffs: Mapping[str, datetime], now: datetime, run: str
    ) -> int:
        key, since = _keys_of(table)
        latest = max(cutoffs.values())  # what was touched since it was read stays
        gone = delete(table).where(key.in_([row.key for row in rows]), since < latest).returning(key)
        async with self._database.transaction() as session:
            deleted = set((await session.execute(gone)).scalars())
            written = [
                {
                    "run": run,
                    "at": now,
                    "kind": kind,
                    "table": table.name,
                    "key": _shown(row.key),
                    "conversation_id": row.conversation,
                    "since": row.since,
                    "cutoff": cutoffs[row.region],
                }
                for row in rows
                if row.key in deleted
            ]
            if written:
                await session.execute(insert(DeletionRow), written)
        return len(deleted)

    async def _old(self, table: Table, latest: datetime, after: Any) -> list[_Old]:
        key, since = _keys_of(table)
        talk = table.c.conversation_id if "conversation_id" in table.c else _own_id(table)
        region: Any = literal(self._home) if talk is None else func.coalesce(ConversationRow.region_code, self._home)
        query = select(key, null() if talk is None else talk, region, since).where(since < latest)
        if talk is not None and table is not ConversationRow.__table__:
            query = query.select_from(table).outerjoin(ConversationRow, ConversationRow.id == talk)
        if after is not None:
            query = query.where(after[0] > after[1])
        async with self._database.looking() as session:
            return [_Old(*row) for row in await session.execute(query.order_by(key).limit(BATCH))]

    async def _running(
        self, conversations: Collection[str], cutoffs: Mapping[str, datetime], rows: Sequence[_Old]
    ) -> set[str]:
        """Those of the conversations in which something is not over, or was not for long enough."""
        async with self._database.looking() as session:
            latest = await _last_moves(session, conversations)
        cutoff = {row.conversation: cutoffs[row.region] for row in rows if row.conversation}
        return {talk for talk, moved in latest.items() if moved is None or moved >= cutoff[talk]}


async def _last_moves(session: AsyncSession, conversations: Collection[str]) -> dict[str, datetime | None]:
    """Conversation → when something in it moved last; None: something in it is running."""
    moves: dict[str, datetime | None] = {}

    async def take(row: Any, at: Any, is_running: ColumnElement[bool]) -> None:
        query = select(row.conversation_id, at, is_running).where(row.conversation_id.in_(conversations))
        for talk, moved, running in await session.execute(query):
            known = moves.get(talk, moved)
            moves[talk] = None if running or known is None else max(known, moved)

    no = literal(value=False)
    await take(CaseRow, CaseRow.updated_at, CaseRow.state.not_in(CASE_ENDED))
    await take(ApplicationRow, ApplicationRow.updated_at, no)
    await take(HandoffRow, func.coalesce(HandoffRow.ended_at, HandoffRow.entered_at), HandoffRow.state != "ended")
    newest = select(MessageRow.conversation_id, func.max(MessageRow.sent_at)).where(
        MessageRow.conversation_id.in_(conversations), MessageRow.sender == "agent"
    )
    for talk, said in await session.execute(newest.group_by(MessageRow.conversation_id)):
        known = moves.get(talk, said)
        moves[talk] = None if known is None else max(known, said)
    return moves


def retained(kind: str) -> list[Table]:
    """The tables that hold something of that kind, those that others point to last."""
    return [table for table in reversed(all_tables()) if table.info.get("retain") == kind]


def _keys_of(table: Table) -> tuple[Any, Any]:
    (key,) = table.primary_key.columns
    return key, table.c[table.info["since"]]


def _own_id(table: Table) -> Any:
    return table.c.id if table is ConversationRow.__table__ else None


def _shown(key: Any) -> str:
    return key.hex()[:16] if isinstance(key, bytes) else str(key)
