"""A hand-off (转人工) as stored, and the words around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

State = Literal["waiting", "offered", "taken", "elsewhere", "ended"]
WAITING, OFFERED, TAKEN, ELSEWHERE, ENDED = "waiting", "offered", "taken", "elsewhere", "ended"
"""Elsewhere: people outside our desk answer it, where the resident writes (WeCom)."""

TIERS = ("村", "镇", "县")
"""The levels of the division tree at which agents sit, from below."""

NoteKind = Literal["note", "passed", "question", "answer", "whisper", "summary"]


class HandoffNotFound(LookupError):
    """There is no such hand-off."""


class HandoffTaken(Exception):
    """Somebody else has taken it: `by` is their staff id."""

    def __init__(self, handoff_id: str, by: int | None) -> None:
        super().__init__(handoff_id)
        self.by = by


class HandoffEnded(Exception):
    """It has ended: nothing more is done with it."""


class HandoffNotYours(Exception):
    """Only who has taken it may do that."""


class CapacityReached(Exception):
    """The agent has as many chats as they can have at a time."""


class NotAnAgent(LookupError):
    """The staff account answers nobody: `bangban staff agent` makes it an agent."""


class AsideNotFound(LookupError):
    """There is no such question, or it was answered."""


@dataclass(frozen=True, slots=True)
class Timers:
    """How long is waited: for an offer to be taken, at a tier, for an agent's word, after the warning for it."""

    offer: timedelta = timedelta(seconds=60)
    tier: timedelta = timedelta(seconds=120)
    silence: timedelta = timedelta(seconds=180)
    grace: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wants:
    """Whom somebody needs. `tier`, `office`: where the queue begins (`knowledge.routing.starting_at`).

    `skills`: departments, matters, what else an agent may be good at; `language`: a dialect or sign language.
    """

    region: str
    matter: str | None = None
    skills: tuple[str, ...] = ()
    language: str = ""
    tier: str = TIERS[0]
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """One wish for a person. Times are aware, in UTC; `taken_by`, `offered_to` are staff ids."""

    id: str
    conversation_id: str
    reason: str
    region_code: str
    matter_code: str | None
    skills: list[str]
    language: str
    tier: str
    office_code: str | None
    state: State
    entered_at: datetime
    offered_to: int | None
    offered_at: datetime | None
    offer_due_at: datetime | None
    declined: list[int]
    tier_due_at: datetime | None
    taken_by: int | None
    taken_at: datetime | None
    last_agent_at: datetime | None
    last_resident_at: datetime | None
    silence_due_at: datetime | None
    warned_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    outcome: str

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has it yet."""
        return self.state in (WAITING, OFFERED)


@dataclass(frozen=True, slots=True)
class HandoffEvent:
    """What happened, when, by whom. `handoff_id` is None for what concerns the desk only."""

    seq: int
    handoff_id: str | None
    at: datetime
    what: str
    staff_id: int | None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """What staff wrote for each other. `text` is None once the resident is forgotten."""

    id: str
    handoff_id: str
    aside_id: str | None
    at: datetime
    kind: NoteKind
    staff_id: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A question to another office or agent beside the chat. It is open while `answered_at` is None."""

    id: str
    handoff_id: str
    asked_by: int | None
    office_code: str | None
    asked_of: int | None
    asked_at: datetime
    answered_by: int | None
    answered_at: datetime | None
