"""The published catalogue, as the conversation reads it: the version in force today, in the resident's region.

A guide is read on every turn, so matters and references are kept in memory by release and day. Each method takes
the release if the caller knows it already; then what is kept costs no statement, else one (`current_release`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.database import Database
from knowledge.division import division_code, lineage
from knowledge.matter import Matter, MatterNotFound, Office, Region, SearchEntry, Standard
from knowledge.matter_store import DRAFT, current_release, load, table_of
from knowledge.publishing import today
from knowledge.references import References, load_references
from knowledge.situation import Situation
from knowledge.tables.catalogue import AliasRow, MaterialRow, MatterRow
from knowledge.tables.review import OutOfScopeSayingRow

MATTERS_KEPT = 4096
PAGE = 1000

Kept = tuple[int, date, str, str]


class SituationNotFound(LookupError):
    """There is no situation with this code."""


class RegionNotFound(LookupError):
    """The division tree has no such code."""


class Catalogue:
    """Reads on one database. Regions are division codes of any length; None = not known."""

    def __init__(self, database: Database, today: Callable[[], date] = today) -> None:
        self._database = database
        self._today = today
        self._matters: OrderedDict[Kept, Matter] = OrderedDict()
        self._references: tuple[int, References] | None = None
        self._followed: int | None = None

    @property
    def database(self) -> Database:
        """Where it is read from."""
        return self._database

    async def current_release(self) -> int:
        """The number of the newest publication; 0 when nothing is published."""
        async with self._database.reading() as session:
            return await current_release(session)

    def follow(self, release: int) -> None:
        """Answer from that release when the caller names none, without asking the database which one is current."""
        self._followed = release

    async def release(self) -> int:
        """The release that is answered from: the followed one, else the current one."""
        return await self.current_release() if self._followed is None else self._followed

    async def matter(
        self, code: str, region: str | None = None, on: date | None = None, release: int | None = None
    ) -> Matter:
        """The version in force on that day (default today) of the nearest region up the division tree.

        A region that is not known gets the widest. Raises MatterNotFound, NotADivisionCode.
        """
        found = await self.matters([code], region, on, release)
        if not found:
            raise MatterNotFound(code)
        return found[0]

    async def matters(
        self, codes: Iterable[str], region: str | None = None, on: date | None = None, release: int | None = None
    ) -> list[Matter]:
        """The same for several codes, in their order; codes without a matter are left out."""
        release = await self.release() if release is None else release
        day, place = on or self._today(), "" if region is None else division_code(region)
        keys: dict[str, Kept] = {code: (release, day, place, code) for code in codes}
        missing = [code for code, key in keys.items() if key not in self._matters]
        loaded = await self._load(missing, place, day) if missing else {}
        found = [loaded.get(code) or self._matters.get(key) for code, key in keys.items()]
        self._keep({keys[matter.code]: matter for matter in found if matter})
        return [matter for matter in found if matter]

    async def entries(self, on: date | None = None) -> AsyncIterator[SearchEntry]:
        """What the matcher indexes of each matter in force, by pages, so that a province's 100,000 stay light."""
        day, last = on or self._today(), 0
        while True:
            async with self._database.reading() as session:
                rows = await _entry_rows(session, day, last)
                entries = await _entries(session, rows)
            for entry in entries:
                yield entry
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]

    async def places_of(self, name: str, on: date | None = None) -> list[tuple[str, str]]:
        """The code and region of each matter in force that has this very name, by region."""
        columns = table_of(MatterRow).c
        query = select(columns.code, columns.region).where(columns.name == name, _in_force(on or self._today()))
        async with self._database.reading() as session:
            found = await session.execute(query.distinct().order_by(columns.region, columns.code))
            return [(row.code, row.region) for row in found]

    async def situations(self, release: int | None = None) -> list[Situation]:
        """All situations, by code."""
        return list((await self._known(release)).situations.values())

    async def situation(self, code: str, release: int | None = None) -> Situation:
        """Raises SituationNotFound."""
        situation = (await self._known(release)).situations.get(code)
        if situation is None:
            raise SituationNotFound(code)
        return situation

    async def out_of_scope(self) -> list[str]:
        """The sayings that staff found to be none of ours, oldest first."""
        async with self._database.reading() as session:
            return list(await session.scalars(select(OutOfScopeSayingRow.text).order_by(OutOfScopeSayingRow.id)))

    async def standards(
        self, code: str, region: str | None = None, on: date | None = None, release: int | None = None
    ) -> list[Standard]:
        """The amounts of a matter, for each subject that of the nearest region up the tree, in effect that day."""
        references = await self._known(release)
        return references.standards_of(code, division_code(region or ""), on or self._today())

    async def office_for(
        self, region: str | None, level: str | None = None, release: int | None = None
    ) -> Office | None:
        """The nearest office up the tree from the region's 村, 镇 or 县, as `level` says; None when none is known."""
        return (await self._known(release)).office_for(division_code(region or ""), level)

    async def region(self, code: str, release: int | None = None) -> Region:
        """Raises RegionNotFound, NotADivisionCode."""
        region = (await self._known(release)).regions.get(division_code(code))
        if region is None:
            raise RegionNotFound(code)
        return region

    async def regions(self, release: int | None = None) -> list[Region]:
        """The division tree, by code."""
        return list((await self._known(release)).regions.values())

    async def office(self, code: str | None) -> Office | None:
        """The office of that code; None: it is not there."""
        return next((each for each in await self.offices() if each.code == code), None)

    async def offices(self, release: int | None = None) -> list[Office]:
        """The offices, by code."""
        return list((await self._known(release)).offices)

    async def _known(self, release: int | None) -> References:
        release = await self.release() if release is None else release
        if self._references is None or self._references[0] != release:
            async with self._database.reading() as session:
                self._references = release, await load_references(session)
        return self._references[1]

    async def _load(self, codes: Sequence[str], place: str, day: date) -> Mapping[str, Matter]:
        where = [MatterRow.code.in_(codes), _in_force(day)]
        if place:
            where.append(MatterRow.region.in_(lineage(place)))
        async with self._database.reading() as session:
            matters = [stored.matter for stored in await load(session, *where)]
        nearest_last = sorted(matters, key=lambda matter: _nearness(matter.region, place))
        return {matter.code: matter for matter in nearest_last}

    def _keep(self, matters: Mapping[Kept, Matter]) -> None:
        for key, matter in matters.items():
            self._matters[key] = matter
            self._matters.move_to_end(key)
        while len(self._matters) > MATTERS_KEPT:
            self._matters.popitem(last=False)


def _in_force(day: date) -> ColumnElement[bool]:
    """Published before or now, begun by that day, and not ended (Span in knowledge.publishing)."""
    not_ended = or_(MatterRow.effective_until.is_(None), MatterRow.effective_until > day)
    return and_(MatterRow.status != DRAFT, MatterRow.effective_from <= day, not_ended)


def _nearness(region: str, place: str) -> int:
    """The depth of the row's region in the tree; turned round where no place is known: then the widest counts."""
    depth = len(lineage(region))
    return depth if place else -depth


async def _entry_rows(session: AsyncSession, day: date, last: int) -> Sequence[Mapping[Any, Any]]:
    names = ("id", "code", "region", "name", "result", "conditions", "group", "department")
    columns = table_of(MatterRow).c
    query = select(*(columns[name] for name in names)).where(columns.id > last, _in_force(day))
    return (await session.execute(query.order_by(columns.id).limit(PAGE))).mappings().all()


async def _entries(session: AsyncSession, rows: Sequence[Mapping[Any, Any]]) -> list[SearchEntry]:
    ids = [row["id"] for row in rows]
    aliases = await _texts(session, select(AliasRow.matter_id, AliasRow.text).order_by(AliasRow.position), ids)
    materials = await _texts(
        session, select(MaterialRow.matter_id, MaterialRow.name).order_by(MaterialRow.position), ids
    )
    return [
        SearchEntry(
            code=row["code"],
            region=row["region"],
            name=row["name"],
            aliases=aliases.get(row["id"], ()),
            result=row["result"],
            materials=materials.get(row["id"], ()),
            conditions=tuple(row["conditions"]),
            group=row["group"],
            department=row["department"],
        )
        for row in rows
    ]


async def _texts(session: AsyncSession, query: Any, ids: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
    texts: dict[int, tuple[str, ...]] = {}
    for matter_id, text in await session.execute(query.where(query.selected_columns.matter_id.in_(ids))):
        texts[matter_id] = (*texts.get(matter_id, ()), text)
    return texts
