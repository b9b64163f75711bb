"""Exporting the published catalogue to a file that imports back to the same catalogue."""

from __future__ import annotations

import asyncio
from pathlib import Path

from knowledge.database import Database
from knowledge.formats import write_records
from knowledge.matter_store import PUBLISHED, load
from knowledge.record import record_of
from knowledge.tables.catalogue import MatterRow


async def export_catalogue(database: Database, path: Path | str) -> int:
    """Write the newest published version of every matter; the number of matters. The ending chooses the format.

    Raises UnknownFormat, TextTooLong (XLSX), OSError.
    """
    async with database.reading() as session:
        matters = [stored.matter for stored in await load(session, MatterRow.status == PUBLISHED)]
    await asyncio.to_thread(write_records, Path(path), [record_of(matter) for matter in matters])
    return len(matters)
