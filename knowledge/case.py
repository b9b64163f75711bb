"""A case (办件) and its steps: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any, Literal, get_args

from knowledge.working_days import CHINA, after_working_days

CaseState = Literal["queued", "received", "accepted", "supplement", "approved", "refused", "withdrawn", "failed"]
"""queued: on its way to the platform; failed: it didn't get there and a person has to look; the others are the
platform's: 收件, 受理, 补正, 办结, 不予通过, 撤件."""
CASE_STATES: tuple[CaseState, ...] = get_args(CaseState)
ENDED: frozenset[CaseState] = frozenset({"approved", "refused", "withdrawn"})

CALENDAR_DAYS = "自然日"


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a case is opened with. `promise_days`, `promise_unit`: the matter's; `proxy_by`: who does it (帮代办)."""

    conversation_id: str
    matter_code: str
    matter_name: str
    region: str
    application_id: str | None = None
    resident_id: str | None = None
    bundle: str | None = None
    proxy_by: str | None = None
    promise_days: float | None = None
    promise_unit: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as stored. `due_at`: the end of the day by which it should be decided; times are aware, in UTC.

    A resident who was forgotten leaves `conversation_id`, `resident_id` and `application_id` None.
    """

    reference: str
    platform_number: str | None
    application_id: str | None
    conversation_id: str | None
    resident_id: str | None
    matter_code: str
    matter_name: str
    region: str
    state: CaseState
    bundle: str | None
    proxy_by: str | None
    sequence: int
    promise_days: float | None
    promise_unit: str
    submitted_at: datetime
    due_at: datetime | None
    updated_at: datetime

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    @property
    def due_on(self) -> date | None:
        """The day in China by which it should be decided, that day included."""
        return (self.due_at.astimezone(CHINA) - timedelta(days=1)).date() if self.due_at else None

    def is_overdue(self, at: datetime) -> bool:
        """Whether that day has passed and the case is still worked on."""
        return self.state == "accepted" and self.due_at is not None and self.due_at <= at


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One step. `sequence` and `event_id` are the platform's, None for a step of ours (or a receipt without an id).

    `materials`: the papers that a supplement asks for; `due_on`: by when (with `accepted`: decided by when).
    """

    state: CaseState
    at: datetime
    text: str = ""
    materials: tuple[str, ...] = ()
    due_on: date | None = None
    sequence: int | None = None
    event_id: str | None = None

    @property
    def details(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {"text": self.text, "materials": self.materials, "due_on": self.due_on}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an event. `is_new`: it was not known; `is_latest`: the case is in its state now."""

    case: Case
    is_new: bool
    is_latest: bool


@dataclass(frozen=True, slots=True)
class CaseStep:
    """A step as stored, with what was said."""

    state: CaseState
    at: datetime
    sequence: int | None
    text: str = ""
    materials: tuple[str, ...] = ()
    due_on: date | None = None


def due_at(event: CaseEvent, promise_days: float | None, promise_unit: str) -> datetime | None:
    """When a case in this event's state should be decided; None: nothing is promised, or it is the resident's turn.

    The platform's own day counts before the matter's promise, which runs from the acceptance (行政许可法 42; time in
    which papers are supplemented doesn't count: the platform accepts again afterwards). The end of that day in China.
    """
    if event.state != "accepted":
        return None
    day = event.due_on or _promised(event.at.astimezone(CHINA).date(), promise_days, promise_unit)
    return datetime.combine(day + timedelta(days=1), time(), CHINA) if day else None


def _promised(accepted: date, days: float | None, unit: str) -> date | None:
    if days is None:
        return None
    return accepted + timedelta(days=ceil(days)) if unit == CALENDAR_DAYS else after_working_days(accepted, ceil(days))
