"""What words mean the same: dialect to standard, what may be cut away, and which concepts a text names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from nlu.files import read_yaml

Groups = Mapping[str, Mapping[str, Iterable[str]]]


class Lexicon:
    """Standardises a normalised text for matching. The transcript keeps what was said."""

    def __init__(
        self, dialect: Groups, phrases: Iterable[str], chars: str, stopwords: frozenset[str], concepts: Concepts
    ) -> None:
        self._standard = {word: standard for group in dialect.values() for standard, words in group.items()
                          for word in words}  # fmt: skip
        self._dialect = _longest_first(self._standard)
        self._last = ("", "")
        self._filler = re.compile(f"{_longest_first(phrases).pattern}|[{chars}]|[^\\w]+")
        self.stopwords = stopwords
        self.concepts_of = concepts.of

    def standard(self, text: str) -> str:
        """Dialect and everyday words replaced by the catalogue's."""
        said, standard = self._last
        if said != text:  # one text is asked for several times in a row
            standard = self._dialect.sub(lambda word: self._standard[word[0]], text)
            self._last = (text, standard)
        return standard

    def replaced(self, text: str) -> dict[str, str]:
        """The words that `standard` replaces, with what they become; "" where they are dropped."""
        found = dict.fromkeys(word for word in self._dialect.findall(text) if word)
        return {word: self._standard[word] or "" for word in found}

    def essence(self, text: str) -> str:
        """The standard text without the aspect that is asked and without filler; spaces stand where they were.

        A text that is nothing but filler is given back whole: "多少钱" still has something to compare.
        """
        standard = self.standard(text)
        return " ".join(self._filler.sub(" ", standard).split()) or standard

    def cut_away(self, standard: str) -> list[str]:
        """The words of a standard text that `essence` leaves out: they tell how something is asked, not what about."""
        return [words for words in self._filler.findall(standard) if words.isalnum()]

    def says_nothing(self, text: str) -> bool:
        """Whether only an aspect or filler is left: "要带什么" is about whatever was talked of before."""
        return not set(self._filler.sub(" ", self.standard(text)).split()) - self.stopwords


class Concepts:
    """Words that name a concept, found in a text from left to right, the longest first."""

    def __init__(self, words_of: Mapping[str, Iterable[str]]) -> None:
        self._concepts: dict[str, list[str]] = {}
        for concept, words in words_of.items():
            for word in words:
                self._concepts.setdefault(word, []).append(concept)
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in self._concepts:
            lengths[word[0]].add(len(word))
        self._lengths = {first: sorted(each, reverse=True) for first, each in lengths.items()}

    def of(self, text: str) -> list[str]:
        """The concepts of the text, sorted, each once."""
        return sorted({concept for word in self._words_in(text) for concept in self._concepts[word]})

    def _words_in(self, text: str) -> Iterator[str]:
        end = 0
        for start, first in enumerate(text):
            if start < end or first not in self._lengths:
                continue
            words = (text[start : start + length] for length in self._lengths[first])
            if word := next((word for word in words if word in self._concepts), None):
                end = start + len(word)
                yield word


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon of `dialect.yml`, `aspects.yml` and `concepts.yml`."""
    aspects = read_yaml("aspects.yml")
    phrases = [phrase for group in aspects["phrases"] for phrase in group]
    stopwords = frozenset(aspects["stopwords"].split())
    return Lexicon(read_yaml("dialect.yml"), phrases, aspects["chars"], stopwords, Concepts(read_yaml("concepts.yml")))


def _longest_first(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
