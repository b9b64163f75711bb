"""Collected sayings: what people said and which matters they meant; what is no matter at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nlu.files import read_yaml
from nlu.index import Entry, Subject


@dataclass(frozen=True, slots=True)
class Saying:
    """`kind` is plain, colloquial, dialect, asr_error, vague or out_of_scope; `codes` are all that may be meant."""

    text: str
    kind: str
    codes: tuple[str, ...]


def collected_sayings() -> list[Saying]:
    """The sayings of `data/sayings.yml`."""
    return [Saying(each["text"], each["kind"], tuple(each["codes"])) for each in read_yaml("data/sayings.yml")]


def strangers() -> list[Saying]:
    """The sayings of `data/out_of_scope.yml`."""
    groups = read_yaml("data/out_of_scope.yml").values()
    return [Saying(text, "out_of_scope", ()) for texts in groups for text in texts]


def with_sayings(subjects: Iterable[Subject], sayings: Iterable[Saying]) -> list[Subject]:
    """The subjects, each with its sayings as entries. A saying of a code that is not there is left out."""
    said: dict[str, list[Entry]] = defaultdict(list)
    for saying in sayings:
        for code in saying.codes:
            said[code].append(Entry(code, saying.text, "saying"))
    return [replace(subject, entries=(*subject.entries, *said[subject.code])) for subject in subjects]
