"""The index over the catalogue: what every matter, situation and stranger is called, and how near a text is to each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from nlu.entries import GROUPS, Entries
from nlu.lexicon import lexicon
from nlu.postings import Postings
from nlu.query import Vocabulary
from nlu.signals import SIGNALS, Terms, terms_of
from nlu.text import normalise

Kind = Literal["name", "alias", "saying", "result", "material", "condition"]
Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

_GROUP = {"name": 0, "alias": 0, "saying": 1, "result": 2, "material": 2, "condition": 2}
_SAYING = _GROUP["saying"]
_TELLING = np.array([4.0, 5.0, 4.5, 2.0])
"""What each signal counts when the codes to compare are looked for: about what is learnt for its coverage."""

FEATURES = tuple(f"{signal}.{what}" for what in ("title", "entry", "contained", "coverage") for signal in SIGNALS)
MOST_COMPARED = 10
"""Codes that are compared exactly; the right one is among them."""

STRANGERS_TOGETHER = 12
"""Sayings that are no matter stand in groups as large as a matter's own."""


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


@dataclass(frozen=True, slots=True)
class Compared:
    """The positions of the codes that a text may mean, and how near it is to each: shape (codes, FEATURES), 0..1.

    `terms`: those of the text, known or not.
    """

    codes: Positions
    features: Floats
    terms: Terms


class MatterIndex:
    """Immutable once built; a new catalogue release is a new index."""

    def __init__(
        self, subjects: Sequence[Subject], situations: Sequence[Situation], strangers: Sequence[Sequence[str]]
    ) -> None:
        self.names = {subject.code: subject.name for subject in subjects}
        self.situations = {situation.code: situation for situation in situations}
        self.strangers = len(strangers)
        self.codes = [*self.names, *self.situations]
        self._said = {essence(saying): each.code for each in situations for saying in each.sayings}
        self._sayings: dict[str, list[int]] = {}
        self._texts: list[str] = []
        self._folder: Path | None = None

    @classmethod
    def build(
        cls, subjects: Iterable[Subject], situations: Iterable[Situation] = (), strangers: Sequence[str] = ()
    ) -> MatterIndex:
        """Index the entries of all subjects, the sayings of all situations, and sayings that are no matter's.

        `strangers` stand in groups behind the matters and situations, as positions that have no code.
        """
        subjects, situations = list(subjects), list(situations)
        together = [strangers[at : at + STRANGERS_TOGETHER] for at in range(0, len(strangers), STRANGERS_TOGETHER)]
        index = cls(subjects, situations, together)
        position = {code: place for place, code in enumerate(index.codes)}
        texts = [(position[entry.code], _GROUP[entry.kind], entry.text) for each in subjects for entry in each.entries]
        texts += [(position[each.code], _SAYING, saying) for each in situations for saying in each.sayings]
        texts += [(place, _SAYING, saying) for place, each in enumerate(together, len(position)) for saying in each]
        index._fill(sorted(texts, key=lambda text: text[:2]))
        return index

    @property
    def size(self) -> int:
        """Matters, situations and groups of strangers."""
        return len(self.codes) + self.strangers

    def situation_of(self, text: str) -> str | None:
        """The situation that has this very saying, whatever filler stands around it."""
        return self.situation_of_essence(essence(text))

    def situation_of_essence(self, said: str) -> str | None:
        """The same of an essence."""
        return self._said.get(said)

    def compare(self, text: str, *, hide_itself: bool = False, also: Sequence[int] = ()) -> Compared:
        """How near the text is to the codes that share most with it, and to the positions `also`.

        `hide_itself` leaves out the sayings that are this very text, as if they had never been collected:
        so weights are learnt from sayings that the index contains.
        """
        return self.compare_essence(essence(text), self._sayings.get(text, ()) if hide_itself else (), also)

    def compare_essence(self, said: str, itself: Sequence[int] = (), also: Sequence[int] = ()) -> Compared:
        """The same of an essence (`Lexicon.essence`); `itself`: positions of entries that are left out."""
        terms = terms_of(said)
        query = self._vocabulary.query(terms)
        covered = self._postings.covered(query, self._left_out(itself) if itself else None)
        codes = covered.nearest(_TELLING, MOST_COMPARED)
        if len(also):
            codes = np.union1d(codes, np.asarray(also, dtype=np.intp))
        if not len(codes):
            return Compared(codes, np.zeros((0, len(FEATURES))), terms)
        cosines, contained = self._entries.nearest(query, codes, itself)
        parts = [cosines[:, 0], cosines.max(axis=1), contained, covered.of(codes)]
        return Compared(codes, np.hstack(parts), terms)

    def blocks_of_entries(self) -> Positions:
        """Of each title and saying, in order: the position of its code * 2, and 1 more for a saying."""
        groups = self._entries.groups.ravel()
        return np.repeat(np.arange(len(groups)), groups)

    def texts_of_entries(self) -> list[str]:
        """The titles and sayings in the same order."""
        if not self._texts and self._folder is not None:
            return orjson.loads((self._folder / "texts.json").read_bytes())  # type: ignore[no-any-return]
        return self._texts

    def nearest_texts(self, said: str, code: int, most: int) -> list[str]:
        """The titles and sayings of a code (its position) that an essence is nearest to, in the order of nearness."""
        cosines = self._entries.cosines(self._vocabulary.query(terms_of(said)), code).sum(axis=1)
        first, texts = int(self._entries.firsts[code]), self.texts_of_entries()
        near = np.argsort(-cosines, kind="stable")[:most]
        return [texts[first + place] for place in near.tolist() if cosines[place] > 0]

    def places_of(self, saying: str) -> list[int]:
        """Where this very saying stands among the entries."""
        return self._sayings.get(saying, [])

    def _left_out(self, entries: Sequence[int]) -> Positions:
        """How many of these entries each code has."""
        owners = np.searchsorted(self._entries.firsts, entries, "right") - 1
        return np.bincount(owners, minlength=self.size)

    def _fill(self, texts: Sequence[tuple[int, int, str]]) -> None:
        """Titles and sayings are entries; details (materials, conditions, results) only count for the coverage."""
        self._vocabulary = Vocabulary()
        terms, sizes = _listed(self._vocabulary.add(terms_of(essence(text))) for *_, text in texts)
        code, group = np.array([text[:2] for text in texts], dtype=np.intp).reshape(-1, 2).T
        each = sizes.sum(axis=1, dtype=np.intp)
        numbers = terms.astype(np.int64)  # a province has more terms times codes than 32 bits hold
        pairs, counts = np.unique(numbers * self.size + np.repeat(code, each), return_counts=True)
        found = np.bincount(pairs // max(self.size, 1), minlength=len(self._vocabulary))
        self._vocabulary.weigh(found, self.size)
        self._postings = Postings.of(pairs, counts, found, self.size)
        entries = group < len(GROUPS)
        blocks = (code * len(GROUPS) + group)[entries]
        of_entries = terms[np.repeat(entries, each)]
        self._entries = Entries.of(of_entries, sizes[entries], blocks, self.size, self._vocabulary.rarity)
        self._texts = [text for (_, _, text), entry in zip(texts, entries.tolist(), strict=True) if entry]
        for position in np.flatnonzero(blocks % len(GROUPS) == _SAYING).tolist():
            self._sayings.setdefault(self._texts[position], []).append(position)

    def save(self, folder: Path) -> None:
        """Write the index, so that a process need not build it again. `folder` must be there."""
        told = {"names": self.names, "situations": [asdict(each) for each in self.situations.values()]}
        (folder / "codes.json").write_bytes(orjson.dumps({**told, "strangers": self.strangers}))
        (folder / "texts.json").write_bytes(orjson.dumps(self._texts))
        for part in (self._vocabulary, self._postings, self._entries):
            part.save(folder)

    @classmethod
    def load(cls, folder: Path) -> MatterIndex:
        """Raises FileNotFoundError, ValueError when a file is damaged."""
        told = orjson.loads((folder / "codes.json").read_bytes())
        situations = [
            Situation(each["code"], each["name"], tuple(each["sayings"]), tuple(each["options"]))
            for each in told["situations"]
        ]
        index = cls([Subject(code, name, ()) for code, name in told["names"].items()], situations, ())
        index.strangers, index._folder = told["strangers"], folder
        index._vocabulary, index._postings = Vocabulary.load(folder), Postings.load(folder)
        index._entries = Entries.load(folder)
        return index


def essence(text: str) -> str:
    """What of a text is compared: standard words, without filler (`Lexicon.essence`)."""
    return lexicon().essence(normalise(text))


def _listed(entries: Iterable[Sequence[Sequence[int]]]) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    """The terms of all entries one after the other, and how many each entry has by signal."""
    terms, sizes = array("i"), array("H")  # a million rows as lists would take 100 MB
    for entry in entries:
        for of_signal in entry:
            terms.extend(of_signal)
            sizes.append(len(of_signal))
    return np.array(terms, dtype=np.int32), np.array(sizes, dtype=np.uint16).reshape(-1, len(SIGNALS))
