"""Words that point to what a person does with a sentence (`data/cues.yml`), found by their characters or their sound.

材料 says that papers are asked about; so does 才料, as a speech recogniser hears it. A word of any matter
(`concepts.yml`) is the cue `matter`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, combinations, pairwise

from nlu.entities.numerals import CHARACTERS
from nlu.files import read_yaml
from nlu.lexicon import lexicon
from nlu.pinyin import syllables
from nlu.text import normalise

MATTER = "matter"
SHORTEST, LONGEST_SOUND = 2, 5
"""How many syllables a word must have to be known by its sound, and how many are looked at."""

_SILENT = re.compile(r"[^\w]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_NUMERAL = re.compile(f"[{CHARACTERS}]+")
"""A number is never a word that was heard wrongly: 七十 sounds like 气死."""
_START, _END = ("^",), ("$",)
Cues = tuple[str, ...]


class CueFinder:
    """Finds cues from left to right: the longest word first, and where none is written, the longest that is heard."""

    def __init__(self, words_of: Mapping[str, Iterable[str]], matters: Iterable[str]) -> None:
        self._written: dict[str, Cues] = {}
        for cue, words in words_of.items():
            for word in filter(None, map(plain, map(str, words))):
                self._written[word] = (*self._written.get(word, ()), cue)
        self._heard = self._by_sound()
        for word in matters:
            if len(word) >= SHORTEST:
                self._written.setdefault(word, (MATTER,))
        self._longest = max(map(len, self._written), default=0)

    def of(self, text: str) -> list[Cues]:
        """The cues of a plain text in their order; a word may be several."""
        return list(self._found(text, syllables(text)))

    def _found(self, text: str, sounds: list[str]) -> Iterator[Cues]:
        start = 0
        while start < len(text):
            length, cues = self._written_at(text, start)
            if length < SHORTEST:
                length, cues = self._heard_at(text, sounds, start) or (length, cues)
            if cues:
                yield cues
            start += length or 1

    def _written_at(self, text: str, start: int) -> tuple[int, Cues]:
        for length in range(min(self._longest, len(text) - start), 0, -1):
            if cues := self._written.get(text[start : start + length]):
                return length, cues
        return 0, ()

    def _heard_at(self, text: str, sounds: list[str], start: int) -> tuple[int, Cues] | None:
        for length in range(min(LONGEST_SOUND, len(sounds) - start), SHORTEST - 1, -1):
            cues = self._heard.get(tuple(sounds[start : start + length]))
            if cues and not _NUMERAL.fullmatch(text, start, start + length):
                return length, cues
        return None

    def _by_sound(self) -> dict[tuple[str, ...], Cues]:
        heard: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word, cues in self._written.items():
            if len(word) >= SHORTEST and _CHINESE.fullmatch(word):
                heard[tuple(syllables(word))] += cues
        return {sound: tuple(dict.fromkeys(cues)) for sound, cues in heard.items()}


def plain(text: str) -> str:
    """The text in standard words, without anything that is not said."""
    return _SILENT.sub("", lexicon().standard(normalise(text)))


def cues_of(text: str) -> list[Cues]:
    """The cues of a plain text in their order."""
    return _finder().of(text)


def names_matter(text: str) -> bool:
    """Whether a word of some matter (concepts.yml) is in a text."""
    return any(MATTER in cues for cues in cues_of(plain(text)))


def cue_terms(text: str) -> set[str]:
    """What a classifier sees of a plain text's cues: each, each that follows another, and each two together."""
    found = cues_of(text)
    single = sorted(set(chain(*found)))
    following = {
        f"cue {one}>{two}" for left, right in pairwise([_START, *found, _END]) for one in left for two in right
    }
    together = {f"cue {one}+{two}" for one, two in combinations(single, 2)}
    return {f"cue {cue}" for cue in single} | following | together


@lru_cache(maxsize=1)
def _finder() -> CueFinder:
    return CueFinder(read_yaml("data/cues.yml"), chain(*read_yaml("concepts.yml").values()))
