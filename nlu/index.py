"""The index over the catalogue: what every matter and situation is called, and how near a text is to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlu.lexicon import lexicon
from nlu.postings import Postings
from nlu.signals import SIGNALS, terms
from nlu.text import normalise

Kind = Literal["name", "alias", "saying", "result", "material", "condition"]
Floats = NDArray[np.float64]

GROUPS = ("title", "saying", "detail")
_GROUP = {"name": 0, "alias": 0, "saying": 1, "result": 2, "material": 2, "condition": 2}
FEATURES = (
    *(f"{signal}.{group}" for signal in SIGNALS for group in GROUPS),
    *(f"{signal}.contained" for signal in SIGNALS),
    *(f"{signal}.coverage" for signal in SIGNALS),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One text that a matter is known by."""

    code: str
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """A matter as the matcher sees it."""

    code: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """A vague need (修房子) and the codes of the matters that it may be, in the order of its options."""

    code: str
    name: str
    sayings: tuple[str, ...]
    options: tuple[str, ...]


class MatterIndex:
    """Immutable once built; a new catalogue release is a new index."""

    def __init__(self, subjects: Sequence[Subject], situations: Sequence[Situation], entries: Sequence[Entry]) -> None:
        self.names = {subject.code: subject.name for subject in subjects}
        self.situations = {situation.code: situation for situation in situations}
        self.codes = [*self.names, *self.situations]
        self._said = {_essence(saying): each.code for each in situations for saying in each.sayings}
        self._position = {code: position for position, code in enumerate(self.codes)}
        self._build(sorted(entries, key=lambda entry: (_GROUP[entry.kind], self._position[entry.code])))

    @classmethod
    def build(cls, subjects: Iterable[Subject], situations: Iterable[Situation] = ()) -> MatterIndex:
        """Index the entries of all subjects and the sayings of all situations, in about 0.1 ms an entry."""
        subjects, situations = list(subjects), list(situations)
        entries = [entry for subject in subjects for entry in subject.entries]
        entries += [Entry(situation.code, saying, "saying") for situation in situations for saying in situation.sayings]
        return cls(subjects, situations, entries)

    def situation_of(self, text: str) -> str | None:
        """The situation that has this very saying, whatever filler stands around it."""
        return self._said.get(_essence(text))

    def features(self, text: str, *, hide_itself: bool = False) -> Floats:
        """How near the text is to each code: shape (codes, FEATURES), each in 0..1.

        `hide_itself` leaves out the entries that are this very text, as if they had never been collected:
        so weights are learnt from sayings that the index contains.
        """
        itself = np.array(self._entries_of.get(text, ()) if hide_itself else (), dtype=np.intp)
        near = self._postings.nearness(terms(text), itself)
        best, contained = self._best(near.cosine), self._best(near.contained)[:, :, :2].max(axis=2)
        return np.hstack([best.reshape(len(self.codes), -1), contained, near.coverage.T])

    def _build(self, entries: list[Entry]) -> None:
        targets = np.array([self._position[entry.code] for entry in entries], dtype=np.intp)
        groups = np.array([_GROUP[entry.kind] for entry in entries], dtype=np.intp)
        blocks = groups * len(self.codes) + targets
        self._starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        self._block_group, self._block_target = groups[self._starts], targets[self._starts]
        self._entries_of: dict[str, list[int]] = {}
        for position, entry in enumerate(entries):
            self._entries_of.setdefault(entry.text, []).append(position)
        self._postings = Postings((terms(entry.text) for entry in entries), list(SIGNALS), targets, len(self.codes))

    def _best(self, scores: Floats) -> Floats:
        """The best score that a code has in each group of its entries: shape (codes, signals, groups)."""
        best = np.zeros((len(self.codes), len(SIGNALS), len(GROUPS)))
        if len(self._starts):
            best[self._block_target, :, self._block_group] = np.maximum.reduceat(scores, self._starts, axis=1).T
        return best


def _essence(text: str) -> str:
    return lexicon().essence(normalise(text))
