"""The signals by which two texts are compared: each turns a text into terms, a term weighs what its rarity says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise

from nlu.lexicon import lexicon
from nlu.pinyin import sounds
from nlu.text import normalise
from nlu.words import cutter

MOST_PAIRED = 6  # concepts of one text that are paired; a text with more is a story, its pairs say little

Terms = Sequence[Sequence[str]]
"""The terms of a text, each once, by signal in the order of SIGNALS."""


def terms(text: str) -> Terms:
    """The terms of a text as somebody said it."""
    return terms_of(lexicon().essence(normalise(text)))


def terms_of(essence: str) -> Terms:
    """The terms of an essence (`Lexicon.essence`): its parts are cut by spaces, no term crosses one."""
    parts = essence.split()
    return [list(dict.fromkeys(of(parts))) for of in SIGNALS.values()]


def _characters(parts: Sequence[str]) -> Iterable[str]:
    return [gram for part in parts for gram in (*part, *[one + two for one, two in pairwise(part)])]


def _words(parts: Sequence[str]) -> Iterable[str]:
    stopwords, cut = lexicon().stopwords, cutter()
    return [word for part in parts for word in cut(part) if word not in stopwords]


def _pinyin(parts: Sequence[str]) -> Iterable[str]:
    sounded = map(sounds, parts)
    return [gram for part in sounded for gram in (*part, *[f"{one} {two}" for one, two in pairwise(part)])]


def _concepts(parts: Sequence[str]) -> Iterable[str]:
    concepts = lexicon().concepts_of("".join(parts))
    return [*concepts, *map("+".join, combinations(concepts[:MOST_PAIRED], 2))]


SIGNALS: dict[str, Callable[[Sequence[str]], Iterable[str]]] = {
    "characters": _characters, "words": _words, "pinyin": _pinyin, "concepts": _concepts,
}  # fmt: skip
