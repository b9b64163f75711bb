"""The titles and sayings of a few codes against a text, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.query import Query
from nlu.signals import SIGNALS

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

GROUPS = ("title", "saying")
SPECIFIC = 4.0  # an entry of one common character is contained in many texts; about the length of a two-word name


@dataclass(frozen=True, slots=True)
class Entries:
    """The terms of all entries, ordered by code, group and signal. A cell is one signal of one entry.

    `terms`: their numbers, one after the other; `cells`: the cell of each, counted within its code;
    `scales`: what a cell's shared weight is multiplied with for its cosine and for its share, shape (entries, 2,
    signals); `starts`: where each code's terms begin; `firsts`: where its entries do; `groups`: how many entries of
    each group a code has, shape (codes, groups).
    """

    terms: NDArray[np.int32]
    cells: NDArray[np.uint16]
    scales: NDArray[np.float32]
    starts: NDArray[np.int64]
    firsts: NDArray[np.int64]
    groups: NDArray[np.int64]

    @classmethod
    def of(
        cls, terms: NDArray[np.int32], sizes: NDArray[np.uint16], blocks: Positions, codes: int, rarity: Floats
    ) -> Entries:
        """Of entries in the order of their `blocks` (code * groups + group); `sizes`: terms by entry and signal.

        Raises ValueError when a code has more than 16,384 entries.
        """
        firsts = np.searchsorted(blocks, np.arange(codes + 1) * len(GROUPS))
        if len(blocks) and np.diff(firsts).max() * len(SIGNALS) > np.iinfo(np.uint16).max + 1:
            raise ValueError("a code has more entries than an index can hold")
        cells = np.repeat(np.arange(sizes.size), sizes.ravel())
        squares = np.bincount(cells, rarity[terms] ** 2, minlength=sizes.size).reshape(sizes.shape)
        lengths = np.sqrt(np.maximum(squares, 1e-9))
        scales = np.stack([1 / lengths, 1 / (lengths * (lengths + SPECIFIC))], axis=1).astype(np.float32)
        starts = np.concatenate(([0], np.cumsum(sizes.sum(axis=1, dtype=np.int64))))[firsts]
        within = cells - np.repeat(firsts[:-1] * len(SIGNALS), np.diff(starts))
        groups = np.bincount(blocks, minlength=codes * len(GROUPS)).reshape(codes, len(GROUPS))
        return cls(terms, within.astype(np.uint16), scales, starts, firsts, groups)

    def nearest(self, query: Query, codes: Positions, itself: Sequence[int] = ()) -> tuple[Floats, Floats]:
        """How near the text is to the best entry of these codes, in 0..1, as if the entries `itself` weren't there:
        the cosines, shape (codes, groups, signals), and the share of the entry that it contains, (codes, signals)."""
        firsts, lasts = self.firsts[codes], self.firsts[codes + 1]
        owned = [slice(*bounds) for bounds in zip(firsts.tolist(), lasts.tolist(), strict=True)]
        scales = np.concatenate([self.scales[each] for each in owned])
        shared = self._shared(query, codes, lasts - firsts).reshape(-1, 1, len(SIGNALS))
        if itself:
            shared[np.isin(np.concatenate([np.arange(each.start, each.stop) for each in owned]), itself)] = 0.0
        near = _best(shared * scales, self.groups[codes])
        return near[:, :, 0] / query.length, near[:, :, 1].max(axis=1)

    def cosines(self, query: Query, code: int) -> Floats:
        """How near the text is to each entry of one code: shape (entries, signals)."""
        first, last = self.firsts[code : code + 2].tolist()
        shared = self._shared(query, np.array([code]), np.array([last - first])).reshape(-1, len(SIGNALS))
        return np.asarray(shared * self.scales[first:last, 0] / query.length)

    def _shared(self, query: Query, codes: Positions, entries: Positions) -> Floats:
        """The weight of the terms that the text shares with each cell of these codes."""
        starts, ends = self.starts[codes], self.starts[codes + 1]
        parts = [slice(*bounds) for bounds in zip(starts.tolist(), ends.tolist(), strict=True)]
        terms = np.concatenate([self.terms[part] for part in parts])
        cells = np.concatenate([self.cells[part] for part in parts])
        weights = np.zeros(max(int(terms.max(initial=0)), int(query.terms.max(initial=0))) + 1)
        weights[query.terms] = query.rarity**2
        weights = weights[terms]
        hits = np.flatnonzero(weights)
        code = np.searchsorted(np.cumsum(ends - starts), hits, "right")
        offsets = (np.cumsum(entries) - entries) * len(SIGNALS)
        shared = np.bincount(cells[hits] + offsets[code], weights[hits], int(entries.sum()) * len(SIGNALS))
        return np.asarray(shared, dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write each column as a `.npy` file."""
        for field in fields(self):
            np.save(folder / f"entries_{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> Entries:
        """The columns stay on disk and are read where they are needed. Raises FileNotFoundError, ValueError."""
        loaded = (np.load(folder / f"entries_{field.name}.npy", mmap_mode="r") for field in fields(cls))
        return cls(*map(np.asarray, loaded))


def _best(scores: Floats, groups: Positions) -> Floats:
    """The best score of each group of each code: scores of entries, shape (entries, …) → (codes, groups, …)."""
    sizes = groups.ravel()
    best = np.zeros((len(sizes), *scores.shape[1:]))
    filled = np.flatnonzero(sizes)
    if len(filled):
        best[filled] = np.maximum.reduceat(scores, (np.cumsum(sizes) - sizes)[filled], axis=0)
    return best.reshape(len(groups), len(GROUPS), *scores.shape[1:])
