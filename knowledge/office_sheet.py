"""Offices as a sheet (.csv, .xlsx): a row an office, cells in the notation of the desk's page. All of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from knowledge.catalogue import Catalogue
from knowledge.checking import BadRows
from knowledge.database import Database
from knowledge.formats import csv_file, xlsx_file
from knowledge.formats.row import BrokenFile, EmptyFile, FileMissing
from knowledge.formats.table import ROWS_BEFORE_HEADING, Line, guarded, unguarded
from knowledge.matter import Problem, Release
from knowledge.office import Office
from knowledge.office_store import put_offices
from knowledge.office_text import FIELDS, OfficeTextUnreadable, texts_of, with_texts

FIXED = ("code", "region")
"""What is no text of an office that may be changed: what it is, and where it belongs."""
SHEET = "大厅"


class NoSheet(BrokenFile):
    """Neither .csv nor .xlsx."""

    sentence = "大厅的表只能是 .csv 或 .xlsx"


class NoOfficeHeading(BrokenFile):
    """None of the first rows has the code of an office."""

    sentence = "找不到表头，表头里要有“编码”"


@dataclass(frozen=True, slots=True)
class OfficeReport:
    """What a sheet changed: codes. `release`: None where nothing was to be stored."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    release: Release | None = None


async def import_offices(database: Database, path: Path, *, store: bool = True) -> OfficeReport:
    """Put the sheet's offices in force at once; those that it does not name, and columns that it lacks, stay.

    Raises BrokenFile, BadRows (then nothing is stored), CatalogueChangedMeanwhile, DatabaseUnavailable.
    """
    rows = await asyncio.to_thread(_rows, path)
    catalogue = Catalogue(database)
    known = {office.code: office for office in await catalogue.offices()}
    regions = {region.code for region in await catalogue.regions()}
    told, problems = _offices(rows, known, regions)
    problems += await _unknown_matters(catalogue, told)
    if problems:
        raise BadRows(problems)
    new = [office for _, office in told if known.get(office.code) != office]
    report = OfficeReport(
        tuple(office.code for office in new if office.code not in known),
        tuple(office.code for office in new if office.code in known),
        len(told) - len(new),
    )
    return replace(report, release=await put_offices(database, new)) if store and new else report


def write_offices(path: Path, offices: Iterable[Office]) -> None:
    """Write the sheet that `import_offices` reads. Raises NoSheet."""
    keys = list(_columns())
    texts = [{"code": each.code, "region": each.region, **texts_of(each)} for each in offices]
    lines = [[_columns()[key][0] for key in keys], *([guarded(each.get(key, "")) for key in keys] for each in texts)]
    match path.suffix.lower():
        case ".csv":
            csv_file.write_lines(path, lines)
        case ".xlsx":
            xlsx_file.write_sheet(path, SHEET, lines)
        case _:
            raise NoSheet(path)


def _offices(
    rows: Iterable[tuple[str, Mapping[str, str]]], known: Mapping[str, Office], regions: set[str]
) -> tuple[list[tuple[str, Office]], list[Problem]]:
    told: list[tuple[str, Office]] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for place, values in rows:
        code = values.get("code", "")
        try:
            if not code or code in seen:
                raise ValueError("没有编码" if not code else f"编码{code}前面已经有了")
            told.append((place, with_texts(_before(values, known.get(code), regions), _texts(values))))
        except OfficeTextUnreadable as error:
            problems.append(Problem(place, f"{_columns()[error.field][0]}看不懂：{error.text}"))
        except ValueError as error:
            problems.append(Problem(place, str(error)))
        seen.add(code)
    return told, problems


def _before(values: Mapping[str, str], office: Office | None, regions: set[str]) -> Office:
    """The office as it was, or a new one. Raises ValueError."""
    region = values.get("region", "") or (office.region if office else "")
    if region not in regions:
        raise ValueError(f"没有这个区划代码：{region or '空着'}")
    if not (values.get("name", "") or (office and "name" not in values)):
        raise ValueError("没有名称")
    return replace(office, region=region) if office else Office(values["code"], values["name"], region)


def _texts(values: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in values.items() if key not in FIXED}


async def _unknown_matters(catalogue: Catalogue, told: Sequence[tuple[str, Office]]) -> list[Problem]:
    named = [(place, code) for place, office in told for window in office.windows for code in window.matters]
    known = {matter.code for matter in await catalogue.matters({code for _, code in named})}
    return [Problem(place, f"窗口里的{code}目录里没有") for place, code in dict.fromkeys(named) if code not in known]


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Where each row stands, and its cells by field. Raises BrokenFile."""
    if not path.is_file():
        raise FileMissing(path)
    sheets = _sheets(path)
    rows = [(f"{name} 第 {number} 行", told) for name, lines in sheets.items() for number, told in _named(lines)]
    if not rows:
        has_heading = any(_heading(cells) for lines in sheets.values() for _, cells in lines)
        raise EmptyFile(path) if has_heading else NoOfficeHeading(path)
    return rows


def _sheets(path: Path) -> dict[str, list[Line]]:
    if path.suffix.lower() == ".csv":
        return {path.name: csv_file.lines_of(path)}
    if path.suffix.lower() == ".xlsx":
        return xlsx_file.sheets_of(path)
    raise NoSheet(path)


def _named(lines: Sequence[Line]) -> Iterator[tuple[int, dict[str, str]]]:
    """The filled lines below the heading; a sheet without one is no sheet of offices."""
    at = next((n for n, (_, cells) in enumerate(lines[:ROWS_BEFORE_HEADING]) if _heading(cells)), None)
    if at is None:
        return
    keys = _heading(lines[at][1])
    for number, cells in lines[at + 1 :]:
        values = {key: _text(cell) for key, cell in zip(keys, cells, strict=False) if key}
        if any(values.values()):
            yield number, dict.fromkeys(filter(None, keys), "") | values


def _heading(cells: Sequence[Any]) -> list[str]:
    """The field of each column, "" for what is none; nothing at all where the code is not among them."""
    names = {heading: key for key, headings in _columns().items() for heading in (key, *headings)}
    keys = [names.get(str(cell).strip(), "") if cell is not None else "" for cell in cells]
    return keys if "code" in keys else []


def _text(cell: Any) -> str:
    """A cell as text: a number without what a spreadsheet adds (430423101218.0)."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(unguarded(cell)).strip()


@cache
def _columns() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(
        resources.files("knowledge").joinpath("office_columns.yml").read_text(encoding="utf-8")
    )
    assert set(loaded) == {*FIXED, *FIELDS}
    return loaded
