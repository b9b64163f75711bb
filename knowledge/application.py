"""An application (办件草稿) that a resident fills in: plain values, each with where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import orjson

from knowledge.forms.value import Value as Value

State = Literal["draft", "submitted", "withdrawn", "abandoned"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application as stored. Times are aware, in UTC. Change it with `dataclasses.replace` and `Applications.save`.

    `values` by the form's keys; `papers` by the material's name (what was handed in for it); `notes`: what the dialogue
    has to remember. `version` counts the changes: what was read before another change can't be saved any more.
    `remind_at`: when the resident is reminded of it, once; None: not (any more).
    """

    id: str
    conversation_id: str
    resident_id: str | None
    matter_code: str
    matter_version: int
    bundle: str | None
    created_at: datetime
    updated_at: datetime
    step: str = ""
    state: State = "draft"
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    papers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict, repr=False)
    staff_id: int | None = None
    version: int = 1
    remind_at: datetime | None = None


def dump(application: Application) -> bytes:
    """The personal part of an application as JSON. Raises TypeError for a value that JSON does not know."""
    values = {key: [each.value, each.source, each.confirmed] for key, each in application.values.items()}
    content = {"values": values, "papers": dict(application.papers), "notes": dict(application.notes)}
    return orjson.dumps(content, _tagged, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)


def load(content: bytes) -> dict[str, Any]:
    """`values`, `papers` and `notes` again, dates and decimals as such."""
    read = orjson.loads(content)
    values = {key: Value(_untagged(value), *rest) for key, (value, *rest) in read["values"].items()}
    return {"values": values, "papers": _untagged(read["papers"]), "notes": _untagged(read["notes"])}


def _tagged(value: Any) -> Any:
    match value:
        case datetime():
            return {"$time": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case Decimal():
            return {"$decimal": str(value)}
    raise TypeError(type(value).__name__)


READERS: dict[str, Callable[[str], Any]] = {
    "$time": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
}


def _untagged(value: Any) -> Any:
    match value:
        case list():
            return [_untagged(each) for each in value]
        case dict() if len(value) == 1 and (tag := next(iter(value))) in READERS:
            return READERS[tag](value[tag])
        case dict():
            return {key: _untagged(each) for key, each in value.items()}
    return value
