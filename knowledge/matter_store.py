"""Matters in and out of their tables, in bulk: one statement a table, however many matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.forms.form import Form, FormField
from knowledge.matter import Guide, Material, Matter
from knowledge.tables import Base
from knowledge.tables.catalogue import AliasRow, FormRow, MaterialRow, MatterRow, ReleaseRow

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
    return [
        _stored(
            row,
            materials=tuple(_filled(Material, child) for child in materials.get(row["id"], ())),
            aliases=tuple(child["text"] for child in aliases.get(row["id"], ())),
            forms=tuple(_form(child) for child in forms.get(row["id"], ())),
        )
        for row in found
    ]


async def store(session: AsyncSession, matters: Sequence[Matter], status: str) -> None:
    """Add one row a matter, with its children."""
    ids = await _inserted(session, MatterRow, [_row(matter, status) for matter in matters])
    kept = list(zip(ids, matters, strict=True))
    await _insert(session, MaterialRow, (_child(i, n, _values(m)) for i, x in kept for n, m in enumerate(x.materials)))
    await _insert(session, AliasRow, (_child(i, n, {"text": a}) for i, x in kept for n, a in enumerate(x.aliases)))
    await _insert(session, FormRow, (_child(i, n, _form_row(form)) for i, x in kept for n, form in enumerate(x.forms)))


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


def _form(row: Mapping[Any, Any]) -> Form:
    return Form(row["name"], row["code"], tuple(map(_form_field, row["fields"])))


def _form_field(record: Mapping[str, Any]) -> FormField:
    items = tuple(map(_form_field, record.get("items", ())))
    field: FormField = _filled(FormField, {**record, "items": items})
    return field


def _form_row(form: Form) -> dict[str, Any]:
    return {"name": form.name, "code": form.code, "fields": list(map(_field_record, form.fields))}


def _field_record(field: FormField) -> dict[str, Any]:
    """A field as the column holds it: without what is empty."""
    given = {name: value for name, value in _values(field).items() if value not in ("", (), {})}
    return _plain(given | ({"items": list(map(_field_record, field.items))} if field.items else {}))


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
