"""What a finder gives back, and the text that it looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nlu.files import read_yaml

_PART = re.compile(r"<<(\w+)>>")


@dataclass(frozen=True, slots=True)
class Found:
    """One entity: `text[start:end]` says `value`.

    `kind`: date, time, part_of_day, relation, place, id_number, telephone, card_number, money, area, age,
    birth_year or case_number. `value` is normalised, as the kind's module says. `problem` names by fact why it
    can't be (no_such_date, wrong_check_digit …); then `value` is what was said. `also` has what else was said.
    """

    kind: str
    start: int
    end: int
    text: str
    value: str
    problem: str | None = None
    also: Mapping[str, Any] = field(default_factory=dict)


@lru_cache
def words_of(kind: str) -> Any:
    """The words of a kind: `nlu/data/entities/<kind>.yml`."""
    return read_yaml(f"data/entities/{kind}.yml")


def one_of(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def compiled(template: str, **parts: Any) -> re.Pattern[str]:
    """A regular expression in verbose form. `<<name>>` stands for an expression (a string) or for any of the words."""

    def put(part: re.Match[str]) -> str:
        put_in = parts[part[1]]
        return f"(?:{put_in if isinstance(put_in, str) else one_of(map(re.escape, put_in))})"

    return re.compile(_PART.sub(put, template), re.VERBOSE)


def meanings(groups: Mapping[Any, Iterable[str]]) -> dict[str, Any]:
    """`{meaning: [words]}` turned round: word → meaning."""
    return {word: meaning for meaning, words in groups.items() for word in words}
