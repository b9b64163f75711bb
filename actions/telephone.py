"""Telephone numbers as residents write or say them."""

from __future__ import annotations

import re

from actions.words import read
from nlu.text import normalise

LEAST_DIGITS = 5
"""Fewer digits are an answer to something else (2, 第二个, 80岁); from here on somebody tries to give a number."""

LONGEST_REFUSAL = 8
"""Characters; a longer sentence with 不要 in it is about something else."""

_SEPARATORS = re.compile(r"[\s\-—–()+.,，。、]")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}|[2-8]\d{6,7}")


class TelephoneRefused(ValueError):
    """These digits are neither a mobile nor a landline number."""


def digits_in(text: str) -> str | None:
    """The longest run of digits, written or spoken (幺三八 …), if it is long enough to be meant as a number."""
    spoken: dict[str, str] = read("promises")["digits"]
    joined = _SEPARATORS.sub("", normalise(text))
    written = "".join(spoken.get(character, character) for character in joined)
    longest = max(re.findall(r"[0-9]+", written), key=len, default="")
    return longest if len(longest) >= LEAST_DIGITS else None


def telephone_number(digits: str) -> str:
    """The number to call, digits only, without the country's code.

    A mobile has 11 digits; a landline 7 or 8, with its area code 10 to 12. Raises TelephoneRefused.
    """
    if mobile := _MOBILE.fullmatch(digits):
        return mobile[1]
    if _LANDLINE.fullmatch(digits):
        return digits
    raise TelephoneRefused(digits)


def is_refusal(text: str) -> bool:
    """Whether these words mean that no number is given."""
    plain = normalise(text)
    return len(plain) <= LONGEST_REFUSAL and any(word in plain for word in read("promises")["refusals"])
