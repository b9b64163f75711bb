"""Which codes contain a term: how much of a text each code covers, and so the few codes that it may mean."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.query import Query
from nlu.signals import SIGNALS

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

LEAST_READ, MOST_READ = 10_000, 30_000
"""Postings that are read for one text, the rarest terms first: a third as many as there are codes, within these
bounds. At 100,000 matters 30,000 find the right one a third more often than 10,000; more find no more."""

MOST_CODES = 5_000
"""A term of more codes than this tells little; its postings aren't kept."""

_COUNTED = 0xFF  # entries of a code that have a term are counted up to here
_CODE_BITS = 8
_SIGNALS = np.arange(len(SIGNALS))
_SATURATED = np.arange(_COUNTED + 1) / (np.arange(_COUNTED + 1) + 0.5)
"""The first entry of a code that has a term says most, the tenth little."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What the codes share with a text, a row a term and code: its signal, and the share of that signal's terms."""

    codes: NDArray[np.int64]
    signals: NDArray[np.int64]
    shares: Floats
    size: int

    def nearest(self, telling: Floats, most: int) -> Positions:
        """The codes that share most, each signal counting what it tells; in no order."""
        scores = np.bincount(self.codes, self.shares * telling[self.signals], self.size)
        return best(scores.astype(np.float64, copy=False), most)

    def of(self, codes: Positions) -> Floats:
        """The share of the text's terms that each of these codes has, by signal: shape (codes, signals)."""
        place = np.full(self.size, -1, dtype=np.int16)
        place[codes] = np.arange(len(codes))
        places = place[self.codes]
        hits = np.flatnonzero(places >= 0)
        cells = places[hits] * len(SIGNALS) + self.signals[hits]
        shares = np.bincount(cells, self.shares[hits], len(codes) * len(SIGNALS))
        return np.asarray(shares, dtype=np.float64).reshape(-1, len(SIGNALS))


@dataclass(frozen=True, slots=True)
class Postings:
    """`packed`: a code and in its last 8 bits how many of its entries have the term; `rows`: where a term's begin."""

    rows: array[int]  # plain numbers in 8 bytes each: a list of a province's would take 15 MB
    packed: NDArray[np.int64]
    codes: int

    @classmethod
    def of(cls, pairs: Positions, counts: Positions, found: Positions, codes: int) -> Postings:
        """Of the sorted pairs (term * codes + code) and how many entries each has; `found`: codes of each term."""
        kept = (found <= MOST_CODES)[pairs // codes]
        rows = np.concatenate(([0], np.cumsum(np.where(found <= MOST_CODES, found, 0))))
        packed = (pairs[kept] % codes << _CODE_BITS) | np.minimum(counts[kept], _COUNTED)
        return cls(array("q", rows.tolist()), packed, codes)

    def covered(self, query: Query, itself: Positions | None = None) -> Covered:
        """How much of the text's terms the codes share.

        `itself`: how many entries of each code are left out because they are this very text.
        """
        parts, sizes = self._parts(query)
        packed = np.concatenate(parts) if parts else self.packed[:0]
        codes, counts = packed >> _CODE_BITS, packed & _COUNTED
        if itself is not None:
            counts = np.maximum(counts - itself[codes], 0)
        signals = np.repeat(_SIGNALS, query.sizes)
        weights = np.repeat(query.rarity / query.mass[signals], sizes) * _SATURATED[counts]
        return Covered(codes, np.repeat(signals, sizes), weights, self.codes)

    def _parts(self, query: Query) -> tuple[list[NDArray[np.int64]], list[int]]:
        """The postings of each term, and how many they are: none of the commonest terms, when all are too many."""
        rows, terms = self.rows, query.terms.tolist()
        sizes = [rows[term + 1] - rows[term] for term in terms]
        most = min(max(LEAST_READ, self.codes // 3), MOST_READ)
        if sum(sizes) > most:
            sizes = _rarest(sizes, most)
        return [self.packed[rows[term] : rows[term] + size] for term, size in zip(terms, sizes, strict=True)], sizes

    def save(self, folder: Path) -> None:
        """Write both columns as `.npy` files."""
        np.save(folder / "postings_rows.npy", np.array([*self.rows, self.codes], dtype=np.int64))
        np.save(folder / "postings.npy", self.packed)

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Raises FileNotFoundError, ValueError."""
        rows = array("q", np.load(folder / "postings_rows.npy").tobytes())
        codes = rows.pop()
        return cls(rows, np.asarray(np.load(folder / "postings.npy", mmap_mode="r")), codes)


def best(scores: Floats, most: int) -> Positions:
    """The positions of the `most` best scores that are more than nothing, in no order."""
    near = np.flatnonzero(scores > scores.max(initial=0.0) * 0.3)  # a partition of 100,000 would take a millisecond
    return near if len(near) <= most else near[np.argpartition(-scores[near], most)[:most]]


def _rarest(sizes: Sequence[int], most: int) -> list[int]:
    """The sizes, with 0 for the largest ones once so many are reached."""
    read, kept = 0, [0] * len(sizes)
    for place in sorted(range(len(sizes)), key=sizes.__getitem__):
        read += sizes[place]
        if read > most:
            break
        kept[place] = sizes[place]
    return kept
