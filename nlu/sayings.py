"""Collected sayings: what people said and which matters they meant; what is no matter at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nlu.files import read_yaml
from nlu.index import Entry, Subject
from nlu.text import normalise


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


def _with(subject: Subject, said: Mapping[str, list[str]], known: bool) -> Subject:
    by_name = said.get(_plain(subject.name), [])
    texts = by_name if known else [*said.get(subject.code, []), *by_name]
    return replace(subject, entries=(*subject.entries, *(Entry(subject.code, text, "saying") for text in texts)))


def _plain(name: str) -> str:
    """A name without its punctuation, which catalogues write differently."""
    return "".join(filter(str.isalnum, normalise(name)))
