"""Money and area. `money`: yuan as a decimal (3500, 3.5). `area`: square metres, `also` mu where 亩 were said.

亩 = 2000/3 m², 分 = 亩/10, 厘 = 亩/100, 公顷 = 15 亩. 千把块 is `about`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from nlu.entities.entity import Found, compiled, words_of
from nlu.entities.numerals import CHARACTERS, NUMERAL, numeral, plain_decimal

MU = Decimal(2000) / 3
HALF = Decimal("0.5")
LARGEST = Decimal(10) ** 13
"""A number above it is none that anybody means."""


def find_amounts(plain: str, today: date) -> Iterator[Found]:
    """Sums of money and areas."""
    yield from _money(plain)
    yield from _area(plain)


def _money(plain: str) -> Iterator[Found]:
    for match in _patterns()["yuan"].finditer(plain):
        whole = HALF if match["count"] == "半" else numeral(match["count"])
        if whole is not None and not _is_piece(plain, match):
            parts = _tenths(match["jiao"]) * Decimal("0.1") + _tenths(match["fen"]) * Decimal("0.01")
            yield from _sum(match, whole + (HALF if match["half"] else 0) + parts)
    for match in _patterns()["jiao"].finditer(plain):
        if (count := numeral(match["count"])) is not None:
            yield from _sum(match, count * Decimal(words_of("amounts")["money"][match["unit"]]))
    for match in _patterns()["myriad"].finditer(plain):
        if (count := numeral(match["count"])) is not None:
            yield from _sum(match, count)
    for match in _patterns()["about"].finditer(plain):
        value = Decimal(words_of("amounts")["about"][match[0]])
        yield Found("money", *match.span(), match[0], plain_decimal(value), also={"about": True})


def _is_piece(plain: str, match: re.Match[str]) -> bool:
    """一块 alone is a piece, or together (一块去)."""
    more = match["jiao"] or match["half"] or match[0].endswith("钱")
    return match["count"] in "一1" and match["unit"] == "块" and not more and match[0] != plain


def _sum(match: re.Match[str], value: Decimal) -> Iterator[Found]:
    if value < LARGEST:
        yield Found("money", *match.span(), match[0], plain_decimal(value))


def _area(plain: str) -> Iterator[Found]:
    for match in _patterns()["square"].finditer(plain):
        if (count := numeral(match["count"])) is not None and count < LARGEST:
            yield Found("area", *match.span(), match[0], plain_decimal(count))
    for match in _patterns()["hectare"].finditer(plain):
        if (count := numeral(match["count"])) is not None:
            yield from _land(match, count * 15)
    for match in _patterns()["mu"].finditer(plain):
        whole = HALF if match["count"] == "半" else numeral(match["count"])
        if whole is not None:
            half = HALF if match["half"] else Decimal(0)
            yield from _land(match, whole + half + _tenths(match["fen"]) / 10 + _tenths(match["li"]) / 100)
    for match in _patterns()["fen"].finditer(plain):
        if (count := numeral(match["count"])) is not None:
            yield from _land(match, (count + (HALF if match["half"] else 0)) / 10 + _tenths(match["li"]) / 100)


def _land(match: re.Match[str], mu: Decimal) -> Iterator[Found]:
    if mu < LARGEST:
        yield Found("area", *match.span(), match[0], plain_decimal(mu * MU), also={"mu": plain_decimal(mu)})


def _tenths(said: str | None) -> Decimal:
    return (numeral(said) or Decimal(0)) if said else Decimal(0)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    words = words_of("amounts")
    parts = words | {
        "numeral": NUMERAL,
        "figure": rf"[\d{CHARACTERS}]",
        "near_myriad": rf"[\d.,{CHARACTERS}]{{0,12}}万",
        "digit": r"[一二两三四五六七八九\d]",
        "small": [unit for unit, value in words["money"].items() if Decimal(value) < 1],
    }
    return {name: compiled(template, **parts) for name, template in _TEMPLATES.items()}


_TEMPLATES = {
    "yuan": r"""
        (?: ¥ \s? )? (?P<count> 半 | <<numeral>> ) (?P<unit> <<yuan>> )
        (?: (?P<half> 半 )
        | 零? (?P<jiao> <<digit>> ) <<jiao>>? (?: (?P<fen> <<digit>> ) <<fen>>? )? (?! <<figure>> ) )?
        钱? (?! <<not_after_money>> )""",
    "jiao": r"(?P<count> <<numeral>> ) (?P<unit> <<small>> ) (?! <<not_after_money>> )",
    "myriad": r"""
        (?= <<near_myriad>> ) (?P<count> <<numeral>> ) (?: 块钱 | 元钱 | 元 | 块 | 钱 )?
        (?! <<not_after_myriad>> | <<figure>> )""",
    "about": r"<<about>>",
    "square": r"(?P<count> <<numeral>> ) <<square_metres>> (?! <<not_after_square>> )",
    "hectare": r"(?P<count> <<numeral>> ) <<hectares>>",
    "mu": r"""
        (?P<count> 半 | <<numeral>> ) <<mu>>
        (?: (?P<half> 半 )
        | (?<= 亩 ) (?P<fen> <<digit>> ) <<fen_of_land>>? (?: (?P<li> <<digit>> ) <<li>> )? (?! <<figure>> ) )?
        <<land>>?""",
    "fen": r"""
        (?P<count> <<numeral>> ) <<fen_of_land>>
        (?: (?P<half> 半 ) <<land>>
        | (?<= 分 ) (?P<li> <<digit>> ) <<li>>? (?! <<not_after_fen>> | <<figure>> ) <<land>>?
        | (?<= [地田土园] ) | (?= <<land>> ) )""",
}
