"""People by their relation. `value` is one of the meanings in people.yml (mother, father, grandmother …).

`also`: whose (speaker, addressee, other, or a relation: 我老公的妈 is the husband's), for_whom (帮我娘办: the matter is
hers), or (what the word means elsewhere: 婆婆, 妹子).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from nlu.entities.entity import Found, compiled, meanings, one_of, words_of


def find_people(plain: str, today: date) -> Iterator[Found]:
    """Relations, each with its possessor; a chain (我老公的妈) is one of them."""
    never = [each.span() for each in _never().finditer(plain)]
    for match in _pattern().finditer(plain):
        if not any(start <= match.start("last") < end for start, end in never):
            yield _found(plain, match)


def _found(plain: str, match: re.Match[str]) -> Found:
    words = words_of("people")
    last = match["last"]
    also: dict[str, Any] = {"whose": whose} if (whose := _whose(match)) else {}
    if last in words["or"]:
        also["or"] = words["or"][last]
    if plain[: match.start()].endswith(tuple(words["for_whom"])):
        also["for_whom"] = True
    return Found("relation", *match.span(), match[0], _meanings()[last], also=also)


def _whose(match: re.Match[str]) -> str | None:
    if match["of"]:
        return _meanings()[match["of"]]
    possessors = meanings(words_of("people")["possessors"])
    return possessors[match["whose"]] if match["whose"] else None


@lru_cache(maxsize=1)
def _meanings() -> dict[str, str]:
    words = words_of("people")
    return meanings(words["single"]) | meanings(words["relations"])


@lru_cache(maxsize=1)
def _never() -> re.Pattern[str]:
    return re.compile(one_of(words_of("people")["never"]))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    words = words_of("people")
    before_single = [*meanings(words["possessors"]), *words["for_whom"], *words["between"], "的"]
    parts = words | {
        "possessors": list(meanings(words["possessors"])),
        "long": list(meanings(words["relations"])),
        "single": list(meanings(words["single"])),
        "before_single": sorted({each[-1] for each in before_single}),
    }
    return compiled(_TEMPLATE, **parts)


# A possessor, perhaps a relation between, and a relation; one syllable only after a possessor, 帮, 给 …
_TEMPLATE = r"""
    (?: (?P<whose> <<possessors>> ) <<between>>? )? (?: (?P<of> <<long>> | <<single>> ) 的 )?
    (?P<last> <<long>> | (?<= <<before_single>> ) <<single>> (?! <<single_not_after>> ) )"""
