"""Which codes contain a term: how much of a text each code covers, and so the few codes that it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.query import Query
from nlu.signals import SIGNALS

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

MOST_READ = 10_000
"""Postings that are read for one text, the rarest terms first: bounds the time however large the catalogue is."""

MOST_CODES = 5_000
"""A term of more codes than this tells little; its postings aren't kept."""

_COUNTED = 0xFF  # entries of a code that have a term are counted up to here
_CODE_BITS = 8
_SATURATED = np.arange(_COUNTED + 1) / (np.arange(_COUNTED + 1) + 0.5)
"""The first entry of a code that has a term says most, the tenth little."""


@dataclass(frozen=True, slots=True)
class Postings:
    """`packed`: a code and in its last 8 bits how many of its entries have the term; `rows`: where a term's begin."""

    rows: list[int]
    packed: NDArray[np.int64]
    codes: int

    @classmethod
    def of(cls, pairs: Positions, counts: Positions, found: Positions, codes: int) -> Postings:
        """Of the sorted pairs (term * codes + code) and how many entries each has; `found`: codes of each term."""
        kept = (found <= MOST_CODES)[pairs // codes]
        rows = np.concatenate(([0], np.cumsum(np.where(found <= MOST_CODES, found, 0))))
        return cls(rows.tolist(), (pairs[kept] % codes << _CODE_BITS) | np.minimum(counts[kept], _COUNTED), codes)

    def coverage(self, query: Query, itself: Positions | None = None) -> Floats:
        """The share of the text's terms that each code has, by signal: shape (signals, codes).

        `itself`: how many entries of each code are left out because they are this very text.
        """
        parts, sizes = self._parts(query)
        packed = np.concatenate(parts) if parts else self.packed[:0]
        codes, counts = packed >> _CODE_BITS, packed & _COUNTED
        if itself is not None:
            counts = np.maximum(counts - itself[codes], 0)
        signal = np.repeat(np.arange(len(SIGNALS)) * self.codes, query.sizes)
        weights = np.repeat(query.rarity, sizes) * _SATURATED[counts]
        shares = np.bincount(np.repeat(signal, sizes) + codes, weights, len(SIGNALS) * self.codes)
        return shares.reshape(len(SIGNALS), -1) / query.mass[:, None]

    def _parts(self, query: Query) -> tuple[list[NDArray[np.int64]], list[int]]:
        """The postings of each term, and how many they are: none of the commonest terms, when all are too many."""
        rows, terms = self.rows, query.terms.tolist()
        sizes = [rows[term + 1] - rows[term] for term in terms]
        if sum(sizes) > MOST_READ:
            sizes = _rarest(sizes)
        return [self.packed[rows[term] : rows[term] + size] for term, size in zip(terms, sizes, strict=True)], sizes

    def save(self, folder: Path) -> None:
        """Write both columns as `.npy` files."""
        np.save(folder / "postings_rows.npy", np.array([*self.rows, self.codes]))
        np.save(folder / "postings.npy", self.packed)

    @classmethod
    def load(cls, folder: Path) -> Postings:
        """Raises FileNotFoundError, ValueError."""
        *rows, codes = np.load(folder / "postings_rows.npy").tolist()
        return cls(rows, np.asarray(np.load(folder / "postings.npy", mmap_mode="r")), codes)


def best(scores: Floats, most: int) -> Positions:
    """The positions of the `most` best scores that are more than nothing, in no order."""
    near = np.flatnonzero(scores > scores.max(initial=0.0) * 0.3)  # a partition of 100,000 would take a millisecond
    return near if len(near) <= most else near[np.argpartition(-scores[near], most)[:most]]


def _rarest(sizes: Sequence[int]) -> list[int]:
    """The sizes, with 0 for the largest ones once MOST_READ is reached."""
    read, kept = 0, [0] * len(sizes)
    for place in sorted(range(len(sizes)), key=sizes.__getitem__):
        read += sizes[place]
        if read > MOST_READ:
            break
        kept[place] = sizes[place]
    return kept
