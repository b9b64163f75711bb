"""Postings of all signals: which entries contain a term, and how near a text comes to every entry at once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Terms = Mapping[str, Sequence[str]]

SATURATION = 0.5  # the first entry of a code that has a term says most, the tenth little
SPECIFIC = 4.0  # an entry of one common character is contained in many texts; about the length of a two-word name


@dataclass(frozen=True, slots=True)
class Nearness:
    """By signal: `cosine` to and share `contained` of each entry, shape (signals, entries);
    `coverage` of the text by each code, shape (signals, codes). All in 0..1."""

    cosine: Floats
    contained: Floats
    coverage: Floats


class Postings:
    """An inverted index over `found`, the terms of each entry; `targets[i]` is the position of entry i's code."""

    def __init__(self, found: Iterable[Terms], signals: Sequence[str], targets: Positions, codes: int) -> None:
        self._signals, self._targets, self._codes, self._entries = tuple(signals), targets, codes, len(targets)
        self._term: dict[tuple[str, str], int] = {}
        terms, slots, entries = self._listed(found)
        size = len(self._term)
        self._slot_rows, self._slots = _grouped(terms, slots.astype(np.int32), size)
        pairs, counts = np.unique(terms * codes + targets[entries], return_counts=True)
        self._code_rows = _row_starts(pairs // codes, size)
        self._code_of, self._counts = (pairs % codes).astype(np.int32), counts.astype(np.float32)
        self._rarity = np.log1p(codes / np.maximum(np.diff(self._code_rows), 1))
        self._unknown = float(np.log1p(codes))
        length = np.bincount(slots, self._rarity[terms] ** 2, minlength=len(self._signals) * self._entries)
        self._lengths = np.sqrt(np.maximum(length, 1e-9)).reshape(len(self._signals), -1)
        self._specific = 1 / (self._lengths * (self._lengths + SPECIFIC))

    def nearness(self, text_terms: Terms, itself: Positions) -> Nearness:
        """How near the text is to each entry and code, as if the entries `itself` were not there."""
        known, signal = self._known(text_terms)
        rarity = self._rarity[known]
        unknown = self._unknown * np.array([len(text_terms[name]) for name in self._signals])
        unknown -= self._unknown * np.bincount(signal, minlength=len(self._signals))
        shared = self._shared(known, rarity)
        shared[:, itself] = 0.0
        squares = np.bincount(signal, rarity**2, minlength=len(self._signals)) + unknown * self._unknown
        lengths = self._lengths * np.sqrt(np.maximum(squares, 1e-9))[:, None]
        whole = np.bincount(signal, rarity, minlength=len(self._signals)) + unknown
        covered = self._covered(known, signal, rarity, itself) / np.maximum(whole, 1e-9)[:, None]
        return Nearness(shared / lengths, shared * self._specific, covered)

    def _listed(self, found: Iterable[Terms]) -> tuple[Positions, Positions, Positions]:
        """Three parallel columns: term, slot (an entry's place in a signal), entry."""
        terms, slots, entries = array("i"), array("i"), array("i")  # a million rows as tuples would take 100 MB
        for entry, each in enumerate(found):
            for place, signal in enumerate(self._signals):
                terms.extend(self._term.setdefault((signal, term), len(self._term)) for term in each[signal])
                slots.extend([place * self._entries + entry] * len(each[signal]))
                entries.extend([entry] * len(each[signal]))
        return _positions(terms), _positions(slots), _positions(entries)

    def _known(self, text_terms: Terms) -> tuple[Positions, Positions]:
        """The terms that the index has, and the place of each one's signal."""
        found = [
            (position, place)
            for place, signal in enumerate(self._signals)
            for term in text_terms[signal]
            if (position := self._term.get((signal, term))) is not None
        ]
        known, signal = np.array(found, dtype=np.intp).reshape(-1, 2).T
        return known, signal

    def _shared(self, known: Positions, rarity: Floats) -> Floats:
        where, repeats = _slices(self._slot_rows, known)
        shared = np.bincount(self._slots[where], np.repeat(rarity**2, repeats), minlength=self._lengths.size)
        return np.asarray(shared.reshape(self._lengths.shape), dtype=np.float64)

    def _covered(self, known: Positions, signal: Positions, rarity: Floats, itself: Positions) -> Floats:
        where, repeats = _slices(self._code_rows, known)
        codes, counts = self._code_of[where], self._counts[where]
        if len(itself):
            counts = counts - np.bincount(self._targets[itself], minlength=self._codes)[codes]
        weights = np.repeat(rarity, repeats) * counts / (counts + SATURATION)
        slots = codes + np.repeat(signal * self._codes, repeats)
        covered = np.bincount(slots, weights, minlength=len(self._signals) * self._codes)
        return np.asarray(covered.reshape(-1, self._codes), dtype=np.float64)


def _positions(numbers: array[int]) -> Positions:
    return np.array(numbers, dtype=np.intp)


def _grouped(keys: Positions, values: NDArray[np.int32], size: int) -> tuple[Positions, NDArray[np.int32]]:
    """Row starts and the values ordered by key."""
    return _row_starts(keys, size), values[np.argsort(keys, kind="stable")]


def _row_starts(keys: Positions, size: int) -> Positions:
    return np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=size))))


def _slices(rows: Positions, wanted: Positions) -> tuple[Positions, Positions]:
    """The positions of all values in the wanted rows, and how many each row has."""
    starts, repeats = rows[wanted], rows[wanted + 1] - rows[wanted]
    ends = np.cumsum(repeats)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + repeats, repeats), repeats
