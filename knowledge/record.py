"""A record is a matter as a file writes it: a mapping with our keys (docs/converse.md), made of plain values.

`matter_of` reads one and says everything that is wrong with it; `record_of` writes one, without the empty keys.
A cell of a table may hold a list as lines, or nested values as JSON, so the same reading serves every format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any

from knowledge.codes import UnknownCode
from knowledge.division import COUNTRY
from knowledge.forms.form import Form, FormField
from knowledge.matter import Guide, Material, Matter
from knowledge.national import label_of, translated
from knowledge.values import PLAIN_READERS, SEVERAL, BadValue, opened

KEPT_BY_THE_STORE = frozenset({"version", "release"})


class BadRecord(ValueError):
    """The record is no matter; `reasons` says everything that is wrong with it."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(";".join(reasons))
        self.reasons = reasons


def matter_of(record: Mapping[str, Any]) -> Matter:
    """The matter of a record with our keys. Raises BadRecord."""
    given = {key: value for key, value in record.items() if key not in KEPT_BY_THE_STORE}
    codes = (given.get(key) for key in ("code", "implement_code", "basic_code"))
    given["code"] = next((code for code in codes if code not in (None, "")), None)
    return _concluded(_built(Matter, given, "matter"))


def completed(matter: Matter, given: Collection[str], known: Matter) -> Matter:
    """A matter of which a file gave only these keys, with the other fields of the known one."""
    missing = set(Matter.__dataclass_fields__) - set(given) - KEPT_BY_THE_STORE - {"code"}
    kept = _as_given(known)
    return _concluded(replace(_as_given(matter), **{name: getattr(kept, name) for name in missing}))


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


def _concluded(matter: Matter) -> Matter:
    """Without a level of its own a matter is handed in where it is decided, and the fee follows from 是否收费."""
    return replace(matter, accept_level=matter.accept_level or matter.decide_level, fee=matter.fee or _fee(matter))


def _as_given(matter: Matter) -> Matter:
    """The matter without these conclusions, so that they are drawn anew when what they follow from changes."""
    level = "" if matter.accept_level == matter.decide_level else matter.accept_level
    return replace(matter, accept_level=level, fee="" if matter.fee == _fee(matter) else matter.fee)


def _fee(matter: Matter) -> str:
    return "不收费" if matter.charged is False else matter.fee_standard


def _built(kind: type[Any], record: Mapping[str, Any], section: str) -> Any:
    """A dataclass filled from a record by the types of its fields. Raises BadRecord."""
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for field in fields(kind):
        try:
            values[field.name] = _value(field, record.get(field.name), section)
        except BadRecord as error:
            reasons += [f"{label_of(field.name, section)}里,{reason}" for reason in error.reasons]
        except (BadValue, UnknownCode) as error:
            reasons.append(f"{label_of(field.name, section)}:{error}")
    if reasons:
        raise BadRecord(reasons)
    return kind(**values)


def _value(field: Field[Any], given: Any, section: str) -> Any:
    """What a field gets: its default where nothing is given. Raises BadValue, UnknownCode, BadRecord."""
    optional = field.default is not MISSING
    if optional and (given is None or given == ""):
        return field.default
    value = READERS[str(field.type)](f"{section}.{field.name}", given)
    if value is not None and value != "":
        return value
    if not optional:
        raise BadValue("没有填")
    return field.default


def _nested(kind: type[Any], section: str) -> Callable[[str, Any], Any]:
    def read(_key: str, value: Any) -> Any:
        inner = opened(value, "[")
        if isinstance(inner, str):
            inner = [{"name": name.strip()} for name in SEVERAL.split(inner) if name.strip()]
        if inner is None:
            return ()
        if not isinstance(inner, (list, tuple)) or not all(isinstance(item, Mapping) for item in inner):
            raise BadValue("这里要填一个列表")
        return tuple(_built(kind, _known(item, section), section) for item in inner)

    return read


def _known(record: Mapping[Any, Any], section: str) -> dict[str, Any]:
    """The record under our keys. A material may say more than we keep; in what is our own format, that is a slip."""
    values, unknown = translated({str(key): value for key, value in record.items()}, section)
    if unknown and section != "material":
        raise BadValue(f"不认识“{'、'.join(unknown)}”")
    return values


def _rule(_key: str, value: Any) -> Mapping[str, Any]:
    """A JSON Schema; its pattern must be one that Python reads."""
    if not isinstance(value or {}, Mapping):
        raise BadValue("这里要填规则,如 {minLength: 1}")
    rule = {str(key): item for key, item in (value or {}).items()}
    try:
        re.compile(str(rule.get("pattern", "")))
        return dict(json.loads(json.dumps(rule)))
    except (re.error, TypeError, ValueError) as error:
        raise BadValue(f"规则有错:{error}") from error


def _forms(key: str, value: Any) -> tuple[Form, ...]:
    """A list of forms, or, shorter, the field list of the only form."""
    inner = opened(value, "[")
    if isinstance(inner, list) and inner and all(isinstance(item, Mapping) and "key" in item for item in inner):
        inner = [{"name": "申请表", "fields": inner}]
    return tuple(_nested(Form, "form")(key, inner))


def _guide(_key: str, value: Any) -> Guide | None:
    inner = opened(value, "{")
    if inner in (None, "", {}):
        return None
    if not isinstance(inner, Mapping):
        raise BadValue("这里要填通俗指南的各个部分")
    guide: Guide = _built(Guide, _known(inner, "guide"), "guide")
    return None if guide == Guide() else guide


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    **PLAIN_READERS,
    "Mapping[str, Any]": _rule,
    "tuple[Material, ...]": _nested(Material, "material"),
    "tuple[FormField, ...]": _nested(FormField, "form_field"),
    "tuple[Form, ...]": _forms,
    "Guide | None": _guide,
}
"""The type of a dataclass field → how its value is read."""
