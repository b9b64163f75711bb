"""The second opinion: what a text means, where it shares few words with a matter.

A sentence model (`nlu/embedding.py`) turns texts into vectors. Raw cosines of such models are compressed (nearly all
above 0.8), so the mean of all our sayings is taken away first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.files import HERE
from nlu.index import Compared, MatterIndex
from nlu.text import normalise

Vector = NDArray[np.float32]
Positions = NDArray[np.intp]
Embed = Callable[[list[str]], Vector]
"""Texts → vectors of length 1, shape (texts, dimensions)."""

SHIPPED = HERE / "data" / "vectors.npz"
MEANINGS = ("meaning.title", "meaning.entry")
NEAREST = 3  # sayings that the margin is taken over
BLOCK = 1024  # kept vectors that are compared at a time
MOST_ADDED = 5  # codes that are compared because of their meaning alone


class Vectors:
    """The vectors of texts, by one model. A component is kept in one byte: the cosines change by less than 0.01."""

    def __init__(self, model: str, mean: Vector, known: Mapping[bytes, NDArray[np.int8]]) -> None:
        self.model, self.mean, self._known = model, mean, dict(known)

    def __len__(self) -> int:
        return len(self._known)

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of the texts that have no vector yet, each once."""
        return [text for text in dict.fromkeys(texts) if _key(text) not in self._known]

    def add(self, texts: list[str], embed: Embed, at_once: int = 64) -> None:
        """Make the vectors of these texts. Takes about ten milliseconds each."""
        for start in range(0, len(texts), at_once):
            some = texts[start : start + at_once]
            for text, vector in zip(some, self.centred(embed(some)), strict=True):
                self._known[_key(text)] = np.round(vector * 127).astype(np.int8)

    def centre_on(self, texts: list[str], embed: Embed, at_once: int = 64) -> None:
        """Take the mean of the vectors of these texts for what all texts share: a model that is asked first."""
        batches = [embed(texts[start : start + at_once]) for start in range(0, len(texts), at_once)]
        self.mean = np.vstack(batches).mean(axis=0).astype(np.float32)

    def take(self, other: Vectors) -> None:
        """Add those of another collection, if they are of the same model and around the same mean."""
        if other.model == self.model and (not len(self.mean) or np.array_equal(other.mean, self.mean)):
            self.mean = other.mean
            self._known.update(other._known)

    def centred(self, raw: Vector) -> Vector:
        """Vectors as the model gives them → without what all texts share, of length 1."""
        moved = raw - self.mean
        return np.asarray(moved / np.linalg.norm(moved, axis=-1, keepdims=True), dtype=np.float32)

    def rows(self, texts: Iterable[str]) -> NDArray[np.int8]:
        """The vectors of texts that have one, as they are kept: × 127; of others 0. Shape (texts, dimensions)."""
        unknown = np.zeros(len(self.mean), dtype=np.int8)
        rows = np.array([self._known.get(_key(text), unknown) for text in texts], dtype=np.int8)
        return rows.reshape(-1, len(self.mean))

    def of(self, texts: Iterable[str]) -> Vector:
        """The same, of length 1."""
        return np.asarray(self.rows(texts) / np.float32(127), dtype=np.float32)

    def save(self, path: Path = SHIPPED) -> None:
        """Write all vectors."""
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint64)
        np.savez(path, model=np.array(self.model), mean=self.mean, keys=keys, rows=np.array(list(self._known.values())))

    @classmethod
    def none_of(cls, model: str) -> Vectors:
        """A collection without a mean yet, of a model that nobody has asked."""
        return cls(model, np.zeros(0, dtype=np.float32), {})

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Vectors:
        """Raises FileNotFoundError, ValueError."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            keys = stored["keys"].tobytes()
            known = {keys[at * 8 : at * 8 + 8]: row for at, row in enumerate(stored["rows"])}
            return cls(str(stored["model"]), stored["mean"], known)


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near in meaning a text is to each code: shape (codes, MEANINGS); `margin`: to what is ours rather than to
    strangers."""

    codes: Vector
    margin: float


class Meaning:
    """The vectors of all titles and sayings of an index, in the order of its entries."""

    def __init__(self, index: MatterIndex, vectors: Vectors, texts: Iterable[str]) -> None:
        self._rows = vectors.rows(texts)
        blocks = index.blocks_of_entries()
        self._starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        self._blocks, self._size = blocks[self._starts], index.size
        self._ours = int(np.searchsorted(blocks, len(index.codes) * 2))

    def near(self, vector: Vector, itself: list[int] | None = None) -> Nearness:
        """Compare a centred vector with all entries, but for those at the places `itself`."""
        cosines = cosines_of(self._rows, vector)
        if itself:
            cosines[itself] = -1.0
        best = np.full(self._size * 2, -1.0, dtype=np.float32)
        if len(cosines):
            best[self._blocks] = np.maximum.reduceat(cosines, self._starts)
        of_group = best.reshape(-1, 2)
        codes = np.maximum(np.stack([of_group[:, 0], of_group.max(axis=1)], axis=1), 0.0)
        return Nearness(codes, _top(cosines[: self._ours]) - _top(cosines[self._ours :]))


def cosines_of(rows: NDArray[np.int8], vector: Vector) -> Vector:
    """The cosines of a vector with kept ones, a block at a time: as floats they would take four times the memory (17 MB
    for 14,000) and half as much time again, as they don't fit into the cache."""
    cosines = np.empty(len(rows), dtype=np.float32)
    block, small = np.empty((BLOCK, rows.shape[1]), dtype=np.float32), vector / np.float32(127)
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        np.copyto(block[: len(part)], part)
        np.dot(block[: len(part)], small, out=cosines[start : start + len(part)])
    return cosines


def nearest_codes(near: Nearness) -> Positions:
    """The positions of the codes that mean most nearly the same."""
    return np.argsort(-near.codes[:, 1], kind="stable")[:MOST_ADDED]


def with_meaning(compared: Compared, near: Nearness) -> NDArray[np.float64]:
    """The features of the codes, and behind them those of their meaning: shape (codes, FEATURES + MEANINGS)."""
    return np.hstack([compared.features, near.codes[compared.codes]])


@lru_cache(maxsize=65_536)
def _key(text: str) -> bytes:
    return blake2b(normalise(text).encode(), digest_size=8).digest()


def _top(cosines: Vector) -> float:
    if not len(cosines):
        return 0.0
    most = min(NEAREST, len(cosines))
    return float(np.partition(cosines, len(cosines) - most)[-most:].mean())
