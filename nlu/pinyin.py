"""How a text sounds to a speech recogniser that hears Hunan and Sichuan people.

Syllables without tones, in which the confusions of catalogue.md 6.3 fall together:
l/n, hu/f (户口 → 付口, 房 → 黄), zh/z ch/c sh/s, in/ing en/eng an/ang.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

# Homophones are compared character by character, so the 50 MB of phrase readings are not loaded.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin

_CONFUSIONS = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^n"), "l"),
    (re.compile(r"^hu(?=[aeo])"), "f"),
    (re.compile(r"^hui$"), "fei"),
    (re.compile(r"^hun$"), "fen"),
    (re.compile(r"^hu$"), "fu"),
    (re.compile(r"(?<=[iea])ng$"), "n"),
)


def syllables(text: str) -> tuple[str, ...]:
    """One merged syllable a Chinese character; a letter or digit stays; everything else is a break, `""`."""
    return tuple(map(_syllable, text))


@lru_cache(maxsize=30_000)
def _syllable(character: str) -> str:
    if not character.isalnum():
        return ""
    sound = lazy_pinyin(character, style=Style.NORMAL, v_to_u=False)[0]
    for confused, merged in _CONFUSIONS:
        sound = confused.sub(merged, sound)
    return str(sound)
