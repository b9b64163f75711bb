"""The division tree (区划): a 12-digit code contains its ancestors, 2+2+2+3+3 digits, filled up with zeros.

Province, city, county, town, village (facts/catalogue.md 5.10); government systems write shorter codes filled
up with zeros, so `430423` and `430423000000` are the same county.
"""

from __future__ import annotations

COUNTRY = "000000000000"
LEVELS = {"村": 12, "镇": 9, "县": 6, "市": 4, "省": 2, "国": 0}
"""Level → how many digits of the code speak."""


class NotADivisionCode(ValueError):
    """The text is not 2 to 12 digits."""


def division_code(text: str) -> str:
    """The 12-digit code. `""` is the country. Raises NotADivisionCode."""
    digits = text.strip()
    if digits and not (digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 12):
        raise NotADivisionCode(text)
    return digits.ljust(12, "0")


def level_of(code: str) -> str:
    """村, 镇, 县, 市, 省 or 国 of a 12-digit code."""
    return next(level for level, digits in reversed(LEVELS.items()) if not code[digits:].strip("0"))


def lineage(code: str) -> tuple[str, ...]:
    """The division itself and all above it, nearest first, the country last."""
    above = (code[:digits].ljust(12, "0") for digits in LEVELS.values())
    return tuple(dict.fromkeys((code, *above)))
