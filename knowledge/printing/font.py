"""The font of what is printed: Noto Serif SC (OFL), in the look of a printed form, from a package.

It has all 27,584 characters of the basic block and extension A, and those of later extensions that stand in the list of
common standard characters (通用规范汉字表), so nearly every name of a resident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn

PATH: Path = pylopdf_fonts_zh_cn.serif_path()

MISSING = "〓"
"""What printers set for a character that they have not (缺字)."""

# invisible signs that a telephone's keyboard sends along, and everything that would break a line by itself
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
BLANK = re.compile(r"[\t\r\x0b\x0c\xa0\u2028\u2029]")


def drawable(text: str) -> str:
    """The text as it can be drawn: without invisible signs, with MISSING for what the font has not."""
    return "".join(sign if sign == "\n" or ord(sign) in characters() else MISSING for sign in cleaned(text))


def undrawable(texts: Iterable[str]) -> str:
    """The characters of these texts that cannot be drawn, each once, in their order."""
    signs = (sign for text in texts for sign in cleaned(text) if sign != "\n" and ord(sign) not in characters())
    return "".join(dict.fromkeys(signs))


def cleaned(text: str) -> str:
    """The text without signs that nobody sees."""
    return BLANK.sub(" ", INVISIBLE.sub("", text))


@lru_cache(maxsize=1)
def characters() -> frozenset[int]:
    """The code points that the font can draw."""
    from fontTools.ttLib import TTFont  # only now: see `making.py`

    with TTFont(PATH, lazy=True) as font:
        return frozenset(font.getBestCmap())
