"""Collected sayings: what people said and which matters they meant; what is no matter at all.

They were written by many hands and split once and for all: `training` is what the index and the weights learn from,
`development` is what thresholds and word lists are chosen on, `test` is only reported (`bangban eval`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from nlu.files import HERE, read_yaml
from nlu.index import Entry, MatterIndex, Situation, Subject
from nlu.text import normalise

Part = Literal["training", "development", "test"]
NONE = "-"
VAGUE, TWO_NEEDS, NEGATION, STRANGE = "vague", "two_needs", "negation", "out_of_scope"


@dataclass(frozen=True, slots=True)
class Saying:
    """`kind` is plain, colloquial, rambling, dialect_hunan, dialect_sichuan, asr_error, typo, negation (names also what
    is not wanted), two_needs (`codes` in their order), vague (`codes` are all that may be meant) or out_of_scope."""

    text: str
    kind: str
    codes: tuple[str, ...]

    @property
    def clear(self) -> bool:
        """Whether exactly one matter is meant."""
        return len(self.codes) == 1 and self.kind not in {VAGUE, TWO_NEEDS}


@lru_cache(maxsize=3)
def part(name: Part) -> tuple[Saying, ...]:
    """The sayings of `data/sayings/<name>.tsv`: codes, kind and text in three columns."""
    lines = (HERE / "data" / "sayings" / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(_saying(*line.split("\t")) for line in lines)


def collected() -> list[Saying]:
    """What the index of the service contains: all but the test part."""
    return [*part("training"), *part("development")]


def index_of(subjects: Sequence[Subject], situations: Sequence[Situation], sayings: Sequence[Saying]) -> MatterIndex:
    """The index of these subjects with these sayings."""
    return MatterIndex.build(with_sayings(subjects, indexed(sayings)), situations, strangers(sayings))


def indexed(sayings: Iterable[Saying]) -> list[Saying]:
    """Those that the index contains. Two needs are cut apart and a negation is cut away before anything is matched
    (`nlu/needs.py`), so neither says how a matter is asked for."""
    return [saying for saying in sayings if saying.codes and saying.kind not in {TWO_NEEDS, NEGATION}]


def strangers(sayings: Iterable[Saying]) -> list[str]:
    """The texts that are no matter at all."""
    return [saying.text for saying in sayings if saying.kind == STRANGE]


def names_of_codes() -> dict[str, str]:
    """The name of the matter that each code of the sayings means (`data/names.yml`)."""
    named: dict[str, str] = read_yaml("data/names.yml")
    return named


def with_sayings(
    subjects: Iterable[Subject], sayings: Iterable[Saying], names: Mapping[str, str] | None = None
) -> list[Subject]:
    """The subjects, each with the sayings of its name as entries.

    A county's catalogue has codes of its own: the same matter may have another code there, and our code may be
    another matter. So a saying goes by its matter's name (`names`: of our codes; ours by default). A code that has
    no name goes by itself; a saying of a matter that is not there is left out.
    """
    named = names_of_codes() if names is None else names
    said: dict[str, list[str]] = defaultdict(list)
    for saying in sayings:
        for code in saying.codes:
            said[_plain(named[code]) if code in named else code].append(saying.text)
    return [_with(subject, said, known=subject.code in named) for subject in subjects]


def _saying(codes: str, kind: str, text: str) -> Saying:
    return Saying(text, kind, () if codes == NONE else tuple(codes.split(",")))


def _with(subject: Subject, said: Mapping[str, list[str]], known: bool) -> Subject:
    by_name = said.get(_plain(subject.name), [])
    texts = by_name if known else [*said.get(subject.code, []), *by_name]
    return replace(subject, entries=(*subject.entries, *(Entry(subject.code, text, "saying") for text in texts)))


def _plain(name: str) -> str:
    """A name without its punctuation, which catalogues write differently."""
    return "".join(filter(str.isalnum, normalise(name)))
