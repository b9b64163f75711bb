"""How the name of a place is shortened and lengthened, and what the words around it say. Words: places.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nlu.entities.entity import one_of, words_of
from nlu.words import tokenizer


def split_name(name: str) -> tuple[str, str]:
    """岳北村 → 岳北, 村. A name that would have nothing left keeps its suffix."""
    suffix = next((each for each in words_of("places")["suffixes"] if name.endswith(each)), "")
    short = name.removesuffix(suffix) if suffix else name
    return (short, suffix) if short else (name, "")


def other_suffixes(suffix: str) -> list[str]:
    """What people say for that suffix: 大队 for 村."""
    return list(words_of("places")["also_suffixes"].get(suffix, ()))


def is_high(code: str) -> bool:
    """Whether the division is so high that its short name is always a place: 湖南."""
    return code[words_of("places")["always_up_to"] :].strip("0") == ""


def is_ordinary(short: str) -> bool:
    """Whether a short name is a word that means something else, too: 新建, 前进."""
    return short in words_of("places")["ordinary"] or tokenizer().words(short) == [short]


def differing(name: str, heard: str) -> int:
    """How many characters of two texts of one length are not the same."""
    return sum(said != written for said, written in zip(heard, name, strict=True))


def stands_alone(plain: str, start: int, length: int) -> bool:
    """Whether a place must stand there: the words around say so, or it is all that is said."""
    (before, after), end = _contexts(), start + length
    whole = plain.strip("，。,. ") == plain[start:end]
    return whole or bool(before.search(plain, 0, start) or after.match(plain, end))


def said_of(plain: str, start: int, end: int) -> Iterator[str]:
    """Whether the speaker lives there, or it is where somebody goes."""
    if _elsewhere().search(plain, 0, start):
        yield "elsewhere"
    elif stands_alone(plain, start, end - start):
        yield "lives"


@lru_cache(maxsize=1)
def _contexts() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = words_of("places")
    return re.compile(rf"(?:{one_of(words['before'])})$"), re.compile(one_of(words["after"]))


@lru_cache(maxsize=1)
def _elsewhere() -> re.Pattern[str]:
    return re.compile(rf"(?:{one_of(words_of('places')['elsewhere'])})$")
