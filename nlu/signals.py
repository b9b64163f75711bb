"""The signals by which two texts are compared: each turns a text into terms, a term weighs what its rarity says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from nlu.lexicon import lexicon
from nlu.pinyin import syllables
from nlu.text import normalise
from nlu.words import tokenizer

LONGEST_GRAM = 3
MOST_PAIRED = 8  # concepts of one text that are paired; a text with more is a story, its pairs say little


def terms(text: str) -> dict[str, tuple[str, ...]]:
    """The terms of a text by signal, each once."""
    essence = lexicon().essence(normalise(text))
    return {signal: tuple(dict.fromkeys(of(essence))) for signal, of in SIGNALS.items()}


def _characters(essence: str) -> Iterator[str]:
    for part in essence.split():
        yield from _grams(part, 1)


def _words(essence: str) -> Iterator[str]:
    stopwords = lexicon().stopwords
    return (word for word in tokenizer().words(essence) if word != " " and word not in stopwords)


def _pinyin(essence: str) -> Iterator[str]:
    for part in essence.split():
        yield from _grams(syllables(part), 1)


def _concepts(essence: str) -> Iterator[str]:
    concepts = lexicon().concepts_of(essence.replace(" ", ""))
    yield from concepts
    yield from map("+".join, combinations(concepts[:MOST_PAIRED], 2))


def _grams(parts: Sequence[str], shortest: int) -> Iterator[str]:
    for length in range(shortest, LONGEST_GRAM + 1):
        for start in range(len(parts) - length + 1):
            yield " ".join(parts[start : start + length])


SIGNALS: dict[str, Callable[[str], Iterator[str]]] = {
    "characters": _characters, "words": _words, "pinyin": _pinyin, "concepts": _concepts,
}  # fmt: skip
