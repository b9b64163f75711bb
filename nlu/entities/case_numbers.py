"""Case numbers: letters, a dash, digits and letters (HB-1124-ACDF, BJ-…). `value` has capitals and dashes.

One of a known sort that is too short or too long is wrong_length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from nlu.entities.entity import Found, compiled, one_of, words_of
from nlu.entities.spoken import speech

DIGITS = "0123456789零〇一二两三四五六七八九幺洞拐"


def find_case_numbers(plain: str, today: date) -> Iterator[Found]:
    """HB-1124-ACDF, hb1124acdf, HB杠幺幺二四杠ACDF; any other letters only with a dash and four digits at least."""
    for match in _pattern().finditer(plain):
        letters, rest = (match["letters"] or match["others"]).upper(), _written(match["rest"])
        groups = words_of("case_numbers")["groups"].get(letters)
        if groups is None:
            yield Found("case_number", *match.span(), match[0], "-".join((letters, *_parts(rest))))
            continue
        characters = "".join(_parts(rest))
        problem = None if len(characters) == sum(groups) else "wrong_length"
        yield Found("case_number", *match.span(), match[0], _grouped(letters, characters, groups), problem)


def _written(said: str) -> str:
    """The rest of the number in figures and capitals, with `-` for what is said for a dash."""
    dashed = re.sub(one_of(map(re.escape, words_of("case_numbers")["dashes"])), "-", said)
    return "".join(speech().figures(each) if speech().is_spoken(each) else each for each in dashed).upper()


def _parts(rest: str) -> list[str]:
    return [part for part in rest.split("-") if part]


def _grouped(letters: str, characters: str, groups: list[int]) -> str:
    parts, begin = [letters], 0
    for length in groups:
        parts.append(characters[begin : begin + length])
        begin += length
    return "-".join(filter(None, (*parts, characters[begin:])))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = words_of("case_numbers")
    parts = {"known": [letters.lower() for letters in words["groups"]], "dash": words["dashes"], "digit": f"[{DIGITS}]"}
    return compiled(_TEMPLATE, **parts)


_TEMPLATE = r"""
    (?<! [a-z0-9] )
    (?: (?P<letters> <<known>> ) (?= <<dash>>? <<digit>> ) | (?P<others> [a-z]{2,4} ) (?= <<dash>> <<digit>>{4} ) )
    (?P<rest> (?: <<dash>>? (?: <<digit>> | [a-z] ) )+ ) (?! [a-z0-9] )"""
