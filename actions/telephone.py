"""Telephone numbers as residents write or say them."""

from __future__ import annotations

import re

from actions.words import read
from nlu.text import normalise

LEAST_DIGITS = 5
"""Fewer digits are an answer to something else (2, 第二个, 80岁); from here on somebody tries to give a number."""

ONLY_DIGITS = 3
"""As long a text of nothing but digits is meant as a number, though a wrong one; one or two digits choose."""

LONGEST_REFUSAL = 8
"""Characters; a longer sentence with 不要 in it is about something else."""

_SEPARATORS = re.compile(r"[\s\-—–()+.,，。、]")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}|[2-8]\d{6,7}")


class TelephoneRefused(ValueError):
    """These digits are neither a mobile nor a landline number."""


def digits_in(text: str) -> str | None:
    """The number among the text's digits, written or spoken (幺三八 …); else their longest run.

    None when no run is long enough to be meant as a number; a text that is only digits is, from ONLY_DIGITS on.
    """
    spoken: dict[str, str] = read("promises")["digits"]
    joined = _SEPARATORS.sub("", normalise(text))
    written = "".join(spoken.get(character, character) for character in joined)
    runs = sorted(re.findall(r"[0-9]+", written), key=lambda run: (not _is_number(run), -len(run)))
    least = ONLY_DIGITS if written.isdecimal() else LEAST_DIGITS
    return runs[0] if runs and len(runs[0]) >= least else None


def telephone_number(digits: str) -> str:
    """The number to call, digits only, without the country's code.

    A mobile has 11 digits; a landline 7 or 8, with its area code 10 to 12. Raises TelephoneRefused.
    """
    if not _is_number(digits):
        raise TelephoneRefused(digits)
    mobile = _MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def _is_number(digits: str) -> bool:
    return bool(_MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits))


def is_telephone(text: str) -> bool:
    """Whether there is a number in the text that can be called."""
    try:
        return bool(telephone_number(digits_in(text) or ""))
    except TelephoneRefused:
        return False


def is_refusal(text: str) -> bool:
    """Whether these words mean that no number is given."""
    plain = normalise(text)
    return len(plain) <= LONGEST_REFUSAL and any(word in plain for word in read("promises")["refusals"])
