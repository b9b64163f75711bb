"""Numbers in Chinese, in figures, or mixed: 一百二 (120), 两千三 (2300), 三万五, 3万5, 廿三, 一百二十点五.

cn2an reads the same but takes 250 ms to load, and knows neither 廿 nor where a number ends in a sentence.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {digit: value for value, digits in enumerate(("零〇", "一", "二两", *"三四五六七八九")) for digit in digits}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_TOKEN = re.compile(r"\d+|.")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

CHARACTERS = "".join((*DIGITS, *_TENS, *_SMALL, *_LARGE))
"""The characters of a number, besides figures."""

NUMERAL = (
    rf"(?<![\d{CHARACTERS}])(?<!\d[.,])(?>\d[\d,]*+(?:\.\d+)?|[{CHARACTERS}])"
    rf"(?>[\d{CHARACTERS}]*)(?>点[{''.join(DIGITS)}\d]+)?"
)
"""A regular expression for a whole number of a sentence; `numeral` may still refuse it (两三百)."""


def numeral(words: str) -> Decimal | None:
    """The value; None when the words are none (两三百, 七八个) or nothing but a multiplier (百)."""
    whole, _, fraction = words.partition("点")
    if re.fullmatch(r"\d[\d,]*(?:\.\d+)?", whole):
        value: Decimal | None = Decimal(whole.replace(",", ""))
    elif "." in whole:
        value = _with_multiplier(whole)
    else:
        value = _integer(whole)
    if value is None or not fraction:
        return value
    tail = positional(fraction)
    return None if tail is None else Decimal(f"{value}.{tail}")


def integer(words: str) -> int | None:
    """The same for what can only be counted; None for a fraction."""
    value = numeral(words)
    return int(value) if value is not None and value == value.to_integral_value() else None


def positional(words: str) -> str | None:
    """Digits said one by one, as in a year: 二〇二六 → 2026. None when another word is among them."""
    said = ["" if each is None else str(each) for each in (_digit(character) for character in words)]
    return "".join(said) if said and all(said) else None


def plain_decimal(value: Decimal) -> str:
    """Without an exponent and without zeros at the end: 3500, 3.5, 0.3."""
    return f"{value.quantize(Decimal('0.01')).normalize():f}"


def _digit(character: str) -> int | None:
    return int(character) if character.isdecimal() else DIGITS.get(character)


def _with_multiplier(words: str) -> Decimal | None:
    """1.5万."""
    found = re.fullmatch(r"(\d+\.\d+)([十百千万亿])", words)
    return Decimal(found[1]) * (_SMALL | _LARGE)[found[2]] if found else None


def _integer(words: str) -> Decimal | None:
    if not any(unit in words for unit in "".join((*_TENS, *_SMALL, *_LARGE))):
        return _without_units(words)
    tokens = _TOKEN.findall(_THOUSANDS.sub("", words))  # 1,000万
    return None if "," in tokens else _by_units(tokens)  # 1,十 are two numbers


def _without_units(words: str) -> Decimal | None:
    """One digit, or three and more said one by one. Two are a guess: 七八个, 三五天."""
    said = positional(words)
    return Decimal(said) if said and (len(said) != 2 or said[0] == "0") else None


def _by_units(tokens: list[str]) -> Decimal | None:
    total = section = 0
    unit, waiting, after_zero = 1, None, False
    for token in tokens:
        if (value := int(token) if token.isdecimal() else DIGITS.get(token)) is not None:
            if waiting:
                return None
            waiting, after_zero = value or None, after_zero or value == 0
        elif token in _TENS:
            section, unit, waiting = section + _TENS[token], 10, None
        elif token in _SMALL:
            if not waiting and token != "十":
                return None
            unit = _SMALL[token]
            section, waiting, after_zero = section + (waiting or 1) * unit, None, False
        else:
            if not section + (waiting or 0):
                return None
            unit = _LARGE[token]
            total, section, waiting, after_zero = _raised(total, section + (waiting or 0), unit), 0, None, False
    return Decimal(total + section + _last(waiting, unit, after_zero))


def _raised(total: int, section: int, unit: int) -> int:
    return (total + section) * unit if unit == _LARGE["亿"] else total + section * unit


def _last(waiting: int | None, unit: int, after_zero: bool) -> int:
    """The last digit counts a tenth of the unit before it: 一百二 is 120, 三万五 is 35000, 一百零二 is 102."""
    if waiting and waiting < 10 <= unit // 10 and not after_zero:
        return waiting * unit // 10
    return waiting or 0
