"""Where a line of Chinese may end: anywhere, but not inside a number or a word, and not before a closing mark."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile

PIECE = re.compile(r"[!-~]+|.", re.DOTALL)
NOT_AT_THE_START = frozenset("，。、；：？！）》〉」』】”’％℃㎡…—,.;:?!)%")
NOT_AT_THE_END = frozenset("（《〈「『【“‘(□■")

Measure = Callable[[str], float]


def broken(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of a text, none wider than `width` as long as one character fits; at least one line."""
    return [line for part in text.split("\n") for line in _lines(part, width, measure)]


def balanced(text: str, width: float, measure: Measure) -> list[str]:
    """The same for a label: as many lines, but of about one length, so that no character stands alone."""
    lines = broken(text, width, measure)
    narrower = (broken(text, width * share / 20, measure) for share in range(20, 4, -1))
    return list(takewhile(lambda each: len(each) == len(lines), narrower))[-1]


def longest_run(text: str, measure: Measure) -> float:
    """The width of the widest piece that should not be broken: a number, a word."""
    return max((measure(piece) for piece in _pieces(text)), default=0.0)


def _lines(text: str, width: float, measure: Measure) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if line and measure(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
            piece = piece.lstrip()
        while measure(piece) > width and len(piece) > 1:
            fitting = _fitting(piece, width, measure)
            lines.append(piece[:fitting])
            piece = piece[fitting:]
        line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str) -> list[str]:
    """What stays together: a run of Latin letters and digits, a mark with the character that it belongs to."""
    pieces: list[str] = []
    for piece in PIECE.findall(text):
        belongs = piece[0] in NOT_AT_THE_START or (pieces and pieces[-1][-1] in NOT_AT_THE_END)
        if pieces and belongs:
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _fitting(piece: str, width: float, measure: Measure) -> int:
    """How many characters of a piece fit; at least one."""
    return next((count - 1 for count in range(2, len(piece) + 1) if measure(piece[:count]) > width), len(piece))
