"""Publishing: drafts become the versions in force, and the former versions end where they begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.database import Database
from knowledge.matter import Release
from knowledge.matter_store import DRAFT, PUBLISHED, RETIRED, current_release, table_of
from knowledge.tables.catalogue import MatterRow, ReleaseRow

CHINA = timezone(timedelta(hours=8))  # one zone, no summer time


class NothingToPublish(Exception):
    """There is neither a draft nor a matter marked for retirement."""


class CatalogueChangedMeanwhile(Exception):
    """Another process imported or published at the same moment; nothing of this change was stored."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which one version is in force: from `start` until before `end` (None: no end)."""

    start: date
    end: date | None

    def cut(self, day: date) -> Span:
        """The part of the span before a day. It may be empty, then start == end."""
        return Span(self.start, max(self.start, min(self.end or day, day)))


def today() -> date:
    """The day in China, where the catalogue is in force."""
    return datetime.now(CHINA).date()


@asynccontextmanager
async def changing(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction on the catalogue. Raises CatalogueChangedMeanwhile where two would make the same version."""
    try:
        async with database.transaction() as session:
            yield session
    except IntegrityError as error:
        raise CatalogueChangedMeanwhile from error


async def publish(database: Database, note: str = "", on: date | None = None) -> Release:
    """Put all drafts in force, from `on` (default today) or their own later day, and retire what is marked.

    Raises NothingToPublish, CatalogueChangedMeanwhile.
    """
    day = on or today()
    async with changing(database) as session:
        drafts = await _rows(session, MatterRow.status == DRAFT)
        retiring = await _rows(session, MatterRow.retiring)
        if not drafts and not retiring:
            raise NothingToPublish
        release = await add_release(session, note)
        former = await _former(session)
        starts = {_key(draft): _start(draft, former[_key(draft)], day) for draft in drafts}
        ends = {_key(row): day for row in retiring if _key(row) not in starts} | starts
        await _end(session, [row for key in ends for row in former[key]], ends)
        await _begin(session, drafts, starts, release.number)
    return release


async def add_release(session: AsyncSession, note: str) -> Release:
    """The next release, stored first: of two that publish at once, the second waits here, and then fails."""
    release = Release(await current_release(session) + 1, datetime.now(UTC), note)
    row = {"number": release.number, "published_at": release.published_at, "note": note}
    await session.execute(insert(table_of(ReleaseRow)), [row])
    return release


def _start(draft: Row[tuple[MatterRow]], former: Sequence[Row[tuple[MatterRow]]], day: date) -> date:
    """A draft without a day of its own begins now, but not before the version it corrects."""
    newest = max(former, key=lambda row: row.version, default=None)
    return draft.effective_from or max(day, newest.effective_from if newest else day)


def _key(row: Row[tuple[MatterRow]]) -> tuple[str, str]:
    return row.code, row.region


async def _rows(session: AsyncSession, *conditions: object) -> Sequence[Row[tuple[MatterRow]]]:
    columns = table_of(MatterRow).c
    names = ("id", "code", "region", "version", "status", "effective_from", "effective_until")
    return (await session.execute(select(*(columns[name] for name in names)).where(*conditions))).all()  # type: ignore[arg-type]


async def _former(session: AsyncSession) -> defaultdict[tuple[str, str], list[Row[tuple[MatterRow]]]]:
    """The published and retired versions of all that a draft follows or a mark ends."""
    other = aliased(MatterRow)
    changing_key = exists().where(
        other.code == MatterRow.code, other.region == MatterRow.region, or_(other.status == DRAFT, other.retiring)
    )
    grouped: defaultdict[tuple[str, str], list[Row[tuple[MatterRow]]]] = defaultdict(list)
    for row in await _rows(session, MatterRow.status != DRAFT, changing_key):
        grouped[_key(row)].append(row)
    return grouped


async def _end(session: AsyncSession, rows: Iterable[Row[tuple[MatterRow]]], ends: dict[tuple[str, str], date]) -> None:
    cuts = [(row.id, Span(row.effective_from, row.effective_until).cut(ends[_key(row)]).end) for row in rows]
    values = {"status": RETIRED, "retiring": False, "effective_until": bindparam("end")}
    await _update(session, values, [{"row": row, "end": end} for row, end in cuts])


async def _begin(
    session: AsyncSession, drafts: Iterable[Row[tuple[MatterRow]]], starts: dict[tuple[str, str], date], release: int
) -> None:
    values = {"status": PUBLISHED, "release": release, "effective_from": bindparam("start")}
    await _update(session, values, [{"row": draft.id, "start": starts[_key(draft)]} for draft in drafts])


async def _update(session: AsyncSession, values: dict[str, object], rows: list[dict[str, object]]) -> None:
    if rows:
        table = table_of(MatterRow)
        connection = await session.connection()
        await connection.execute(update(table).where(table.c.id == bindparam("row")).values(values), rows)
