"""Ages and years of birth. `age`: whole years (`also` nominal for 虚岁, months for babies, about, nearly).

`birth_year`: four digits. Older than `oldest` in ages.yml is impossible_age; born in future impossible_birth_date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from nlu.entities.day import full_year
from nlu.entities.entity import Found, compiled, words_of
from nlu.entities.numerals import CHARACTERS, DIGITS, NUMERAL, integer, positional


def find_ages(plain: str, today: date) -> Iterator[Found]:
    """八十岁, 虚岁八十, 满80了, 今年62, 七十多岁, 三个月大, 五零年生的."""
    for match in _patterns()["age"].finditer(plain):
        if found := _age(match):
            yield found
    for match in _patterns()["months"].finditer(plain):
        if (months := integer(match["count"])) is not None:
            yield Found("age", *match.span(), match[0], str(months // 12), also={"months": months})
    yield from _births(plain, today)


def bare_age(text: str) -> int | None:
    """The age that a text without other words tells to somebody who asked: 78, 七十八了, 满七十八. None: none."""
    said = _patterns()["bare"].fullmatch(text.strip("，。,. "))
    years = integer(said["count"]) if said else None
    return years if years is not None and 0 < years <= words_of("ages")["oldest"] else None


def _age(match: re.Match[str]) -> Found | None:
    words, years = words_of("ages"), integer(match["count"])
    if years is None or not _is_age(match, years):
        return None
    said = "".join(match[name] or "" for name in ("before", "years", "real"))
    nominal = any(word in said for word in words["nominal"])
    also: dict[str, Any] = {"nominal": True} if nominal else {}
    also |= {"about": True} if match["about"] else {}
    also |= {"nearly": True} if match["before"] in words["nearly"] else {}
    problem = "impossible_age" if years > words["oldest"] else None
    return Found("age", *match.span(), match[0], str(years), problem, also)


def _is_age(match: re.Match[str], years: int) -> bool:
    """Whether it is said to be one: with 岁, or by the words around a number that can be an age."""
    words = words_of("ages")
    if match["years"] or match["real"]:
        return True
    before = match["before"]
    if not before or not words["least_bare"] <= years <= words["oldest"]:
        return False
    return bool(match["after"]) or before in words["nominal"] or (match["end"] == "" and before in words["alone_after"])


def _births(plain: str, today: date) -> Iterator[Found]:
    for match in _patterns()["birth"].finditer(plain):
        if said := positional(match["year"]):
            year = full_year(said, today)
            possible = today.year - words_of("ages")["oldest"] <= year <= today.year
            problem = None if possible else "impossible_birth_date"
            yield Found("birth_year", *match.span(), match[0], str(year), problem)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    words = words_of("ages")
    parts = words | {
        "figure": rf"[\d{CHARACTERS}]",
        "numeral": NUMERAL,
        "ages": [*words["nominal"], *words["real"]],
        "year": rf"\d{{4}}|\d{{2}}|[{''.join(DIGITS)}]{{4}}|[{''.join(DIGITS)}]{{2}}",
    }
    return {name: compiled(template, **parts) for name, template in _TEMPLATES.items()}


_TEMPLATES = {
    "age": r"""
        (?: 按? (?P<before> <<before>> ) (?: 算 | 是 | 有 | 也 | 就 | 已经 | 刚 | 满 | 有个 | 都 )? )?
        (?<! [-~到至第] | <<figure>> ) (?P<count> <<numeral>> ) (?P<about> <<about>> )?
        (?: (?P<years> <<years>> ) | (?P<after> <<after>> ) | (?P<end> (?= [,，。.!！?？;；、\s] | $ ) ) )?
        (?! [-~到至] \d ) (?: [(（的]? (?P<real> <<ages>> ) [)）]? )?""",
    "bare": r"<<before>>{0,2} (?P<count> <<numeral>> ) <<years>>? <<after>>?",
    "months": r"(?P<count> <<numeral>> ) <<months>>",
    "birth": r"(?<! <<figure>> ) (?P<year> <<year>> ) <<birth>>",
}
