"""A text as the index sees it: the terms that the index knows, what they weigh, and how much it doesn't know."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.signals import SIGNALS, Terms

Floats = NDArray[np.float64]
LEAST = 1e-9  # instead of nothing, where something is divided by it


@dataclass(frozen=True, slots=True)
class Query:
    """`terms`: positions in the vocabulary, those of the first signal first; `sizes`: how many of each signal;
    `rarity` of each. By signal: `mass` is the sum of the rarities of all terms, the unknown ones too, `length` the
    root of the sum of their squares."""

    terms: NDArray[np.intp]
    sizes: list[int]
    rarity: Floats
    mass: Floats
    length: Floats


class Vocabulary:
    """The terms of an index, numbered over all signals."""

    def __init__(self, terms: Sequence[dict[str, int]] | None = None) -> None:
        self._terms: Sequence[dict[str, int]] = terms or [{} for _ in SIGNALS]
        self._rarity = array("d")  # a list of a province's would take 12 MB
        self._unknown = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._terms))

    def add(self, terms: Terms) -> list[list[int]]:
        """The numbers of these terms, new ones for terms that were not known."""
        size = len(self)
        numbers: list[list[int]] = []
        for known, texts in zip(self._terms, terms, strict=True):
            row: list[int] = []
            for text in texts:
                if (number := known.get(text)) is None:
                    number = known[text] = size
                    size += 1
                row.append(number)
            numbers.append(row)
        return numbers

    def weigh(self, found: NDArray[np.int64], codes: int) -> None:
        """Terms weigh what their rarity says: `found` is how many of the codes each one is of."""
        self._rarity = array("d", np.log1p(codes / np.maximum(found, 1)).tolist())
        self._unknown = float(np.log1p(codes))

    @property
    def rarity(self) -> Floats:
        """What each term weighs."""
        return np.array(self._rarity)

    def query(self, terms: Terms) -> Query:
        """The known ones of these terms; what is unknown weighs what the rarest would."""
        known: list[int] = []
        weights: list[float] = []
        sizes, mass, length = [], [], []
        for numbers, texts in zip(self._terms, terms, strict=True):
            found = [number for text in texts if (number := numbers.get(text)) is not None]
            rarity, unknown = [self._rarity[number] for number in found], len(texts) - len(found)
            known += found
            weights += rarity
            sizes.append(len(found))
            mass.append(max(sum(rarity) + unknown * self._unknown, LEAST))
            length.append(sqrt(max(sum([each * each for each in rarity]) + unknown * self._unknown**2, LEAST)))
        return Query(np.array(known, dtype=np.intp), sizes, np.array(weights), np.array(mass), np.array(length))

    def save(self, folder: Path) -> None:
        """Write the terms, a line each in the order of their numbers, and their rarity."""
        lines = {
            number: f"{signal}{text}" for signal, known in enumerate(self._terms) for text, number in known.items()
        }
        (folder / "terms.txt").write_text("\n".join(lines[number] for number in sorted(lines)), encoding="utf-8")
        np.save(folder / "rarity.npy", np.array([*self._rarity, self._unknown]))

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Raises FileNotFoundError, ValueError."""
        loaded = cls(_numbered((folder / "terms.txt").read_text(encoding="utf-8").split("\n")))
        loaded._rarity = array("d", np.load(folder / "rarity.npy").tobytes())
        loaded._unknown = loaded._rarity.pop()
        return loaded


def _numbered(lines: Iterable[str]) -> list[dict[str, int]]:
    terms: list[dict[str, int]] = [{} for _ in SIGNALS]
    for number, line in enumerate(lines):
        terms[int(line[0])][line[1:]] = number
    return terms
