"""Tables: finding the heading, and turning records into cells. CSV and XLSX share this."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from knowledge.matter import Matter
from knowledge.national import is_heading, label_of
from knowledge.record import KEPT_BY_THE_STORE
from knowledge.values import LISTS_OF_LINES, SEVERAL

ROWS_BEFORE_HEADING = 10  # exports begin with a title and a date
FORMULA = re.compile("['=+@-]")
KEYS = [key for key in Matter.__dataclass_fields__ if key not in KEPT_BY_THE_STORE]

Line = tuple[int, Sequence[Any]]


def with_headings(lines: Iterable[Line], section: str = "matter") -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, cells by heading) of all filled lines below the heading; nothing when there is no heading."""
    rest = iter(lines)
    heading = next(_headings(rest, section), None)
    if heading is None:
        return
    names = [str(cell).strip() if cell is not None else "" for cell in heading]
    for line, cells in rest:
        values = {name: unguarded(cell) for name, cell in zip(names, cells, strict=False) if name}
        if any(value not in (None, "") for value in values.values()):
            yield line, {**dict.fromkeys(filter(None, names)), **values}


def has_heading(lines: Sequence[Line], section: str = "matter") -> bool:
    """Whether one of the first lines is a heading."""
    return any(is_heading(cells, section) for _, cells in lines[:ROWS_BEFORE_HEADING])


def heading_and_cells(records: Sequence[Mapping[str, Any]], without: Iterable[str] = ()) -> Iterator[list[Any]]:
    """A table of records: the Chinese headings, then the cells.

    All columns are there, filled or not: a missing one would mean that the importing side keeps its own.
    """
    keys = [key for key in KEYS if key not in set(without)]
    yield [label_of(key) for key in keys]
    for record in records:
        yield [cell_of(key, record.get(key)) for key in keys]


def cell_of(key: str, value: Any) -> Any:
    """A value as a cell that `knowledge.record` reads back: lists as lines where that is unambiguous, else JSON."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return guarded(_lines(key, value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return guarded(value) if isinstance(value, str) else value


def guarded(text: str) -> str:
    """Text that no spreadsheet runs as a formula; reading takes the apostrophe off again."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(cell: Any) -> Any:
    """The cell without the apostrophe of `guarded`."""
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and FORMULA.match(cell[1:]) else cell


def _lines(key: str, items: Sequence[str]) -> str:
    joined = "\n".join(items)
    parts = joined.split("\n") if f"matter.{key}" in LISTS_OF_LINES else SEVERAL.split(joined)
    return joined if parts == list(items) and not joined.startswith("[") else json.dumps(items, ensure_ascii=False)


def _headings(lines: Iterator[Line], section: str) -> Iterator[Sequence[Any]]:
    for _, (_, cells) in zip(range(ROWS_BEFORE_HEADING), lines, strict=False):
        if is_heading(cells, section):
            yield cells
