"""A record is a matter as a file writes it: a mapping with our keys (docs/converse.md), made of plain values.

`matter_of` reads one and says everything that is wrong with it; `record_of` writes one, without the empty keys.
A cell of a table may hold a list as lines, or nested values as JSON, so the same reading serves every format.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from knowledge.codes import UnknownCode, is_coded, word_of, words_of
from knowledge.division import COUNTRY, NotADivisionCode, division_code
from knowledge.matter import Form, FormField, Guide, Material, Matter
from knowledge.national import label_of, translated

KEPT_BY_THE_STORE = frozenset({"version", "release"})
LONGEST_TEXT = 20_000
LISTS_OF_LINES = frozenset({"matter.conditions", "guide.who", "guide.steps", "guide.mistakes", "guide.rhyme"})
LINES = re.compile(r"\n+")
SEVERAL = re.compile(r"[、,，;；|\n]+")
NUMBER = re.compile(r"(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*(?:个?(?:工作日|自然日)|天|日|份|次)?")
DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
AT_ONCE = frozenset({"即办", "当场", "即时", "当场办结", "即时办结"})
# what XML (and so XLSX) and PostgreSQL cannot hold
UNWRITABLE = re.compile("[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
YES = frozenset({"1", "是", "true", "yes", "y", "支持", "收费", "可以", "有"})
NO = frozenset({"0", "否", "false", "no", "n", "不支持", "不收费", "不可以", "无"})


class BadRecord(ValueError):
    """The record is no matter; `reasons` says everything that is wrong with it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(";".join(reasons))
        self.reasons = reasons


class _BadValue(ValueError):
    pass


def matter_of(record: Mapping[str, Any]) -> Matter:
    """The matter of a record with our keys. Raises BadRecord."""
    given = {key: value for key, value in record.items() if key not in KEPT_BY_THE_STORE}
    codes = (given.get(key) for key in ("code", "implement_code", "basic_code"))
    given["code"] = next((code for code in codes if code not in (None, "")), None)
    matter: Matter = _built(Matter, given, "matter")
    return replace(matter, accept_level=matter.accept_level or matter.decide_level, fee=matter.fee or _fee(matter))


def record_of(matter: Matter) -> dict[str, Any]:
    """The record of a matter; `matter_of(record_of(matter))` is the same matter, but for version and release."""
    values: dict[str, Any] = _written(matter)
    if matter.region == COUNTRY:
        values.pop("region", None)
    return {key: value for key, value in values.items() if key not in KEPT_BY_THE_STORE}


def _written(value: Any) -> Any:
    """A value as files hold it: mappings and lists of plain values, without what is empty."""
    if is_dataclass(value):
        value = {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: _written(item) for key, item in value.items() if item not in (None, "", (), {})}
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _fee(matter: Matter) -> str:
    return "不收费" if matter.charged is False else matter.fee_standard


def _built(kind: type[Any], record: Mapping[str, Any], section: str) -> Any:
    """A dataclass filled from a record by the types of its fields. Raises BadRecord."""
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for field in fields(kind):
        try:
            value = READERS[str(field.type)](f"{section}.{field.name}", record.get(field.name))
            if value in (None, "") and field.default is MISSING:
                raise _BadValue("没有填")
            values[field.name] = field.default if value in (None, "") else value
        except BadRecord as error:
            reasons += [f"{label_of(field.name, section)}里,{reason}" for reason in error.reasons]
        except (_BadValue, UnknownCode) as error:
            reasons.append(f"{label_of(field.name, section)}:{error}")
    if reasons:
        raise BadRecord(reasons)
    return kind(**values)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        raise _BadValue("这里要填文字")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = UNWRITABLE.sub("", str(value).replace("\r\n", "\n").replace("\t", " ")).strip()
    if len(text) > LONGEST_TEXT:
        raise _BadValue(f"超过 {LONGEST_TEXT} 字")
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
        raise _BadValue(f"“{error}”不是区划代码(2 到 12 位数字)") from error


def _texts(key: str, value: Any) -> tuple[str, ...]:
    value = _opened(value, "[")
    if isinstance(value, str):
        value = (LINES if key in LISTS_OF_LINES else SEVERAL).split(value)
    items = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    texts = tuple(dict.fromkeys(text for text in map(_text, items) if text))
    return words_of(key, "\n".join(texts)) if is_coded(key) else texts


def _opened(value: Any, bracket: str) -> Any:
    """A cell that holds JSON, opened; anything else as it is."""
    if not (isinstance(value, str) and value.lstrip().startswith(bracket)):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _number(_key: str, value: Any) -> float | None:
    text = _text(value)
    if not text:
        return None
    found = NUMBER.fullmatch("0" if text in AT_ONCE else text)
    if found is None or not math.isfinite(float(found[1])):
        raise _BadValue(f"“{text}”不是数字")
    return float(found[1])


def _whole(key: str, value: Any) -> int | None:
    number = _number(key, value)
    if number is not None and (number < 0 or not number.is_integer() or number > 9999):
        raise _BadValue(f"“{value}”不是 0 到 9999 的整数")
    return None if number is None else int(number)


def _yes_or_no(_key: str, value: Any) -> bool | None:
    text = _text(value).lower()
    if not text:
        return None
    if text not in YES | NO:
        raise _BadValue(f"“{text}”要写成 是 或 否")
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
    raise _BadValue(f"“{value}”不是日期(写成 2026-01-31)")


def _nested(kind: type[Any], section: str) -> Callable[[str, Any], Any]:
    def read(_key: str, value: Any) -> Any:
        opened = _opened(value, "[")
        if isinstance(opened, str):
            opened = [{"name": name.strip()} for name in SEVERAL.split(opened) if name.strip()]
        if opened is None:
            return ()
        if not isinstance(opened, (list, tuple)) or not all(isinstance(item, Mapping) for item in opened):
            raise _BadValue("这里要填一个列表")
        return tuple(_built(kind, translated(item, section)[0], section) for item in opened)

    return read


def _rule(_key: str, value: Any) -> Mapping[str, Any]:
    """A JSON Schema; its pattern must be one that Python reads."""
    if not isinstance(value or {}, Mapping):
        raise _BadValue("这里要填规则,如 {minLength: 1}")
    rule = {str(key): item for key, item in (value or {}).items()}
    try:
        re.compile(str(rule.get("pattern", "")))
        return dict(json.loads(json.dumps(rule)))
    except (re.error, TypeError, ValueError) as error:
        raise _BadValue(f"规则有错:{error}") from error


def _forms(key: str, value: Any) -> tuple[Form, ...]:
    """A list of forms, or, shorter, the field list of the only form."""
    opened = _opened(value, "[")
    if isinstance(opened, list) and opened and all(isinstance(item, Mapping) and "key" in item for item in opened):
        opened = [{"name": "申请表", "fields": opened}]
    return tuple(_nested(Form, "form")(key, opened))


def _guide(_key: str, value: Any) -> Guide | None:
    opened = _opened(value, "{")
    if opened in (None, "", {}):
        return None
    if not isinstance(opened, Mapping):
        raise _BadValue("这里要填通俗指南的各个部分")
    guide: Guide = _built(Guide, opened, "guide")
    return None if guide == Guide() else guide


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "str": _word,
    "int": _whole,
    "int | None": _whole,
    "float | None": _number,
    "bool": _yes_or_no,
    "bool | None": _yes_or_no,
    "date | None": _date,
    "tuple[str, ...]": _texts,
    "tuple[Material, ...]": _nested(Material, "material"),
    "tuple[FormField, ...]": _nested(FormField, "form_field"),
    "tuple[Form, ...]": _forms,
    "Mapping[str, Any]": _rule,
    "Guide | None": _guide,
}
"""The type of a dataclass field → how its value is read."""
