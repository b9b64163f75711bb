"""What stands beside the matters: situations, standards, regions, offices. Read from a folder's YAML, kept in tables.

They have no drafts: a folder is taken whole. Their tables are small, so they are read whole, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.division import LEVELS, level_of, lineage
from knowledge.formats.yaml_file import load
from knowledge.matter import Office, Region, Standard
from knowledge.matter_store import table_of
from knowledge.office import office_of, record_of
from knowledge.situation import Situation, as_record, situation_of
from knowledge.situation_file import read_situations
from knowledge.tables import Base
from knowledge.tables.catalogue import OfficeRow, RegionRow, SituationRow, StandardRow

UNDATED = date.min  # a standard whose source names no day is older than any other


@dataclass(frozen=True, slots=True)
class References:
    """All situations, standards, regions and offices, by their codes."""

    situations: Mapping[str, Situation]
    standards: tuple[Standard, ...]
    regions: Mapping[str, Region]
    offices: tuple[Office, ...]

    def standards_of(self, matter: str, region: str, day: date) -> list[Standard]:
        """For each subject the newest standard of the nearest region up the tree that is in effect on the day."""
        order = {code: -distance for distance, code in enumerate(lineage(region))}
        found: dict[str, Standard] = {}
        known = [s for s in self.standards if s.matter == matter and s.region in order and _since(s) <= day]
        for standard in sorted(known, key=lambda s: (order[s.region], _since(s))):
            found[standard.subject] = standard
        return list(found.values())

    def office_for(self, region: str, level: str | None = None) -> Office | None:
        """The nearest office up the tree, not below `level` (村, 镇, 县 …); None when there is none."""
        widest = LEVELS[level] if level else 12
        path = [code for code in lineage(region) if LEVELS[level_of(code)] <= widest]
        by_region = {office.region: office for office in reversed(self.offices)}
        return next((by_region[code] for code in path if code in by_region), None)


def read_references(folder: Path) -> References:
    """The files situations.yml, standards.yml, regions.yml and offices.yml of a folder.

    Raises BrokenFile, BadRows (situations), KeyError.
    """
    situations = read_situations(folder / "situations.yml")
    regions = [_filled(Region, record) for record in load(folder / "regions.yml")]
    return References(
        situations={situation.code: situation for situation in situations},
        standards=tuple(_standard(record) for record in load(folder / "standards.yml")),
        regions={region.code: region for region in regions},
        offices=tuple(office_of(record) for record in load(folder / "offices.yml")),
    )


async def load_references(session: AsyncSession) -> References:
    """What the tables hold, in four small statements."""
    situations = [situation_of(row) for row in await _rows(session, SituationRow, "code")]
    return References(
        situations={situation.code: situation for situation in situations},
        standards=tuple(_standard(row) for row in await _rows(session, StandardRow, "id")),
        regions={row["code"]: _filled(Region, row) for row in await _rows(session, RegionRow, "code")},
        offices=tuple(office_of(row) for row in await _rows(session, OfficeRow, "code")),
    )


async def replace_situations_and_standards(session: AsyncSession, references: References) -> None:
    """Put these in the place of those that are stored. They speak of matters, and so belong to one catalogue."""
    await _replace(session, SituationRow, map(as_record, references.situations.values()))
    await _replace(session, StandardRow, map(_row, references.standards))


async def replace_regions_and_offices(session: AsyncSession, references: References) -> None:
    """Put these in the place of those that are stored."""
    await _replace(session, RegionRow, map(_row, references.regions.values()))
    await _replace(session, OfficeRow, map(record_of, references.offices))


async def has_regions(session: AsyncSession) -> bool:
    """Whether a division tree is stored."""
    return await session.scalar(select(RegionRow.code).limit(1)) is not None


def _since(standard: Standard) -> date:
    return standard.effective_from or UNDATED


def _standard(record: Mapping[Any, Any]) -> Standard:
    standard: Standard = _filled(Standard, {**record, "amount": _amount(record["amount"])})
    return standard


def _amount(value: Any) -> Decimal | None:
    """Without the zeros that a column's scale adds; `+ 0` undoes the exponent of 1E+2."""
    return None if value is None else Decimal(str(value)).normalize() + 0


def _filled(kind: type[Any], record: Mapping[Any, Any]) -> Any:
    """A dataclass from a record: lists become tuples, and a null text is an empty one."""
    values = {
        field.name: _frozen(record[field.name], str(field.type)) for field in fields(kind) if field.name in record
    }
    return kind(**values)


def _frozen(value: Any, kind: str) -> Any:
    if isinstance(value, Mapping):
        return {key: tuple(item) for key, item in value.items()}
    if value is None and kind == "str":
        return ""
    return tuple(value) if isinstance(value, list) else value


def _row(value: Any) -> dict[str, Any]:
    return {name: list(item) if isinstance(item, tuple) else item for name, item in asdict(value).items()}


async def _rows(session: AsyncSession, row: type[Base], *order: str) -> Iterable[Mapping[Any, Any]]:
    table = table_of(row)
    return (await session.execute(select(table).order_by(*(table.c[name] for name in order)))).mappings().all()


async def _replace(session: AsyncSession, row: type[Base], values: Iterable[dict[str, Any]]) -> None:
    await session.execute(delete(table_of(row)))
    if rows := list(values):
        await session.execute(insert(table_of(row)), rows)
