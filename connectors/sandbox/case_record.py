"""A case as the sandbox keeps it, as openapi.yml shows it, and what is written down when it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ulid import ULID

from connectors.sandbox.matters import matters
from connectors.sandbox.refusing import Refused
from knowledge.working_days import is_working_day

CHINA = ZoneInfo("Asia/Shanghai")
CLOSED = ("approved", "refused", "withdrawn")
SHOWN = ("number", "reference", "matter", "bundle", "region", "state", "sequence", "due_on", "result", "history")
STATES = {
    "received": "已收件",
    "accepted": "已受理",
    "supplement": "待补正",
    "approved": "已办结",
    "refused": "不予办理",
    "withdrawn": "已撤回",
}
WITHOUT_PROMISE = 20
"""Working days, where the catalogue promises none: what most laws allow."""


def matters_of(case: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was handed in for, code and name: the matter, or those of the bundle in their order."""
    return list(case["bundle"]["matters"]) if case["bundle"] else [case["matter"]]


def leading(case: Mapping[str, Any]) -> str:
    """The code of the matter that decides how long it takes, and what the result is."""
    return str(matters_of(case)[0]["code"])


def shown(case: Mapping[str, Any]) -> dict[str, Any]:
    """By openapi.yml's Case."""
    return {name: case[name] for name in SHOWN}


def receipt(case: Mapping[str, Any]) -> dict[str, Any]:
    """By openapi.yml's Receipt, of the newest event."""
    names = ("number", "reference", "state", "sequence")
    return {**{name: case[name] for name in names}, "at": case["history"][-1]["at"]}


def with_event(
    case: Mapping[str, Any],
    state: str,
    at: datetime,
    text: str,
    materials: Sequence[str] = (),
    due_on: date | None = None,
) -> dict[str, Any]:
    """The case, one event later."""
    happened = {
        "id": str(ULID()),
        "sequence": len(case["history"]) + 1,
        "state": state,
        "at": at.isoformat(),
        "text": text,
        "materials": list(materials),
        "due_on": due_on.isoformat() if due_on else None,
    }
    return {
        **case,
        "state": state,
        "sequence": happened["sequence"],
        "due_on": happened["due_on"] or case["due_on"],
        "history": [*case["history"], happened],
    }


def changed(case: Mapping[str, Any]) -> dict[str, Any]:
    """The call-back of the newest event, by openapi.yml's CaseChanged."""
    named = {name: case[name] for name in ("number", "reference", "result")}
    return {"type": "case_changed", **named, **case["history"][-1]}


def open_case(case: Mapping[str, Any]) -> None:
    """Raises Refused (case_closed)."""
    if case["state"] in CLOSED:
        raise Refused("case_closed", STATES[case["state"]])


def decided_by(matter_code: str, today: date) -> date:
    """The day by which the matter's promise wants a decision: so many working days after today."""
    promised = matters()[matter_code].promise_days
    left, day = WITHOUT_PROMISE if promised is None else int(promised), today
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day
