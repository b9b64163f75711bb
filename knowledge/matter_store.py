"""Matters in and out of their tables, in bulk: one statement a table, however many matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.matter import Form, FormField, Guide, Material, Matter
from knowledge.tables import Base
from knowledge.tables.catalogue import AliasRow, FormFieldRow, FormRow, MaterialRow, MatterRow, ReleaseRow

DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
CHILDREN = frozenset({"materials", "aliases", "forms"})
Children = Mapping[int, list[Mapping[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A matter and what its row says about it."""

    id: int
    status: str
    retiring: bool
    matter: Matter


def table_of(row: type[Base]) -> Table:
    """The table of a row class."""
    return Base.metadata.tables[row.__tablename__]


async def current_release(session: AsyncSession) -> int:
    """The number of the newest publication; 0 when nothing has been published."""
    return await session.scalar(select(func.max(ReleaseRow.number))) or 0


async def load(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[Stored]:
    """The matters whose rows meet the conditions, by code, region and version."""
    rows = select(table_of(MatterRow)).where(*conditions)
    found = (await session.execute(rows.order_by(MatterRow.code, MatterRow.region, MatterRow.version))).mappings().all()
    chosen = select(MatterRow.id).where(*conditions)
    materials = await _children(session, MaterialRow, "matter_id", chosen)
    aliases = await _children(session, AliasRow, "matter_id", chosen)
    forms = await _children(session, FormRow, "matter_id", chosen)
    form_ids = select(FormRow.id).where(FormRow.matter_id.in_(chosen))
    form_fields = await _children(session, FormFieldRow, "form_id", form_ids) if forms else {}
    return [
        _stored(
            row,
            materials=tuple(_filled(Material, child) for child in materials.get(row["id"], ())),
            aliases=tuple(child["text"] for child in aliases.get(row["id"], ())),
            forms=tuple(_form(child, form_fields) for child in forms.get(row["id"], ())),
        )
        for row in found
    ]


async def store(session: AsyncSession, matters: Sequence[Matter], status: str) -> None:
    """Add one row a matter, with its children."""
    ids = await _inserted(session, MatterRow, [_row(matter, status) for matter in matters])
    kept = list(zip(ids, matters, strict=True))
    await _insert(session, MaterialRow, (_child(i, n, _values(m)) for i, x in kept for n, m in enumerate(x.materials)))
    await _insert(session, AliasRow, (_child(i, n, {"text": a}) for i, x in kept for n, a in enumerate(x.aliases)))
    forms = [(i, n, form) for i, matter in kept for n, form in enumerate(matter.forms)]
    form_rows = [_child(i, n, {"code": form.code, "name": form.name}) for i, n, form in forms]
    form_ids = await _inserted(session, FormRow, form_rows)
    with_ids = zip(form_ids, forms, strict=True)
    of_forms = [(form_id, n, field) for form_id, (_, _, form) in with_ids for n, field in enumerate(form.fields)]
    await _insert(session, FormFieldRow, (_plain(_values(f)) | {"form_id": i, "position": n} for i, n, f in of_forms))


async def remove(session: AsyncSession, ids: Sequence[int]) -> None:
    """Delete rows of matters; their children go with them."""
    for start in range(0, len(ids), 500):
        await session.execute(delete(table_of(MatterRow)).where(MatterRow.id.in_(ids[start : start + 500])))


def content_of(matter: Matter) -> Matter:
    """The matter without what publishing gives it, to compare two versions."""
    return replace(matter, version=0, release=0, effective_from=None)


async def _children(session: AsyncSession, row: type[Base], parent: str, chosen: Select[Any]) -> Children:
    table = table_of(row)
    query = select(table).where(table.c[parent].in_(chosen)).order_by(table.c[parent], table.c.position)
    grouped: defaultdict[int, list[Mapping[Any, Any]]] = defaultdict(list)
    for child in (await session.execute(query)).mappings():
        grouped[child[parent]].append(child)
    return grouped


def _stored(row: Mapping[Any, Any], **children: Any) -> Stored:
    guide = row["guide"] and _filled(Guide, row["guide"])
    matter = _filled(Matter, {**row, **children, "guide": guide})
    return Stored(row["id"], row["status"], row["retiring"], matter)


def _form(row: Mapping[Any, Any], form_fields: Children) -> Form:
    return Form(row["name"], row["code"], tuple(_filled(FormField, child) for child in form_fields.get(row["id"], ())))


def _filled(kind: type[Any], row: Mapping[Any, Any]) -> Any:
    values = {field.name: row[field.name] for field in fields(kind) if field.name in row}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _row(matter: Matter, status: str) -> dict[str, Any]:
    values = {field.name: getattr(matter, field.name) for field in fields(Matter) if field.name not in CHILDREN}
    guide = matter.guide and asdict(matter.guide)
    return _plain({**values, "guide": guide, "status": status, "retiring": False})


def _values(value: Any) -> dict[str, Any]:
    """The fields of a dataclass as they are; `asdict` would copy each."""
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _child(matter_id: int, position: int, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"matter_id": matter_id, "position": position, **values}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


async def _insert(session: AsyncSession, row: type[Base], values: Iterable[dict[str, Any]]) -> None:
    if rows := list(values):
        await session.execute(insert(table_of(row)), rows)


async def _inserted(session: AsyncSession, row: type[Base], rows: list[dict[str, Any]]) -> Sequence[int]:
    if not rows:
        return ()
    table = table_of(row)
    ids = await session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)
    return ids.all()
