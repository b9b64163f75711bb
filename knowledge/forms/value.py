"""A value of a form, and where it is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).with_name("words.yml")
RESIDENT, COMPUTED, HOUSEHOLD, FILE, STAFF = "resident", "computed", "household", "file", "staff"


@dataclass(frozen=True, slots=True)
class Value:
    """What stands in a field. The forms' engine keeps it plain, so that JSON holds it: text, number, yes/no, ISO day,
    or a list of mappings.

    `source`: resident, staff (filled in for them at the desk), conversation, earlier, identity, household (the 户口簿),
    file (一户一档), computed,
    `licence:居民身份证` or `paper:户口簿`.
    `confirmed`: the resident has said it or said yes to it.
    """

    value: Any
    source: str = RESIDENT
    confirmed: bool = False


Values = Mapping[str, Value]


@cache
def words() -> Mapping[str, Any]:
    """The words of words.yml: labels of sources, reasons for refusing an answer, ways of saying yes and no."""
    with WORDS.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.load(file, yaml.CSafeLoader)
    return loaded


def source_label(source: str) -> str:
    """Where a value is from, as the resident reads it: 来自户口簿, 来自电子证照(残疾人证), 您刚才说的."""
    kind, _, of = source.partition(":")
    label = str(words()["sources"][kind])
    return label.format(of=of)


def plain_values(values: Values) -> dict[str, Any]:
    """Key → the bare value."""
    return {key: each.value for key, each in values.items()}
