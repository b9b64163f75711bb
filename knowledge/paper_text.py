"""What the text on a paper says: its lines in rows, and the values that stand behind printed words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from knowledge.id_number import standard
from knowledge.paper import Line
from knowledge.paper_rules import PaperField

ENDLESS = "长期"
WINDOW = 90
"""Characters behind a printed word in which its value is looked for."""

NAME = r"[\u4e00-\u9fff\U00020000-\U000323af·]{2,15}?"
ID_NUMBER = r"(?<![\dA-Z])(?:\d{17}[\dXx]|\d{15})(?!\d{2,})"
DAY = (
    r"(?:19|20)\d{2}\s?[年.,\-/·:]\s?\d{1,2}\s?[月.,\-/·:]\s?\d{1,2}(?!\d)日?"
    r"|(?:19|20)\d{2}(?:0\d|1[0-2])[0-3]\d(?!\d)|长期"
)
LABELS = "性别|民族|出生|国籍|年龄|住址|户主|关系|身份证|号码|签名|签字|盖章|电话|联系|地址|曾用名|身高"
"""What is printed behind a name and never part of it."""

VARIANTS = str.maketrans("別戶證號簽發屬業員", "别户证号签发属业员")
"""Characters of printed words that are sometimes read in another form; none that names are written with."""

_CJK_GAP = re.compile(r"(?<=[\d.])\s+(?=[\d.])")


def rows(lines: Sequence[Line]) -> list[str]:
    """The lines of text as they stand beside one another, from above; a blank between two boxes."""
    kept: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: (each.box[1] + each.box[3]) / 2):
        row = next((row for row in reversed(kept[-3:]) if _beside(line, row)), None)
        if row is None:
            kept.append([line])
        else:
            row.append(line)
    return [" ".join(plain(each.text) for each in sorted(row, key=lambda each: each.box[0])) for row in kept]


def _beside(line: Line, row: Sequence[Line]) -> bool:
    """Whether a line stands in a row: as high as the nearest of it, for more than half of the lower one's height."""
    left, top, right, bottom = line.box
    near = min(row, key=lambda each: max(each.box[0] - right, left - each.box[2]))
    shared = min(bottom, near.box[3]) - max(top, near.box[1])
    overlapping = min(right, near.box[2]) - max(left, near.box[0]) > 0.3 * min(right - left, near.box[2] - near.box[0])
    return not overlapping and shared > 0.5 * min(bottom - top, near.box[3] - near.box[1])


def plain(text: str) -> str:
    """Half-width, without blanks inside numbers."""
    half = unicodedata.normalize("NFKC", text)
    return _CJK_GAP.sub("", half.replace("\u3000", " ")).strip().translate(VARIANTS)


def value_of(field: PaperField, text: str) -> str | None:
    """A field's value in a paper's text (rows, a line each); None: it can't be read."""
    values = list(_values(field, text))
    at = field.nth - 1 if field.nth > 0 else field.nth
    return values[at] if -len(values) <= at < len(values) else None


def _values(field: PaperField, text: str) -> Iterator[str]:
    if not field.after:
        yield from (found for match in _pattern(field).finditer(text) if (found := _clean(field, match)))
        return
    for words in field.after:
        places = [found.end() for found in re.finditer(r"\s?".join(map(re.escape, words)), text)]
        values = [value for place in places for value in _behind(field, text[place : place + WINDOW])]
        if values:
            yield from values
            return


def _behind(field: PaperField, window: str) -> Iterator[str]:
    """The value behind a printed word; of days all, for 2015.03.02-2035.03.02 is two."""
    if field.type == "day":
        yield from (found for match in _pattern(field).finditer(window) if (found := _clean(field, match)))
    elif (match := _begins(field, window)) and (value := _clean(field, match)):
        yield value


def _begins(field: PaperField, window: str) -> re.Match[str] | None:
    """The value where the window begins; numbers and days may stand a little further, behind other print."""
    if field.type in ("name", "text", "address"):
        return _pattern(field).match(window.lstrip(" :：;.、(（)）\n"))
    return _pattern(field).search(window[:60])


@lru_cache(maxsize=512)
def _pattern(field: PaperField) -> re.Pattern[str]:
    until = "|".join([*map(re.escape, field.until), LABELS])
    match field.type:
        case "name":
            return re.compile(field.like or rf"({NAME})(?=[^\u4e00-\u9fff·]|$|{until})")
        case "id_number":
            return re.compile(ID_NUMBER)
        case "day":
            return re.compile(DAY)
        case "address":
            return re.compile(rf"((?:(?!{'|'.join(field.until) or '$^'}|\d{{15}}).)+)", re.DOTALL)
        case _:
            return re.compile(field.like or r"\S+")


def _clean(field: PaperField, match: re.Match[str]) -> str | None:
    value = (match.group(1) if match.re.groups else match.group(0)) or ""
    match field.type:
        case "id_number":
            return standard(value)
        case "day":
            return day(value)
        case "address":
            return re.sub(r"\s", "", value) or None
        case _:
            return value.strip() or None


def day(text: str) -> str | None:
    """A day in ISO form, or 长期; None: there is no such day."""
    if text == ENDLESS:
        return ENDLESS
    parts = re.findall(r"\d+", text)
    if len(parts) == 1:
        parts = [text[:4], text[4:6], text[6:8]]
    try:
        return date(*(int(each) for each in parts)).isoformat()
    except ValueError:
        return None
