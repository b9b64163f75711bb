"""The catalogue as the next publication would make it, for whoever wants to try it before."""

from __future__ import annotations

from sqlalchemy import select

from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.matter import Matter, SearchEntry
from knowledge.matter_store import DRAFT, load
from knowledge.tables.catalogue import MatterRow


async def is_anything_upcoming(database: Database) -> bool:
    """Whether there is a draft, or a matter marked for retirement."""
    query = select(MatterRow.id).where((MatterRow.status == DRAFT) | MatterRow.retiring).limit(1)
    async with database.reading() as session:
        return await session.scalar(query) is not None


async def upcoming_entries(database: Database) -> list[SearchEntry]:
    """What the matcher would index: the drafts in the place of what they follow, without what is retiring.

    A draft that begins on a later day counts too: it is this publication that decides about it.
    """
    async with database.reading() as session:
        drafts = [stored.matter for stored in await load(session, MatterRow.status == DRAFT)]
        retiring = {stored.matter.key for stored in await load(session, MatterRow.retiring.is_(True))}
    gone = retiring | {draft.key for draft in drafts}
    staying = [entry async for entry in Catalogue(database).entries() if (entry.code, entry.region) not in gone]
    return [*staying, *map(_entry, drafts)]


def _entry(matter: Matter) -> SearchEntry:
    return SearchEntry(
        code=matter.code,
        region=matter.region,
        name=matter.name,
        aliases=matter.aliases,
        result=matter.result,
        materials=tuple(material.name for material in matter.materials),
        conditions=matter.conditions,
        group=matter.group,
        department=matter.department,
    )
