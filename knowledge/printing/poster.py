"""A poster for the village wall: what it is, what to bring, a QR code that opens it, and whom to ring. A4 or A3.

Making one takes about 0.3 s of one core: call it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import segno

from knowledge.printing.breaking import balanced, broken
from knowledge.printing.font import PATH, drawable

if TYPE_CHECKING:  # loaded with the first poster: see `making.py`
    from fpdf import FPDF

Size = Literal["A4", "A3"]

SCALES: dict[Size, float] = {"A4": 1.0, "A3": 420 / 297}
"""A3 is the same poster, larger. All lengths below are millimetres on A4, sizes are points."""

PAGE, LEFT, WIDTH, TOP, BOTTOM = 210.0, 16.0, 178.0, 16.0, 284.0
QR_WIDTH, QR_ALONE, QUIET = 84.0, 128.0, 4
"""The QR code, beside a list and alone, with its quiet zone of four modules."""

TITLES = ((42.0, 1), (36.0, 1), (31.0, 1), (36.0, 2), (30.0, 2), (25.0, 3))
"""Sizes of the title, and in how many lines: rather a little smaller than broken."""

BODY_SIZES = (19.0, 17.0, 15.0, 13.0, 11.5, 10.0)
"""What a line is read at from a step away; a long list of papers is set smaller."""

SMALL = 10.0
LEADING = 1.4
MILLIMETRES_A_POINT = 25.4 / 72
BRAND, INK, SOFT = (8, 82, 47), (17, 17, 17), (68, 68, 68)


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on it. `address`: what the QR code holds; `typed`: the same to be typed in, "" where it cannot be.

    `heading` stands above `lines`; `foot`: whom to ring and where to go, a line each; `small`: notes and the version.
    """

    title: str
    about: str
    heading: str
    lines: tuple[str, ...]
    address: str
    scan: str
    typed: str
    foot: tuple[str, ...]
    small: str


def posters_pdf(posters: Sequence[Poster], size: Size = "A4") -> bytes:
    """A page for each, as one PDF file with its font inside."""
    from fpdf import FPDF

    paper = FPDF(format=size)
    paper.set_auto_page_break(False)
    paper.set_margin(0)
    paper.add_font("serif", "", PATH)
    paper.set_title(drawable("、".join(each.title for each in posters[:3])))
    paper.set_lang("zh-CN")
    for poster in posters:
        paper.add_page()
        _Sheet(paper, SCALES[size]).draw(poster)
    return bytes(paper.output())


def qr_svg(address: str) -> str:
    """The QR code of an address as SVG, for a screen."""
    code = segno.make(address, error="q", micro=False)
    drawn = BytesIO()
    code.save(drawn, kind="svg", xmldecl=False, scale=6, border=QUIET, dark="#000", light="#fff")
    return drawn.getvalue().decode()


class _Sheet:
    """One page. `y` runs down it, in millimetres of A4."""

    def __init__(self, paper: FPDF, scale: float) -> None:
        self._paper = paper
        self._scale = scale
        self._y = TOP

    def draw(self, poster: Poster) -> None:
        """All of it: from above the title and the code, from below the foot, between them what to bring."""
        self._frame()
        self._title(poster.title)
        self._text(poster.about, 15, centred=True, colour=SOFT)
        self._y += 3
        self._code(poster)
        foot = self._height_of_foot(poster)
        self._lines(poster.heading, poster.lines, BOTTOM - foot)
        self._y = BOTTOM - foot
        self._foot(poster)

    def _frame(self) -> None:
        self._paper.set_fill_color(*BRAND)
        self._paper.rect(0, 0, PAGE * self._scale, 8 * self._scale, style="F")
        self._paper.rect(0, 289 * self._scale, PAGE * self._scale, 8 * self._scale, style="F")

    def _title(self, title: str) -> None:
        """As large as it stands in the lines that its size may have."""
        for size, most in TITLES:
            lines = balanced(drawable(title), WIDTH, partial(self._measure, size))
            if len(lines) <= most:
                break
        for line in lines:
            self._line(line, size, centred=True, colour=BRAND, heavy=True)

    def _code(self, poster: Poster) -> None:
        matrix = segno.make(poster.address, error="q", micro=False).matrix
        width = QR_WIDTH if poster.lines else QR_ALONE
        module = width / (len(matrix) + 2 * QUIET)
        left, top = (PAGE - width) / 2 + QUIET * module, self._y + QUIET * module
        self._paper.set_fill_color(0, 0, 0)
        for row, column, length in _runs(matrix):
            x, y = left + column * module, top + row * module
            box = [each * self._scale for each in (x, y, length * module, module)]
            self._paper.rect(box[0], box[1], box[2], box[3], style="F")
        self._y += width
        self._text(poster.scan, 17, centred=True, colour=BRAND)
        if poster.typed:
            self._text(poster.typed, 11, centred=True, colour=SOFT)
        self._y += 3

    def _lines(self, heading: str, lines: Sequence[str], bottom: float) -> None:
        """The list at the largest size at which it fits; what does not even fit at the smallest ends with 等."""
        size = next((each for each in BODY_SIZES if self._height(heading, lines, each) <= bottom - self._y), None)
        shown, size = list(lines), size or BODY_SIZES[-1]
        while len(shown) > 1 and self._height(heading, shown, size) > bottom - self._y:
            shown = [*shown[:-2], "……"]
        if not shown:
            return
        self._text(heading, size + 1, colour=BRAND)
        for line in shown:
            self._text(line, size)

    def _height(self, heading: str, lines: Sequence[str], size: float) -> float:
        wrapped = sum(len(broken(drawable(line), WIDTH, partial(self._measure, size))) for line in lines)
        return wrapped * _line_height(size) + _line_height(size + 1) * bool(heading)

    def _height_of_foot(self, poster: Poster) -> float:
        large = sum(len(broken(drawable(line), WIDTH, partial(self._measure, 14))) for line in poster.foot)
        small = len(broken(drawable(poster.small), WIDTH, partial(self._measure, SMALL)))
        return large * _line_height(14) + small * _line_height(SMALL) + 5

    def _foot(self, poster: Poster) -> None:
        self._paper.set_draw_color(*BRAND)
        self._paper.set_line_width(0.4 * self._scale)
        self._paper.line(*(each * self._scale for each in (LEFT, self._y + 1, LEFT + WIDTH, self._y + 1)))
        self._y += 3
        for line in poster.foot:
            self._text(line, 14)
        self._text(poster.small, SMALL, colour=SOFT)

    def _text(self, text: str, size: float, *, centred: bool = False, colour: tuple[int, int, int] = INK) -> None:
        for line in broken(drawable(text), WIDTH, partial(self._measure, size)) if text else ():
            self._line(line, size, centred=centred, colour=colour)

    def _line(
        self, line: str, size: float, *, centred: bool, colour: tuple[int, int, int] = INK, heavy: bool = False
    ) -> None:
        x = (PAGE - self._measure(size, line)) / 2 if centred else LEFT
        baseline = self._y + size * MILLIMETRES_A_POINT * 1.08
        self._paper.set_text_color(*colour)
        self._paper.set_draw_color(*colour)
        from fpdf.enums import TextMode

        mode = TextMode.FILL_STROKE if heavy else TextMode.FILL
        with self._paper.local_context(text_mode=mode, line_width=0.3 * self._scale):
            self._paper.text(x * self._scale, baseline * self._scale, line)
        self._y += _line_height(size)

    def _measure(self, size: float, text: str) -> float:
        """The width in millimetres of A4."""
        self._paper.set_font("serif", size=size * self._scale)
        return float(self._paper.get_string_width(text, normalized=True)) / self._scale


def _runs(matrix: Sequence[Sequence[int]]) -> Iterator[tuple[int, int, int]]:
    """The dark modules as row, first column, how many: a run is one box, so that no hairline shows between them."""
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            length = 0
            while column + length < len(modules) and modules[column + length]:
                length += 1
            if length:
                yield row, column, length
            column += length or 1


def _line_height(size: float) -> float:
    return size * LEADING * MILLIMETRES_A_POINT
