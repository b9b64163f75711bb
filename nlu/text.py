"""What a resident typed, made fit to be understood, and made fit to be shown or logged."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import opencc

from nlu.entities.spoken import in_figures

LONGEST, BEGINNING = 300, 100
"""Characters that are looked at, and how many of them are from the beginning of a longer text."""

CARD_DIGITS = 13  # the shortest card number; a region code has twelve digits

# What nearly all is typed in; of these only the full-width marks change, if the characters are simplified.
_COMMON = re.compile(r"[\u4e00-\u9fa50-9a-zA-Z、。，？！：；（） ,.?!:;()-]+")
_HALF_WIDTH = str.maketrans("，？！：；（）", ",?!:;()")
_WHITESPACE = re.compile(r"\s+")
# The same characters people put between digits when they dictate or copy a number.
_DIGIT_RUN = re.compile(r"(?<!\d)(?:\d{11,}|\d(?:[ \-—]?\d){10,})(?:[ \-—]?[xX](?![A-Za-z]))?(?!\d)")
_OWN_NUMBER = re.compile(
    r"(?:[,，、]?[我他她]?的?(?:身份证|手机|(?:联系)?电话|联系方式|(?:银行)?卡)?(?:号码|号)?[就都]?[是为]?[:：]? *)?"
    + _DIGIT_RUN.pattern
)
_ID_NUMBER = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d)\d{4}(\d{4})")
_PERSONAL = re.compile(rf"{_ID_NUMBER.pattern}|{_MOBILE.pattern}")


@lru_cache(maxsize=1024)
def normalise(text: str) -> str:
    """Simplified, half-width, lower-case, without emoji and control characters, whitespace folded. Idempotent."""
    if _COMMON.fullmatch(text) and _traditional().isdisjoint(text):
        return " ".join(
            text.translate(_HALF_WIDTH).lower().split()
        )  # most sentences; what follows takes ten times as long
    while (plain := _plain(text)) != text:
        text = plain
    return text


def is_blank(text: str) -> bool:
    """Whether nothing was said: only emoji, punctuation, whitespace or nothing at all."""
    return not any(character.isalnum() for character in normalise(text))


def shortened(text: str) -> str:
    """A text that is too long to be looked at whole: its beginning, where a notice says what it is about, and its
    end, where a story comes to what is wanted."""
    return text if len(text) <= LONGEST else f"{text[:BEGINNING]}，{text[BEGINNING - LONGEST + 1 :]}"


def mask_personal(text: str) -> str:
    """ID numbers as 430423********1234, mobile numbers as 138****1234, card-like digit runs as ****1234.

    So are numbers said digit by digit (幺三八…).
    Shapes after catalogue.md 5.9. Twelve-digit region codes and case numbers with letters stay as they are.
    """
    return _DIGIT_RUN.sub(_masked, in_figures(text, _PERSONAL))


def without_own_numbers(text: str) -> str:
    """The text without ID, telephone and card numbers and the words that announce them (我的身份证是 …).

    They say nothing about what is wanted. A text that is nothing else is given back whole.
    """
    written = in_figures(text, _PERSONAL)
    if not _DIGIT_RUN.search(written):
        return text
    said = _OWN_NUMBER.sub(_dropped, written)
    return text if is_blank(said) else said


def tells_secret_number(text: str) -> bool:
    """Whether the text has an ID or card number in it: nobody needs to say one here. A telephone number is none."""
    return any(_is_secret(_digits(run[0])) for run in _DIGIT_RUN.finditer(in_figures(text, _PERSONAL)))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    spoken = "".join(filter(None, map(_spoken, folded)))
    return _WHITESPACE.sub(" ", str(_simplifier().convert(spoken))).strip()


@lru_cache(maxsize=8192)
def _spoken(character: str) -> str:
    """The character if it can be said; a space for a control character; nothing for emoji, marks, invisible ones."""
    category = unicodedata.category(character)
    if category == "Cc" or category.startswith("Z"):
        return " "
    return "" if category[0] in "CM" or category in {"So", "Sk"} else character


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; the rest stays."""
    return str(_simplifier().convert(text))


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """The common characters that are written otherwise when they are simplified."""
    common = "".join(map(chr, range(0x4E00, 0x9FA6)))
    return frozenset(character for character in common if _simplifier().convert(character) != character)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


def _masked(run: re.Match[str]) -> str:
    digits = _digits(run[0])
    if _ID_NUMBER.fullmatch(digits):
        return f"{digits[:6]}********{digits[-4:]}"
    if mobile := _MOBILE.fullmatch(digits):
        return f"{mobile[1]}****{mobile[2]}"
    return f"****{digits[-4:]}" if len(digits) >= CARD_DIGITS else run[0]


def _digits(run: str) -> str:
    return unicodedata.normalize("NFKC", re.sub(r"[ \-—]", "", run)).upper()


def _dropped(told: re.Match[str]) -> str:
    return told[0] if mask_personal(told[0]) == told[0] else " "


def _is_secret(digits: str) -> bool:
    return len(digits) >= CARD_DIGITS and not _MOBILE.fullmatch(digits)
