"""What of a saying may be kept for review: the need, not the person; and when two sayings are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from nlu.files import read_yaml
from nlu.text import mask_personal, normalise, without_own_numbers

MASK = "****"
LONGEST = 200
"""Characters that are kept of one saying; a longer one is a story, whose beginning does."""

_MASKED = re.compile(r"[\d*]*\*{2,}[\dxX*]*(?:组|号|栋|幢|单元|室|门)?")
_BETWEEN = re.compile(r"[^\w*]+")


def fit_to_keep(text: str) -> str:
    """The beginning of the masked saying, at most LONGEST characters. Idempotent."""
    return masked(text)[:LONGEST]


def masked(text: str) -> str:
    """The saying without what tells who said it: numbers, written or spoken, names, house numbers. Idempotent."""
    plainer = mask_personal(without_own_numbers(" ".join(text.split())))
    patterns = _personal()
    plainer = patterns["name"].sub(rf"\g<said>{MASK}", plainer)
    plainer = patterns["number"].sub(MASK, plainer)
    return patterns["house"].sub(MASK, plainer).strip()


def plain(text: str) -> str:
    """The form by which equal sayings are one: normalised, without punctuation and spaces."""
    return _BETWEEN.sub("", normalise(text)) or text.strip()


def words_without_masks(text: str) -> str:
    """What of a kept saying can name a matter; empty when nothing is left."""
    words = _MASKED.sub(" ", text).strip(" ，。！？,.!?、；;")
    return " ".join(words.split())


@lru_cache(maxsize=1)
def _personal() -> dict[str, re.Pattern[str]]:
    known: dict[str, Any] = read_yaml("data/personal.yml")
    announced = "|".join(sorted(known["names_after"], key=len, reverse=True))
    surnames = f"(?:{'|'.join(known['double_surnames'])}|[{''.join(known['surnames'].split())}])"
    spoken, houses = known["spoken_digits"], "|".join(known["house_words"])
    number = f"[{spoken}]{{{known['spoken_run']},}}|\\d{{{known['written_run']},}}"
    return {
        "name": re.compile(f"(?P<said>(?:{announced})[:： 是]?){surnames}[\u4e00-\u9fff]{{1,2}}"),
        "number": re.compile(rf"(?<![\d*])(?:{number})[xX]?(?![\d*])|(?<!\*)\d*\*{{4,}}\d+[xX]?"),
        "house": re.compile(rf"(?:\d+|[{spoken}十百]+)(?=(?:{houses})(?![码文]))"),
    }
