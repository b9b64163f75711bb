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

LONGEST_SYLLABLE = 6
_LETTERS = re.compile(r"([a-z]{2,})")
_CONFUSIONS = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"^n"), "l"),
    (re.compile(r"^hu(?=[aeo])"), "f"),
    (re.compile(r"^hui$"), "fei"),
    (re.compile(r"^hun$"), "fen"),
    (re.compile(r"^hu$"), "fu"),
    (re.compile(r"(?<=[iea])ng$"), "n"),
)


def syllables(text: str) -> list[str]:
    """One merged syllable a Chinese character; a letter or digit stays; everything else is a break, `""`."""
    return [_SOUNDS[character] for character in text]


def sounds(text: str) -> list[str]:
    """The syllables of a text, those that were typed in letters too: 行shi证 sounds like 行驶证.

    Letters that are no syllables (wifi) stand each for itself.
    """
    if not text.isascii() and not _LETTERS.search(text):
        return syllables(text)
    return [sound for part in _LETTERS.split(text) for sound in (_typed(part) if part.isascii() else syllables(part))]


@lru_cache(maxsize=4096)
def _typed(letters: str) -> list[str]:
    """Letters cut into the syllables they spell, the longest first; or one by one, when they don't spell any."""
    spelt: list[str] = []
    start = 0
    while start < len(letters):
        ends = range(min(len(letters), start + LONGEST_SYLLABLE), start + 1, -1)
        end = next((end for end in ends if letters[start:end] in _spellings()), 0)
        if not end:
            return syllables(letters)
        spelt.append(_merged(letters[start:end]))
        start = end
    return spelt


@lru_cache(maxsize=1)
def _spellings() -> frozenset[str]:
    """All syllables of the 3,755 common characters (GB 2312, level 1)."""
    common = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    return frozenset(lazy_pinyin(list(common.decode("gb2312", "ignore")), style=Style.NORMAL, v_to_u=False))


class _Sounds(dict[str, str]):
    """The syllable of each character that was ever asked for; there are some ten thousand."""

    def __missing__(self, character: str) -> str:
        self[character] = sound = _syllable(character)
        return sound


def _syllable(character: str) -> str:
    if not character.isalnum():
        return ""
    return _merged(lazy_pinyin(character, style=Style.NORMAL, v_to_u=False)[0])


def _merged(sound: str) -> str:
    for confused, merged in _CONFUSIONS:
        sound = confused.sub(merged, sound)
    return sound


_SOUNDS = _Sounds()
