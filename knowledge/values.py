"""Reading plain values as people, spreadsheets and YAML write them: text, numbers, days, yes and no, lists.

A reader gets the field's key (`matter.type`) and what the file holds, and returns the value or raises BadValue.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from knowledge.codes import is_coded, word_of, words_of
from knowledge.division import NotADivisionCode, division_code

LONGEST_TEXT = 20_000
LISTS_OF_LINES = frozenset(
    {"form_field.known_from", "matter.conditions", "guide.who", "guide.steps", "guide.mistakes", "guide.rhyme"}
)
LINES = re.compile(r"\n+")
SEVERAL = re.compile(r"[、,，;；|\n]+")
NUMBER = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*(?:个?(?:工作日|自然日)|天|日|份|次)?")
DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
AT_ONCE = frozenset({"即办", "当场", "即时", "当场办结", "即时办结"})
# what XML (and so XLSX) and PostgreSQL cannot hold
UNWRITABLE = re.compile("[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
YES = frozenset({"1", "是", "true", "yes", "y", "支持", "收费", "可以", "有"})
NO = frozenset({"0", "否", "false", "no", "n", "不支持", "不收费", "不可以", "无"})


class BadValue(ValueError):
    """The value means nothing for its field; the message is for the screen."""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        raise BadValue("这里要填文字")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = UNWRITABLE.sub("", str(value).replace("\r\n", "\n").replace("\t", " ")).strip()
    if len(text) > LONGEST_TEXT:
        raise BadValue(f"超过 {LONGEST_TEXT} 字")
    return text


def _word(key: str, value: Any) -> str:
    text = _text(value)
    if key == "matter.region":
        return _division(text)
    if key == "matter.basic_code" and isinstance(value, int):
        return text.zfill(12)  # a spreadsheet drops leading zeros
    return word_of(key, text) if text and is_coded(key) else text


def _division(text: str) -> str:
    try:
        return division_code(text)
    except NotADivisionCode as error:
        raise BadValue(f"“{error}”不是区划代码(2 到 12 位数字)") from error


def _texts(key: str, value: Any) -> tuple[str, ...]:
    value = opened(value, "[")
    if isinstance(value, str):
        value = (LINES if key in LISTS_OF_LINES else SEVERAL).split(value)
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    texts = tuple(dict.fromkeys(text for text in map(_text, items) if text))
    return words_of(key, "\n".join(texts)) if is_coded(key) else texts


def opened(value: Any, bracket: str) -> Any:
    """A cell that holds JSON (beginning with this bracket), opened; anything else as it is."""
    if not (isinstance(value, str) and value.lstrip().startswith(bracket)):
        return value
    try:
        return json.loads(value)
    except (json.JSONDecodeError, RecursionError):
        return value


def _number(_key: str, value: Any) -> float | None:
    text = _text(value)
    if not text:
        return None
    found = NUMBER.fullmatch("0" if text in AT_ONCE else text)
    if found is None or not math.isfinite(float(found[1])):
        raise BadValue(f"“{text}”不是数字")
    return float(found[1])


def _whole(key: str, value: Any) -> int | None:
    number = _number(key, value)
    if number is not None and (number < 0 or not number.is_integer() or number > 9999):
        raise BadValue(f"“{value}”不是 0 到 9999 的整数")
    return None if number is None else int(number)


def _yes_or_no(_key: str, value: Any) -> bool | None:
    text = _text(value).lower()
    if not text:
        return None
    if text not in YES | NO:
        raise BadValue(f"“{text}”要写成 是 或 否")
    return text in YES


def _date(_key: str, value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value in (None, "") or isinstance(value, date):
        return value or None
    found = DATE.fullmatch(_text(value))
    try:
        return date(*map(int, found.groups())) if found else _not_a_date(value)
    except ValueError:
        return _not_a_date(value)


def _not_a_date(value: Any) -> date:
    raise BadValue(f"“{value}”不是日期(写成 2026-01-31)")


PLAIN_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "str": _word,
    "int": _whole,
    "int | None": _whole,
    "float | None": _number,
    "bool": _yes_or_no,
    "bool | None": _yes_or_no,
    "date | None": _date,
    "tuple[str, ...]": _texts,
}
"""The type of a dataclass field → how its value is read."""
