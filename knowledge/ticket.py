"""The words of tickets (取号), and the order in which they are called. Pure.

The order is that of one moment a ticket (`rank_at`): a walk-in's is when it was taken, of somebody who goes first some
minutes earlier, of an appointment some minutes before its time. So who comes later overtakes only those who came no
more than these minutes before, nobody waits for ever, and among equals who came first is called first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from knowledge.ticket_rules import TicketRules

Kind = Literal["walk_in", "first", "appointment"]
State = Literal["waiting", "called", "done", "missed", "left"]

LETTERS: dict[str, str] = {"walk_in": "A", "first": "Y", "appointment": "B"}
"""Before a number: A anybody, Y 优先, B 预约."""
TICK = timedelta(microseconds=1)


class TicketNotFound(LookupError):
    """There is no such ticket, or it is not called at that window."""


class WindowUnknown(LookupError):
    """The office has no window of that name."""


class OfficeShut(Exception):
    """No tickets now; `next`: when the office opens next, if that is known."""

    def __init__(self, next: datetime | None) -> None:
        super().__init__(next)
        self.next = next


class NoWindow(Exception):
    """No window here serves this, or gives tickets at all."""


class WindowsClosed(Exception):
    """The windows that serve this are closed for today though the office is open."""


class TooLateToday(Exception):
    """So many wait that it would not be called before the office closes."""


class TooManyTickets(Exception):
    """They took as many today as the region allows."""


@dataclass(frozen=True, slots=True)
class EndedTicket:
    """What became of one that was called."""

    matters: tuple[str, ...]
    state: State
    called_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as stored. Times are aware."""

    id: str
    office: str
    day: date
    number: int
    kind: Kind
    conversation: str | None
    appointment: str | None
    matters: tuple[str, ...]
    state: State
    rank_at: datetime
    not_before: datetime
    taken_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    window: str | None
    calls: int
    fallen: int
    near_told: bool

    @property
    def label(self) -> str:
        """As it is called: A007."""
        return f"{LETTERS[self.kind]}{self.number:03d}"


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes a ticket for what. `starts_at`: when their appointment is. No `conversation`: at the counter."""

    matters: tuple[str, ...] = ()
    conversation: str | None = None
    first: bool = False
    appointment: str | None = None
    starts_at: datetime | None = None


def placed(taking: Taking, rules: TicketRules, late: timedelta, now: datetime) -> tuple[Kind, datetime, datetime]:
    """Kind, rank and not-before of a ticket that is taken now. Who is too late for their appointment walks in."""
    if taking.starts_at is not None and now <= taking.starts_at + late:
        early = taking.starts_at - timedelta(minutes=rules.early_minutes)
        return "appointment", taking.starts_at - timedelta(minutes=rules.appointment_minutes), max(early, now)
    if taking.first and rules.first_minutes:
        return "first", now - timedelta(minutes=rules.first_minutes), now
    return "walk_in", now, now


def order(ticket: Ticket, now: datetime) -> tuple[bool, datetime, int]:
    """What tickets are sorted by at that moment."""
    return ticket.not_before > now, ticket.rank_at, ticket.number


def in_order(waiting: Iterable[Ticket], now: datetime) -> list[Ticket]:
    """Those who wait, the next first."""
    return sorted(waiting, key=lambda each: order(each, now))


def rank_behind(queue: Sequence[Ticket], places: int, now: datetime) -> datetime:
    """The rank of somebody who falls back so many places in this queue, behind its end where it is shorter."""
    due = [each for each in queue if each.not_before <= now]
    return due[min(places, len(due)) - 1].rank_at + TICK if due else now
