"""Numbers in an answer, in digits or in Chinese characters: 120.5, 1万2, 一百二, 两千五, 三万六, 半."""

from __future__ import annotations

import re
from decimal import Decimal

SPELT = ("零〇洞", "一幺壹", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
DIGITS = {character: digit for digit, characters in enumerate(SPELT) for character in characters}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8}
NUMBER = re.compile(rf"-?\d[\d,]*(?:\.\d+)?[{''.join(UNITS)}]*(?:\d+(?![\d.]))?|[{''.join((*DIGITS, *UNITS))}半点]+")
LONGEST = 24


def numbers_in(text: str) -> list[Decimal]:
    """The numbers that a text says, in order. What only looks like one (点, 一起) is none or a small one."""
    found = (number_of(match[0]) for match in NUMBER.finditer(text))
    return [number for number in found if number is not None]


def number_of(text: str) -> Decimal | None:
    """The number that this text is; None when it is none."""
    plain = text.replace(",", "")
    if len(plain) > LONGEST:
        return None
    if plain == "半":
        return Decimal("0.5")
    if re.fullmatch(r"-?\d+(\.\d+)?", plain, re.ASCII):
        return Decimal(plain)
    whole, point, rest = plain.partition("点")
    number = _mixed(whole) if re.match(r"-?\d", whole) else _spoken(whole)
    if number is None or not point:
        return number
    decimals = digits_of(rest)
    return number + Decimal(f"0.{decimals}") if decimals and len(decimals) == len(rest) else None


def digits_of(text: str) -> str:
    """The digits that a text spells one by one: 幺三八 → 138; everything else is left out."""
    return "".join(
        str(DIGITS.get(each, each)) for each in text if each in DIGITS or (each.isascii() and each.isdigit())
    )


def _mixed(text: str) -> Decimal | None:
    """3.5万, 1万2, 5百."""
    match = re.fullmatch(rf"(-?\d+(?:\.\d+)?)([{''.join(UNITS)}]+)(\d*)", text, re.ASCII)
    if match is None:
        return None
    scale = 1
    for unit in match[2]:
        scale *= UNITS[unit]
    rest = Decimal(match[3] or 0)
    return Decimal(match[1]) * scale + (rest * scale / 10 if len(match[3]) == 1 else rest)


def _spoken(text: str) -> Decimal | None:
    """一百二十, 一百二 (120), 两千五 (2500), 十五, 三万零五; 一二〇 digit by digit."""
    has_half, text = text.endswith("半"), text.removesuffix("半")
    if not text or "半" in text:
        return None
    if not any(each in UNITS for each in text):
        spelt = digits_of(text)
        return Decimal(spelt) + (Decimal("0.5") if has_half else 0) if spelt else None
    total, section, digit, last = 0, 0, 0, 1
    for each in text:
        if each in DIGITS:
            digit, last = DIGITS[each], 1 if DIGITS[each] == 0 else last
            continue
        unit = UNITS[each]
        if unit >= 10_000:
            total, section = (total + section + digit) * unit, 0
        else:
            section += (digit or 1) * unit
        digit, last = 0, unit
    number = Decimal(total + section + digit * max(last // 10, 1))
    return number + (Decimal("0.5") if has_half else 0)
