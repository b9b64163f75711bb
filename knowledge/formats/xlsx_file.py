"""XLSX as a provincial catalogue exports it: a sheet of matters and, if there is one, a sheet of materials (材料)."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from knowledge.formats.row import BrokenArchive, FileTooLarge, NoHeading, Row, TextTooLong, TwoMatterSheets
from knowledge.formats.table import ROWS_BEFORE_HEADING, Line, cell_of, has_heading, heading_and_cells, with_headings
from knowledge.matter import Material
from knowledge.national import key_of, label_of, translated

MATTERS, MATERIALS = "事项", "材料"
LARGEST_UNPACKED = 512 * 1024 * 1024  # bytes; a few MB may unpack to many GB
LONGEST_CELL = 32_767  # characters; openpyxl would cut the rest off without a word
NO_OWNER = "按事项编码、实施编码或事项名称找不到这份材料的事项,或者有几个"
JOINED_BY = ("code", "implement_code", "matter_name")


def read(path: Path) -> list[Row]:
    """Rows named by sheet and row. Raises BrokenArchive, FileTooLarge, NoHeading, TwoMatterSheets."""
    sheets = sheets_of(path)
    materials = {name: lines for name, lines in sheets.items() if _is_material_sheet(lines)}
    matters = {name: lines for name, lines in sheets.items() if name not in materials and has_heading(lines)}
    if len(matters) > 1:
        raise TwoMatterSheets(path, "、".join(matters))
    if not matters:
        raise NoHeading(path)
    ((name, lines),) = matters.items()
    rows = [Row(f"{name} 第 {line} 行", values, partial=True) for line, values in with_headings(lines)]
    return _with_materials(rows, materials) if materials else rows


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """The sheets 事项 and 材料. Raises TextTooLong."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _write_sheet(book, path, MATTERS, heading_and_cells(records, without=("materials",)))
    _write_sheet(book, path, MATERIALS, _material_lines(records))
    book.save(path)


def write_sheet(path: Path, title: str, lines: Iterable[list[Any]]) -> None:
    """A workbook of one sheet. Raises TextTooLong."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    _write_sheet(book, path, title, lines)
    book.save(path)


def sheets_of(path: Path) -> dict[str, list[Line]]:
    """The lines of each sheet, with their numbers. Raises BrokenArchive, FileTooLarge."""
    from openpyxl import load_workbook  # 13 MB that the service doesn't need: only when a workbook is read
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
                raise FileTooLarge(path)
        book = load_workbook(path, read_only=True, data_only=True)
        return {sheet.title: list(enumerate(sheet.iter_rows(values_only=True), 1)) for sheet in book.worksheets}
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError, EOFError) as error:
        raise BrokenArchive(path) from error  # what openpyxl raises on a workbook with missing or damaged parts


def _is_material_sheet(lines: Sequence[Line]) -> bool:
    """It has a heading such as 材料名称, which says nothing in a sheet of matters."""
    headings = [str(cell) for _, cells in lines[:ROWS_BEFORE_HEADING] for cell in cells if cell is not None]
    names = any(key_of(heading, "material") == "name" and key_of(heading) is None for heading in headings)
    return names and has_heading(lines, "material")


def _with_materials(rows: Sequence[Row], sheets: Mapping[str, Sequence[Line]]) -> list[Row]:
    """Matters with the materials that name them; a material that names none becomes a row of its own, to be refused."""
    owners = _owners(rows)
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    strays: list[Row] = []
    for place, material in _materials(sheets):
        owner = _owner(material, owners)
        if owner is None:
            strays.append(Row(place, material, refused=NO_OWNER))
        else:
            found[owner].append(material)
    whole = [Row(row.place, {**row.values, "materials": found[number]}, True) for number, row in enumerate(rows)]
    return whole + strays


def _materials(sheets: Mapping[str, Sequence[Line]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, lines in sheets.items():
        for line, values in with_headings(lines, "material"):
            yield f"{name} 第 {line} 行", translated(values, "material")[0]


def _owners(rows: Sequence[Row]) -> dict[tuple[str, str], int | None]:
    """(key, value, region) → the number of the only matter with it; None when several have it."""
    owners: dict[tuple[str, str], int | None] = {}
    for number, row in enumerate(rows):
        record = translated(row.values)[0]
        for key in JOINED_BY:
            value = _joint(record, "name" if key == "matter_name" else key)
            owners[key, value] = None if (key, value) in owners else number
            with_region = f"{value}@{_joint(record, 'region')}"
            owners[key, with_region] = None if (key, with_region) in owners else number
    return owners


def _owner(material: Mapping[str, Any], owners: Mapping[tuple[str, str], int | None]) -> int | None:
    for key in JOINED_BY:
        if value := _joint(material, key):
            by_region = owners.get((key, f"{value}@{_joint(material, 'region')}"))
            return by_region if by_region is not None else owners.get((key, value))
    return None


def _joint(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value).strip()


def _material_lines(records: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    keys = list(Material.__dataclass_fields__)
    yield [label_of(key, "material") for key in ("code", "region", *keys)]
    for record in records:
        for material in record.get("materials", ()):
            joint = [cell_of("code", record["code"]), record.get("region", "")]
            yield joint + [cell_of(key, material.get(key)) for key in keys]


def _write_sheet(book: Any, path: Path, title: str, lines: Iterable[list[Any]]) -> None:
    sheet = book.create_sheet(title)
    for line in lines:
        if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in line):
            raise TextTooLong(path)
        sheet.append(line)
