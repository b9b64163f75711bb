"""What a resident tells by the way, so that it need not be asked: words like a sentence template's, an age."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from nlu.entities.ages import bare_age, find_ages
from nlu.entities.entity import Found
from nlu.entities.reading import read
from nlu.lexicon import lexicon
from nlu.patterns import patterns
from nlu.text import normalise

_DENIED = re.compile(r"(?:不是|不要|不用|没有|没|冇|不|莫).?$")
_NOT_YET = re.compile(r"(?:不到|没到|不满|没满|未满|不上|没有|还差.{0,4})$")
_OPEN = re.compile(r"(?:以上|以下|起|的?时候)")
_ANY_DAY = date(2026, 1, 1)
"""An age does not depend on the day; only years of birth do, which are not looked at."""


@lru_cache(maxsize=4096)
def words_told(text: str, templates: tuple[str, ...]) -> str | None:
    """The words of the text that are like one of the templates, and not denied; None: there are none.

    A template is written like the sentences of `data/patterns.yml` and may stand anywhere. Dialect is heard, too.
    """
    wanted = _compiled(templates)
    for said in (_spoken(text), _spoken(lexicon().standard(normalise(text)))):
        for found in wanted.finditer(said):
            if not _DENIED.search(said[: found.start()]):
                return found[0]
    return None


@lru_cache(maxsize=1024)
def age_told(text: str, ages: range) -> str | None:
    """The words of the text that tell an age among these; None: there are none."""
    return next((words for age, words in ages_told(text) if age in ages), None)


def ages_told(text: str) -> list[tuple[int, str]]:
    """The ages in years that the text tells, each with its words (满八十, 82岁).

    A nominal one (虚岁) and one that is nearly reached (快八十, 不到八十) are none.
    """
    plain = read(text).plain.replace(",", "。")  # 今年62,只有: here a comma parts no thousands
    told = [each for each in find_ages(plain, _ANY_DAY) if each.kind == "age"]
    if not told and (years := bare_age(plain)):
        return [(years, _spoken(plain))]
    return [(int(age.value), age.text.strip()) for age in told if _is_reached(plain, age)]


def template_problem(templates: Iterable[str]) -> str | None:
    """The first template that can't be read; None: all can."""
    for template in templates:
        try:
            _compiled((template,))
        except (re.error, KeyError):
            return template
    return None


@lru_cache(maxsize=1024)
def _compiled(templates: tuple[str, ...]) -> re.Pattern[str]:
    return patterns().anywhere(templates)


def _is_reached(text: str, age: Found) -> bool:
    unsure = {"nominal", "nearly"} & age.also.keys()
    return not (unsure or age.problem or _NOT_YET.search(text[: age.start]) or _OPEN.match(text[age.end :]))


def _spoken(text: str) -> str:
    return "".join(filter(str.isalnum, normalise(text)))
