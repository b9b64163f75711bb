"""A printout as PDF, on A4, drawn box by box; the font is embedded with the characters that are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from fpdf import FPDF
from fpdf.enums import Align, TextMode

from knowledge.printing.breaking import balanced, broken, longest_run
from knowledge.printing.font import PATH, drawable
from knowledge.printing.printout import GRID, LABEL_UNITS, Block, Cell, Printout

LEFT, TOP, WIDTH, BOTTOM = 15.0, 14.0, 180.0, 279.0
"""Millimetres of an A4 page (210 × 297) that are drawn on."""

FOOTER_TOP = 283.0

UNIT = WIDTH / (GRID + LABEL_UNITS)
MARGIN = 1.0
SIZE, SMALLEST = 10.5, 6.5
"""Points: 五号, and what a long number is made smaller to, so that it is not broken."""

TIGHTER = (1.0, 0.9, 0.8, 0.7, 0.6)
"""How much lower boxes are made, so that nothing but a signature stands on a second page."""

CHARACTERS_A_LINE = 50
TITLE_SIZE, NOTE_SIZE, FOOTER_SIZE = 18.0, 9.0, 8.0
LEADING = 1.3
MILLIMETRES_A_POINT = 25.4 / 72
ASCENT = 0.8
"""How far below the top of a line its characters stand, as a share of the size."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A cell's text in lines, at the size at which it fits."""

    cell: Cell
    width: float
    lines: tuple[str, ...]
    size: float

    @property
    def height(self) -> float:
        """Millimetres that the text and the foot need, with the margins."""
        foot = _line_height(SIZE) + 2 if self.cell.foot else 0
        return len(self.lines) * _line_height(self.size) + foot + 2 * MARGIN


@dataclass(frozen=True, slots=True)
class FittedBlock:
    """A block whose texts are broken into lines. `tight`: by how much rows may be lower than they should be."""

    block: Block
    label: tuple[str, ...]
    rows: Sequence[Sequence[Fitted]]

    @property
    def least(self) -> float:
        """Millimetres that the label needs."""
        return len(self.label) * _line_height(SIZE) + 2 * MARGIN if self.block.label else 0

    def heights(self, tight: float) -> list[float]:
        """Of each row."""
        rows = zip(self.block.rows, self.rows, strict=True)
        return [max(row.height * tight, *(cell.height for cell in cells)) for row, cells in rows]

    def height(self, tight: float) -> float:
        """Of the whole block."""
        return max(sum(self.heights(tight)), self.least)


class _Paper(FPDF):
    """A document with our font and a footer."""

    def __init__(self, footer: str) -> None:
        super().__init__(format="A4")
        self._footer = footer
        self.set_auto_page_break(False)
        self.set_margins(LEFT, TOP, 210 - LEFT - WIDTH)
        self.set_line_width(0.2)
        self.add_font("serif", "", PATH)
        self.add_page()
        self.set_y(TOP)

    def footer(self) -> None:
        """The page's number, and what was filled in by whom."""
        self.set_font("serif", size=FOOTER_SIZE)
        self.set_xy(LEFT, FOOTER_TOP)
        self.cell(WIDTH, 5, self._footer)
        self.set_xy(LEFT, FOOTER_TOP)
        self.cell(WIDTH, 5, f"第 {self.page_no()} 页，共 {{nb}} 页", align=Align.R)

    def measure(self, size: float, text: str) -> float:
        """The width of a text of that size in millimetres."""
        self.set_font("serif", size=size)
        return float(self.get_string_width(text, normalized=True))


def drawn(printout: Printout) -> bytes:
    """The printout as a PDF file."""
    paper = _Paper(drawable(printout.footer))
    paper.set_title(drawable(printout.title))
    paper.set_lang("zh-CN")
    _heading(paper, printout)
    blocks = [_fitted_block(paper, block) for block in printout.blocks]
    room = BOTTOM - paper.get_y() - sum(map(len, printout.notes)) / CHARACTERS_A_LINE * _line_height(NOTE_SIZE)
    tight = next((each for each in TIGHTER if sum(block.height(each) for block in blocks) <= room), 1.0)
    for block in blocks:
        _draw_block(paper, block, tight)
    _paragraphs(paper, printout.notes, NOTE_SIZE)
    _annex(paper, printout.annex)
    return bytes(paper.output())


def _heading(paper: _Paper, printout: Printout) -> None:
    lines = broken(drawable(printout.title), WIDTH, partial(paper.measure, TITLE_SIZE))
    for line in lines:
        _bold(paper, (210 - paper.measure(TITLE_SIZE, line)) / 2, line)
    if printout.above:
        _paragraphs(paper, [printout.above], NOTE_SIZE)
    paper.set_y(paper.get_y() + 2)


def _bold(paper: _Paper, x: float, line: str) -> None:
    """The title. The font has one weight; an outline makes it heavier."""
    with paper.local_context(text_mode=TextMode.FILL_STROKE, line_width=0.25):
        paper.text(x, paper.get_y() + TITLE_SIZE * ASCENT * MILLIMETRES_A_POINT + 1, line)
    paper.set_y(paper.get_y() + _line_height(TITLE_SIZE))


def _paragraphs(paper: _Paper, texts: Sequence[str], size: float) -> None:
    """Texts over the whole width, on as many pages as they need."""
    for text in texts:
        for line in broken(drawable(text), WIDTH, partial(paper.measure, size)):
            if paper.get_y() + _line_height(size) > BOTTOM:
                _turn(paper)
            paper.set_font("serif", size=size)
            paper.text(LEFT, _baseline(paper.get_y() + 1, size), line)
            paper.set_y(paper.get_y() + _line_height(size))


def _annex(paper: _Paper, annex: Sequence[tuple[str, str]]) -> None:
    if annex:
        _turn(paper)
        _bold(paper, LEFT, "附页")
    for label, text in annex:
        _paragraphs(paper, [f"{label}：", text, ""], SIZE)


def _fitted_block(paper: _Paper, block: Block) -> FittedBlock:
    rows = [[_fitted(paper, cell, bool(block.label)) for cell in row.cells] for row in block.rows]
    label = balanced(drawable(block.label), LABEL_UNITS * UNIT - 2 * MARGIN, partial(paper.measure, SIZE))
    return FittedBlock(block, tuple(label), rows)


def _draw_block(paper: _Paper, block: FittedBlock, tight: float) -> None:
    """The rows of a block with its label beside them; a block that is cut by a page's end has the label on both."""
    heights, least, whole = block.heights(tight), block.least, block.height(tight)
    if paper.get_y() + whole > BOTTOM and (whole < (BOTTOM - TOP) / 2 or paper.get_y() + least + heights[0] > BOTTOM):
        _turn(paper)
    for rows in _parts(paper.get_y(), heights, least):
        if rows[0]:
            _turn(paper)
        stretched = _stretched([heights[row] for row in rows], least)
        _draw_rows(paper, [block.rows[row] for row in rows], stretched, block.label)


def _parts(y: float, heights: Sequence[float], least: float) -> Iterator[list[int]]:
    """The numbers of the rows that go on each page."""
    rows: list[int] = []
    for number, height in enumerate(heights):
        if rows and y + height > BOTTOM:
            yield rows
            rows, y = [], TOP
        rows.append(number)
        y += height
    yield rows


def _stretched(heights: list[float], least: float) -> list[float]:
    """Heights of which the last is made larger where the label needs more room than the rows."""
    return [*heights[:-1], heights[-1] + max(0.0, least - sum(heights))]


def _draw_rows(paper: _Paper, rows: Sequence[Sequence[Fitted]], heights: Sequence[float], label: Sequence[str]) -> None:
    y = paper.get_y()
    left = LEFT
    if any(label):
        paper.rect(LEFT, y, LABEL_UNITS * UNIT, sum(heights))
        _centred(paper, label, LEFT, y, LABEL_UNITS * UNIT, sum(heights), SIZE)
        left += LABEL_UNITS * UNIT
    for cells, height in zip(rows, heights, strict=True):
        x = left
        for cell in cells:
            _draw_cell(paper, cell, x, y, height)
            x += cell.width
        y += height
    paper.set_y(y)


def _draw_cell(paper: _Paper, fitted: Fitted, x: float, y: float, height: float) -> None:
    paper.rect(x, y, fitted.width, height)
    if fitted.cell.label:
        _centred(paper, fitted.lines, x, y, fitted.width, height, fitted.size)
        return
    top = y + MARGIN if fitted.cell.foot else y + (height - len(fitted.lines) * _line_height(fitted.size)) / 2
    paper.set_font("serif", size=fitted.size)
    for number, line in enumerate(fitted.lines):
        paper.text(x + MARGIN, _baseline(top + number * _line_height(fitted.size), fitted.size), line)
    _foot(paper, drawable(fitted.cell.foot), x + fitted.width - MARGIN, y + height)


def _foot(paper: _Paper, text: str, right: float, bottom: float) -> None:
    if text:
        width = paper.measure(SIZE, text)
        paper.text(right - width, _baseline(bottom - _line_height(SIZE) - MARGIN, SIZE), text)


def _centred(paper: _Paper, lines: Sequence[str], x: float, y: float, width: float, height: float, size: float) -> None:
    top = y + (height - len(lines) * _line_height(size)) / 2
    for number, line in enumerate(lines):
        left = x + (width - paper.measure(size, line)) / 2
        paper.text(left, _baseline(top + number * _line_height(size), size), line)


def _fitted(paper: _Paper, cell: Cell, beside_a_label: bool) -> Fitted:
    """The cell's text in lines; smaller where a number would else be broken."""
    unit = UNIT if beside_a_label else WIDTH / GRID
    width, text = cell.width * unit, drawable(cell.text)
    inside, run = width - 2 * MARGIN, longest_run(text, partial(paper.measure, SIZE))
    size = SIZE if run <= inside else max(SMALLEST, SIZE * inside / run)
    size = int(size * 10) / 10
    lines = (balanced if cell.label else broken)(text, inside, partial(paper.measure, size))
    return Fitted(cell, width, tuple(lines), size)


def _line_height(size: float) -> float:
    return size * LEADING * MILLIMETRES_A_POINT


def _baseline(top: float, size: float) -> float:
    return top + (_line_height(size) - size * MILLIMETRES_A_POINT) / 2 + size * ASCENT * MILLIMETRES_A_POINT + 0.3


def _turn(paper: _Paper) -> None:
    """To the next page."""
    paper.add_page()
    paper.set_y(TOP)
