"""Official layouts of forms as data (starter/layouts): which box stands where, and what is printed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.checking import STARTER
from knowledge.formats.yaml_file import load
from knowledge.printing.printout import GRID, ROW_HEIGHT, Block, Cell, Printout, Row
from knowledge.printing.written import PLACE, Written, written

FOLDER = STARTER / "layouts"


class BadLayout(ValueError):
    """A layout's file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout for the forms with these codes. `blocks` are as the file writes them (docs/converse.md)."""

    forms: tuple[str, ...]
    title: str
    blocks: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The fields that it has a place for."""
        lists = {block["list"] for block in self.blocks if "list" in block}
        texts = [text for block in self.blocks for text in _texts(block)]
        return frozenset({place[1] for text in texts for place in PLACE.finditer(text)} | lists)


@lru_cache(maxsize=4)
def layouts(folder: Path = FOLDER) -> Mapping[str, Layout]:
    """The layouts by the code of the form. Raises BadLayout, BrokenFile."""
    found = [_layout(file) for file in sorted(folder.glob("*.yml"))]
    return {code: layout for layout in found for code in layout.forms}


def laid_out(layout: Layout, filled: Written) -> Printout:
    """The form on its official layout."""
    return Printout(layout.title, tuple(_block(block, filled) for block in layout.blocks), notes=layout.notes)


def table(entries: Any, columns: Sequence[tuple[str, str, int]], least: int) -> tuple[Row, ...]:
    """A heading and a row for each entry of a list, and empty ones up to `least`. Columns are (heading, key, width).

    Entries that are no list (one long text) stand in one row, as they were said.
    """
    heading = Row(tuple(Cell(text, width, label=True) for text, _, width in columns))
    if entries and not isinstance(entries, (list, tuple)):
        return heading, Row((Cell(written(entries), GRID),), height=16)
    rows = [_entry(entry, columns) for entry in entries or ()]
    empty = [_entry({}, columns)] * (least - len(rows))
    return heading, *rows, *empty


def _entry(entry: Mapping[str, Any], columns: Sequence[tuple[str, str, int]]) -> Row:
    return Row(tuple(Cell(written(entry.get(key)), width) for _, key, width in columns))


def _block(block: Mapping[str, Any], filled: Written) -> Block:
    rows = [_row(row, filled) for row in block.get("rows", ())]
    if "list" in block:
        columns = [(text, key, width) for text, key, width in block["columns"]]
        rows += table(filled.values.get(block["list"]), columns, block.get("least", 3))
    if "total" in block:
        rows.append(Row((Cell(filled.filled(block["total"]), GRID),)))
    return Block(block["label"], tuple(rows))


def _row(row: Any, filled: Written) -> Row:
    row = row if isinstance(row, Mapping) else {"cells": row}
    foot = filled.filled(row.get("foot", ""))
    cells = [Cell(filled.filled(text), width, label="{" not in text and not foot) for text, width in row["cells"]]
    return Row((*cells[:-1], replace(cells[-1], foot=foot)), row.get("height", ROW_HEIGHT))


def _layout(file: Path) -> Layout:
    record = load(file)
    try:
        layout = Layout(
            tuple(record["forms"]), record["title"], tuple(record["blocks"]), tuple(record.get("notes", ()))
        )
        for block in layout.blocks:
            _check(block, file)
    except (KeyError, TypeError, ValueError) as error:
        raise error if isinstance(error, BadLayout) else BadLayout(f"{file.name}:{error!r}") from error
    return layout


def _check(block: Mapping[str, Any], file: Path) -> None:
    rows = [row["cells"] if isinstance(row, Mapping) else row for row in block.get("rows", ())]
    widths = [[int(width) for _, width in row] for row in rows]
    if "list" in block:
        widths.append([int(width) for _, _, width in block["columns"]])
    for number, row in enumerate(widths, 1):
        if sum(row) != GRID:
            raise BadLayout(f"{file.name} {block['label']} 第 {number} 行宽 {sum(row)}，要 {GRID}")


def _texts(block: Mapping[str, Any]) -> list[str]:
    rows = [row if isinstance(row, Mapping) else {"cells": row} for row in block.get("rows", ())]
    texts = [text for row in rows for text, _ in row["cells"]]
    return [*texts, *(row.get("foot", "") for row in rows), block.get("total", "")]
