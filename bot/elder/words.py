"""Words of the office, and the village's words for them (words.yml).

Names stay as the window knows them: what is in quotes, and what a numbered line (a paper) begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS = Path(__file__).with_name("words.yml")
NAME = re.compile(
    r"「[^」]*」|《[^》]*》|“[^”]*”|https?://\S+|[^\s：，。]+\.(?:pdf|docx)|(?m:^\d{1,2}、[^，。：\n]{1,40}：)"
)


def plain_words(text: str) -> str:
    """The text with the village's words; nothing in 「」, 《》, “” or an address is touched."""
    pattern, plain = _pattern(), dict(_read()["instead"])
    return pattern.sub(lambda found: plain.get(found[0], found[0]), text)


def office_words(text: str) -> list[str]:
    """The words of the office that stand in a text, outside names."""
    return [found["office"] for found in _office().finditer(text) if found["office"]]


@cache
def _pattern() -> re.Pattern[str]:
    """Names first, so that what stands in them is passed over; then the longest word."""
    return re.compile("|".join([NAME.pattern, *_longest_first([*_read()["instead"], *_read()["kept"]])]))


@cache
def _office() -> re.Pattern[str]:
    read = _read()
    kept, office = ("|".join(_longest_first(words)) for words in (read["kept"], [*read["instead"], *read["office"]]))
    return re.compile(f"(?:{NAME.pattern})|(?:{kept})|(?P<office>{office})")


def _longest_first(words: Iterable[str]) -> list[str]:
    return [re.escape(word) for word in sorted(words, key=len, reverse=True)]


@cache
def _read() -> dict[str, Any]:
    read: dict[str, Any] = yaml.load(WORDS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return read
