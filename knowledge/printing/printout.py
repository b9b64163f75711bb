"""A page to be printed, before it is PDF or Word: blocks of rows of cells on a grid, as Chinese forms are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

GRID = 24
"""Units of a row's width; the label of a block stands to the left of them."""

LABEL_UNITS = 3
"""The width of a block's label, in the same units."""

CHARACTERS_A_UNIT = 1.6
"""How many Chinese characters of the common size stand in a unit: 6.7 mm by 10.5 points, less the cell's margins."""

ROW_HEIGHT = 7.0
"""Millimetres of a row with one line."""

MOST_LINES = 16
"""A cell with more text than this refers to the annex."""

SEE_ANNEX = "（内容较多，写在附页上）"


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of `width` units. A label is centred; `foot` stands in the lower right: who signs, and when."""

    text: str
    width: int
    label: bool = False
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells whose widths sum up to GRID. `height`: at least so many millimetres, room for a hand."""

    cells: tuple[Cell, ...]
    height: float = ROW_HEIGHT


@dataclass(frozen=True, slots=True)
class Block:
    """Rows under one label, which stands at their left; no label: the rows take the whole width."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Printout:
    """A form ready to be drawn. `notes` stand below the table, `annex` (label, text) on pages of its own."""

    title: str
    blocks: tuple[Block, ...]
    above: str = ""
    notes: tuple[str, ...] = ()
    footer: str = ""
    annex: tuple[tuple[str, str], ...] = ()


def with_annex(printout: Printout) -> Printout:
    """The printout with the texts that no box can hold moved to the annex."""
    annex: list[tuple[str, str]] = []
    blocks = tuple(
        replace(block, rows=tuple(_shortened(row, block, annex) for row in block.rows)) for block in printout.blocks
    )
    return replace(printout, blocks=blocks, annex=(*printout.annex, *annex))


def _shortened(row: Row, block: Block, annex: list[tuple[str, str]]) -> Row:
    cells: list[Cell] = []
    for cell in row.cells:
        if len(cell.text) > MOST_LINES * cell.width * CHARACTERS_A_UNIT:
            before = cells[-1].text if cells and cells[-1].label else block.label
            annex.append((before, cell.text))
            cell = replace(cell, text=SEE_ANNEX)
        cells.append(cell)
    return replace(row, cells=tuple(cells))
