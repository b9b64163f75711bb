"""The starter catalogue: what a fresh database begins with, so that the service runs on nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.checking import STARTER, check
from knowledge.database import Database
from knowledge.formats import read_rows
from knowledge.formats.yaml_file import load
from knowledge.matter import Matter, Release
from knowledge.matter_store import PUBLISHED, current_release, store
from knowledge.publishing import CatalogueChangedMeanwhile, add_release, changing, today
from knowledge.references import (
    References,
    has_regions,
    read_references,
    replace_regions_and_offices,
    replace_situations_and_standards,
)

NOTE = "随程序附带的目录"
NEW_REFERENCES = "更新情形、标准、区划、大厅"


@dataclass(frozen=True, slots=True)
class Starter:
    """A folder of catalogue files, read and checked."""

    matters: Sequence[Matter]
    references: References


def read_starter(folder: Path = STARTER) -> Starter:
    """Raises BrokenFile, BadRows."""
    return Starter(check(read_rows(folder)).sound(), read_references(folder))


def sources(folder: Path = STARTER) -> dict[str, dict[str, Any]]:
    """Source key → title and whether it is second-hand, from sources.yml."""
    return dict(load(folder / "sources.yml"))


async def ensure_catalogue(database: Database) -> int:
    """The number of the current release, after filling what is empty with the starter catalogue."""
    await load_starter(database)
    async with database.reading() as session:
        return await current_release(session)


async def load_starter(database: Database, folder: Path = STARTER) -> bool:
    """Fill what is empty; whether this call did. Of two processes that try at once, one does it.

    A county's own catalogue, already imported, gets regions and offices, but no matters, situations or standards.
    """
    async with database.reading() as session:
        if await current_release(session) and await has_regions(session):
            return False
    starter = await asyncio.to_thread(read_starter, folder)
    try:
        async with changing(database) as session:
            return await _fill(session, starter)
    except CatalogueChangedMeanwhile:
        return False


async def renew_references(database: Database, folder: Path = STARTER) -> Release:
    """Put a folder's situations, standards, regions and offices in the place of the stored ones, as a new release."""
    references = await asyncio.to_thread(read_references, folder)
    async with changing(database) as session:
        release = await add_release(session, NEW_REFERENCES)
        await replace_situations_and_standards(session, references)
        await replace_regions_and_offices(session, references)
    return release


async def _fill(session: AsyncSession, starter: Starter) -> bool:
    empty, treeless = not await current_release(session), not await has_regions(session)
    if empty:
        release = await add_release(session, NOTE)
        await store(session, [_published(matter, release.number) for matter in starter.matters], PUBLISHED)
        await replace_situations_and_standards(session, starter.references)
    if treeless:
        await replace_regions_and_offices(session, starter.references)
    return empty or treeless


def _published(matter: Matter, release: int) -> Matter:
    return replace(matter, version=1, release=release, effective_from=matter.effective_from or today())
