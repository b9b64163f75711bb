"""Headings of the national list, in Chinese and English, and our keys: one mapping, kept as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FIELDS = Path(__file__).with_name("national_fields.yml")
DECORATION = re.compile("[\\s*:\uff1a]|[(\uff08\u3010\\[][^)\uff09\u3011\\]]*[)\uff09\u3011\\]]")


@cache
def _fields() -> dict[str, Any]:
    with FIELDS.open(encoding="utf-8") as file:
        fields: dict[str, Any] = yaml.load(file, yaml.CSafeLoader)
    return fields


@cache
def _keys(section: str) -> dict[str, str]:
    table: dict[str, list[str]] = _fields()[section]
    return {heading.lower(): key for key, headings in table.items() for heading in (key, *headings)}


def key_of(heading: str, section: str = "matter") -> str | None:
    """Our key for a heading such as 承诺办结时限(工作日)*, `promise_day` or `promise_days`; None if we know none."""
    keys = _keys(section)
    plain = heading.strip().lower()
    return keys.get(plain) or keys.get(DECORATION.sub("", plain))


def label_of(key: str, section: str = "matter") -> str:
    """The Chinese heading of one of our keys."""
    return str(_fields()[section].get(key, [key])[0])


def translated(values: Mapping[str, Any], section: str = "matter") -> tuple[dict[str, Any], list[str]]:
    """The same values under our keys, and the headings that we do not know.

    Of two headings with one meaning, the filled one counts.
    """
    record: dict[str, Any] = {}
    unknown: list[str] = []
    for heading, value in values.items():
        key = key_of(heading, section)
        if key is None:
            unknown.append(heading)
        elif key not in record or record[key] in (None, ""):
            record[key] = value
    return record, [heading for heading in unknown if heading not in _fields()["ignored"]]


def is_heading(cells: Iterable[Any], section: str = "matter") -> bool:
    """Whether a row of a table is its heading: it names at least two of our keys, the name or the code among them."""
    keys = {key_of(str(cell), section) for cell in cells if cell is not None} - {None}
    return len(keys) >= 2 and bool(keys & {"name", "code", "implement_code"})
