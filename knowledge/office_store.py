"""Offices are changed: at the desk one at a time, by a sheet many. In force at once, as a release of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert

from knowledge.database import Database
from knowledge.matter import Release
from knowledge.matter_store import table_of
from knowledge.office import Office, record_of
from knowledge.publishing import add_release, changing
from knowledge.tables.catalogue import OfficeRow

NOTE = "更新大厅"


async def put_offices(database: Database, offices: Sequence[Office], note: str = NOTE) -> Release:
    """Put these in the place of those of the same codes; the others stay. Raises CatalogueChangedMeanwhile."""
    table = table_of(OfficeRow)
    async with changing(database) as session:
        release = await add_release(session, note)
        await session.execute(delete(table).where(table.c.code.in_([office.code for office in offices])))
        await session.execute(insert(table), [record_of(office) for office in offices])
    return release
