"""The code tables of the national list: a code (05) and its word (行政给付) are the same value."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).with_name("code_tables.yml")
SEVERAL = re.compile(r"[,，、;；^|\n]+")


class UnknownCode(ValueError):
    """The value is neither a code nor a word of the field's table. The message says what is allowed."""


@cache
def _tables() -> dict[str, dict[str, Any]]:
    with TABLES.open(encoding="utf-8") as file:
        tables: dict[str, dict[str, Any]] = yaml.load(file, yaml.CSafeLoader)
    return {field: table for table in tables.values() for field in table["fields"]}


@cache
def _spellings(field: str) -> dict[str, str]:
    table = _tables()[field]
    codes = {str(int(code)): word for code, word in table["codes"].items()}  # a spreadsheet drops leading zeros
    words = {word: word for word in (*table["codes"].values(), *table.get("uncoded", ()))}
    return {**codes, **table["codes"], **words, **table.get("words", {})}


def is_coded(field: str) -> bool:
    """Whether the field speaks in a code table."""
    return field in _tables()


def word_of(field: str, value: str) -> str:
    """The table's word for a code or a word. Raises UnknownCode."""
    plain = value.strip().replace("（", "(").replace("）", ")").removesuffix(".0")
    word = _spellings(field).get(plain)
    if word is None:
        raise UnknownCode(_refusal(field, value))
    return word


def words_of(field: str, value: str) -> tuple[str, ...]:
    """The words for a cell of several codes or words, such as `1,2` or `自然人、企业法人`. Raises UnknownCode."""
    return tuple(dict.fromkeys(word_of(field, part) for part in SEVERAL.split(value) if part.strip()))


def _refusal(field: str, value: str) -> str:
    table = _tables()[field]
    choices = "、".join([*(f"{code} {word}" for code, word in table["codes"].items()), *table.get("uncoded", ())])
    if value in table.get("ambiguous", ()):
        return f"代码“{value}”在各地系统里意思不同,请写成文字"
    return f"“{value}”不在代码表里,可填:{choices}"
