"""Importing a file: what it changes becomes drafts, all of it or nothing. The first catalogue is published at once."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as altered
from pathlib import Path

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.checking import check
from knowledge.database import Database
from knowledge.formats import read_rows
from knowledge.matter import Matter, Problem, Release
from knowledge.matter_store import (
    DRAFT,
    PUBLISHED,
    Stored,
    content_of,
    current_release,
    load,
    remove,
    store,
    table_of,
)
from knowledge.publishing import changing, publish
from knowledge.tables.catalogue import MatterRow

Key = tuple[str, str]
FIRST_RELEASE = "第一次导入"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, as (code, region) of matters. `release`: the publication, if it was the first catalogue."""

    added: tuple[Key, ...]
    changed: tuple[Key, ...]
    unchanged: int
    retiring: tuple[Key, ...]
    warnings: tuple[Problem, ...]
    release: Release | None


async def import_file(database: Database, path: Path | str, replace: bool = False) -> ImportReport:
    """Store what differs from the published catalogue as drafts, instead of earlier drafts of the same matters.

    `replace`: the file is the whole catalogue; what is missing in it is marked, and retired by the next publication.
    Raises BrokenFile, BadRows, CatalogueChangedMeanwhile, DatabaseUnavailable; then nothing is stored.
    """
    rows = await asyncio.to_thread(read_rows, Path(path))
    async with changing(database) as session:
        heads = {stored.matter.key: stored for stored in await load(session, MatterRow.status == PUBLISHED)}
        checked = check(rows, {key: head.matter for key, head in heads.items()})
        matters = checked.sound()
        drafts = [draft for matter in matters if (draft := draft_of(matter, heads.get(matter.key)))]
        present = {matter.key for matter in matters}
        await replace_drafts(session, drafts, None if replace else present)
        retiring = await _mark(session, heads, present, replace)
        first = drafts and await current_release(session) == 0
        release = await publish(database, FIRST_RELEASE) if first else None
    added = tuple(draft.key for draft in drafts if draft.key not in heads)
    changed = tuple(draft.key for draft in drafts if draft.key in heads)
    unchanged = len(matters) - len(drafts)
    return ImportReport(added, changed, unchanged, retiring, tuple(checked.warnings), release)


def draft_of(matter: Matter, head: Stored | None) -> Matter | None:
    """The draft that a file's matter asks for; None where it is what is published.

    The day of the published version, repeated, is no wish: a changed matter begins when it is published.
    """
    if head is None:
        return matter
    if matter.effective_from == head.matter.effective_from:
        matter = altered(matter, effective_from=None)
    same = content_of(matter) == content_of(head.matter) and matter.effective_from is None
    return None if same else matter


async def replace_drafts(session: AsyncSession, drafts: Sequence[Matter], keys: Collection[Key] | None) -> None:
    """Put the drafts in the place of the earlier ones of these keys (None: of all)."""
    columns = table_of(MatterRow).c
    earlier = await session.execute(select(columns.id, columns.code, columns.region).where(columns.status == DRAFT))
    await remove(session, [row.id for row in earlier if keys is None or (row.code, row.region) in keys])
    versions = await _versions(session)
    await store(session, [altered(draft, version=versions.get(draft.key, 0) + 1) for draft in drafts], DRAFT)


async def _versions(session: AsyncSession) -> Mapping[Key, int]:
    columns = table_of(MatterRow).c
    newest = select(columns.code, columns.region, func.max(columns.version)).group_by(columns.code, columns.region)
    return {(code, region): version for code, region, version in await session.execute(newest)}


async def _mark(
    session: AsyncSession, heads: Mapping[Key, Stored], present: Collection[Key], whole: bool
) -> tuple[Key, ...]:
    """Mark for retirement what a whole catalogue leaves out, and take the mark off what a file contains."""
    marks = {key: key not in present for key in heads if whole or key in present}
    rows = [{"row": heads[key].id, "mark": mark} for key, mark in marks.items() if mark != heads[key].retiring]
    if rows:
        table = table_of(MatterRow)
        connection = await session.connection()
        marking = update(table).where(table.c.id == bindparam("row")).values(retiring=bindparam("mark"))
        await connection.execute(marking, rows)
    return tuple(key for key, mark in marks.items() if mark)
