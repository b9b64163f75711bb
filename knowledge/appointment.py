"""The words of appointments (预约): what they are, and what can be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from knowledge.slots import Slot

State = Literal["held", "booked", "arrived", "missed", "cancelled", "lapsed", "displaced"]
OPEN: tuple[State, ...] = ("booked", "held")


class SlotFull(Exception):
    """Nobody fits into that time any more."""


class SlotNotOpen(Exception):
    """The office is closed then, the time is over, or too far ahead."""


class TooManyAppointments(Exception):
    """They have as many appointments to come as the region allows."""


class BookingBlocked(Exception):
    """They did not come too often; `until` then nothing can be booked."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class AppointmentNotFound(LookupError):
    """There is no such appointment, or not of theirs."""


class AppointmentOver(Exception):
    """It is cancelled, its time is over, or somebody has come: it can't be changed any more."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment as stored. Times are aware; `token` is what its QR code says."""

    id: str
    reference: str
    token: str = field(repr=False)
    conversation: str
    office: str
    region: str
    window: str
    matters: tuple[str, ...]
    whom: str
    first: bool
    starts_at: datetime
    ends_at: datetime
    state: State
    booked_at: datetime
    held_until: datetime | None = None
    wait: str | None = None

    @property
    def slot(self) -> Slot:
        """When and at which window."""
        return Slot(self.starts_at, self.ends_at, self.window)


@dataclass(frozen=True, slots=True)
class Booking:
    """Who wants to come, for what, when. `residents`: all conversations of theirs, where it is known who they are.

    `person`: their name and telephone, where the region asks for them.
    """

    conversation: str
    region: str
    matters: tuple[str, ...]
    slot: Slot
    whom: str = ""
    first: bool = False
    residents: tuple[str, ...] = ()
    person: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the waiting list (候补)."""

    id: str
    conversation: str
    office: str
    matters: tuple[str, ...]
    whom: str
    first: bool
    first_day: date
    last_day: date
    part: str
    state: str
    asked_at: datetime
    declined: tuple[str, ...] = ()
