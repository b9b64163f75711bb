"""What a resident typed, made fit to be understood, and made fit to be shown or logged."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import opencc

CARD_DIGITS = 13  # the shortest card number; a region code has twelve digits

_WHITESPACE = re.compile(r"\s+")
# The same characters people put between digits when they dictate or copy a number.
_DIGIT_RUN = re.compile(r"(?<!\d)(?:\d{11,}|\d(?:[ \-—]?\d){10,})(?:[ \-—]?[xX](?![A-Za-z]))?(?!\d)")
_ID_NUMBER = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d)\d{4}(\d{4})")


def normalise(text: str) -> str:
    """Simplified, half-width, lower-case, without emoji and control characters, whitespace folded. Idempotent."""
    while (plain := _plain(text)) != text:
        text = plain
    return text


def is_blank(text: str) -> bool:
    """Whether nothing was said: only emoji, punctuation, whitespace or nothing at all."""
    return not any(character.isalnum() for character in normalise(text))


def mask_personal(text: str) -> str:
    """ID numbers as 430423********1234, mobile numbers as 138****1234, card-like digit runs as ****1234.

    Shapes after catalogue.md 5.9. Twelve-digit region codes and case numbers with letters stay as they are.
    """
    return _DIGIT_RUN.sub(_masked, text)


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


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


def _masked(run: re.Match[str]) -> str:
    digits = unicodedata.normalize("NFKC", re.sub(r"[ \-—]", "", run[0])).upper()
    if _ID_NUMBER.fullmatch(digits):
        return f"{digits[:6]}********{digits[-4:]}"
    if mobile := _MOBILE.fullmatch(digits):
        return f"{mobile[1]}****{mobile[2]}"
    return f"****{digits[-4:]}" if len(digits) >= CARD_DIGITS else run[0]
