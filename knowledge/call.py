"""A video call (云导办) as stored, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

RESIDENT = "resident"
"""The seat of whoever holds the conversation's token."""

MOST_SEATS = 4
"""Each page sends its picture to each other one: more than three uploads are too many for a village's line."""

ABANDONED = timedelta(seconds=60)
"""A call in which no page was heard of this long has ended."""

SILENT = timedelta(seconds=30)
"""A page that was not heard of this long is away: its process may have been killed."""

Consent = Literal["none", "asked", "agreed", "refused"]


class CallNotFound(LookupError):
    """There is no such call, or it is none of theirs."""


class CallEnded(Exception):
    """The call is over."""


class CallFull(Exception):
    """There are as many in the call as can be."""


class NotInCall(Exception):
    """Only who is in the call may do that."""


class NotAsked(Exception):
    """Nobody has asked whether the call may be recorded, or whoever asks can't answer for the other side."""


class NoConsent(Exception):
    """The other side has not agreed to a recording."""


def staff_seat(staff_id: int) -> str:
    """The seat of a staff account."""
    return f"staff:{staff_id}"


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Times are aware, in UTC. `conversation_id` is None once the resident is forgotten."""

    id: str
    number: str
    conversation_id: str | None
    handoff_id: str | None
    opened_by: str
    opened_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    recording: Consent
    recording_by: str
    recording_answered_by: str
    recording_answered_at: datetime | None

    @property
    def length(self) -> timedelta:
        """How long they talked; nothing if nobody answered or it has not ended."""
        if self.answered_at is None or self.ended_at is None:
            return timedelta(0)
        return self.ended_at - self.answered_at


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody in a call: `title` is how they are called there (居民, 白果镇便民服务中心3号坐席)."""

    call_id: str
    seat: str
    peer: str
    title: str
    connected: bool
    joined_at: datetime
    seen_at: datetime
    left_at: datetime | None
    microphone: bool
    camera: bool
    sharing: bool

    @property
    def is_resident(self) -> bool:
        """Whether it is the resident's page."""
        return self.seat == RESIDENT

    def is_here(self, at: datetime) -> bool:
        """Whether their page is connected and was heard of just now."""
        return self.left_at is None and self.connected and self.seen_at > at - SILENT


@dataclass(frozen=True, slots=True)
class Invitation:
    """An office (`office_code`) or one agent (`staff_id`) was called into a call. Open until answered or declined."""

    id: str
    call_id: str
    office_code: str | None
    staff_id: int | None
    asked_by: int | None
    asked_at: datetime
    answered_by: int | None
    answered_at: datetime | None
    declined_at: datetime | None
