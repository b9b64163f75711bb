"""A printout as a Word file, so that a clerk can still change it. The font is the reader's 宋体."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from knowledge.printing.font import cleaned
from knowledge.printing.printout import CHARACTERS_A_UNIT, GRID, LABEL_UNITS, Block, Cell, Printout, Row

WIDTH_MM = 180.0
UNIT_MM = WIDTH_MM / (GRID + LABEL_UNITS)
FONT = "宋体"
LINE_MM = 5.2
MARGIN_TWENTIETHS = 57  # 1 mm


def typed(printout: Printout) -> bytes:
    """The printout as a Word file."""
    document = _empty()
    document.core_properties.title = printout.title
    _write(document.add_paragraph(), printout.title, 18, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    if printout.above:
        _write(document.add_paragraph(), printout.above, 9)
    _draw(document, printout)
    for note in printout.notes:
        _write(document.add_paragraph(), note, 9)
    _annex(document, printout)
    _write(document.sections[0].footer.paragraphs[0], printout.footer, 8)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _empty() -> DocumentType:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin = section.bottom_margin = Mm(14)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10.5)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(0)
    return document


def _draw(document: DocumentType, printout: Printout) -> None:
    """One table: the column of the labels, then the grid. What stands in a wider box is merged from units."""
    rows = [(block, row) for block in printout.blocks for row in block.rows]
    table = document.add_table(len(rows), 1 + GRID, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _narrow_margins(table)
    for number, column in enumerate(table.columns):
        column.width = Mm(UNIT_MM * (1 if number else LABEL_UNITS))
    for number, (block, row) in enumerate(rows):
        _draw_row(table, number, row, bool(block.label))
    _draw_labels(table, printout)


def _narrow_margins(table: Table) -> None:
    """1 mm left and right in each box instead of Word's 1.9, so that a telephone number stands in one line."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), str(MARGIN_TWENTIETHS))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _draw_row(table: Table, number: int, row: Row, labelled: bool) -> None:
    line = table.rows[number]
    line.height, line.height_rule = Mm(row.height), WD_ROW_HEIGHT_RULE.AT_LEAST
    line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells, column = list(line.cells), 1
    for place, cell in enumerate(row.cells):
        first = 0 if place == 0 and not labelled else column
        box = cells[first].merge(cells[column + cell.width - 1])
        box.width = _width(first, column + cell.width)
        _fill(box, cell, row.height)
        column += cell.width


def _width(first: int, end: int) -> Length:
    units = end - first + (LABEL_UNITS - 1 if first == 0 else 0)
    return Mm(UNIT_MM * units)


def _fill(box: _Cell, cell: Cell, height: float) -> None:
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.TOP if cell.foot else WD_CELL_VERTICAL_ALIGNMENT.CENTER
    _write(box.paragraphs[0], cell.text, 10.5, WD_ALIGN_PARAGRAPH.CENTER if cell.label else WD_ALIGN_PARAGRAPH.LEFT)
    if cell.foot:
        foot = box.add_paragraph()
        foot.paragraph_format.space_before = Mm(max(0.0, height - (_lines(cell) + 1) * LINE_MM))
        _write(foot, cell.foot, 10.5, WD_ALIGN_PARAGRAPH.RIGHT)


def _lines(cell: Cell) -> int:
    """About how many lines the text takes."""
    return 1 + int(len(cell.text) / (cell.width * CHARACTERS_A_UNIT))


def _draw_labels(table: Table, printout: Printout) -> None:
    first = 0
    for block in printout.blocks:
        if block.label:
            _draw_label(table, first, block)
        first += len(block.rows)


def _draw_label(table: Table, first: int, block: Block) -> None:
    box = table.cell(first, 0).merge(table.cell(first + len(block.rows) - 1, 0))
    box.width = Mm(UNIT_MM * LABEL_UNITS)
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    _write(box.paragraphs[0], block.label, 10.5, WD_ALIGN_PARAGRAPH.CENTER)


def _annex(document: DocumentType, printout: Printout) -> None:
    if printout.annex:
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        _write(document.add_paragraph(), "附页", 16, bold=True)
    for label, text in printout.annex:
        _write(document.add_paragraph(), f"{label}：{text}", 10.5)


def _write(
    paragraph: Paragraph,
    text: str,
    size: float,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    bold: bool = False,
) -> None:
    paragraph.alignment = align
    run = paragraph.add_run(cleaned(text))
    run.bold, run.font.size = bold, Pt(size)
