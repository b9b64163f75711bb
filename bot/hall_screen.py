"""What a hall's screen shows and says: numbers and windows, nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actions import Services
from actions.words import read
from bot.foundation import Foundation
from bot.reading_aloud import ReadingAloud
from bot.spoken_numbers import spoken_numbers
from knowledge.ticket import Ticket, TicketNotFound

SHOWN_NEXT = 6


class HallScreen:
    """`/hall/{office}`."""

    def __init__(self, base: Foundation, services: Services, reading: ReadingAloud) -> None:
        self._catalogue, self._clock = base.catalogue, base.clock
        self._tickets, self._reading = services.tickets, reading

    async def shown(self, code: str) -> dict[str, Any] | None:
        """Who is called where, and who is next; None: there is no such office."""
        office = await self._catalogue.office(code)
        if office is None:
            return None
        now = self._clock()
        called = await self._tickets.called(code, now)
        waiting = await self._tickets.waiting(code, now)
        return {
            "office": office.name,
            "calls": [_called(each, now) for each in called],
            "next": [each.label for each in waiting[:SHOWN_NEXT]],
            "waiting": len(waiting),
            "reads": self._reading.reads,
        }

    async def said(self, code: str, call: str) -> bytes | None:
        """A call that stands on the screen, as an MP3; None: there is no such office.

        Raises TicketNotFound, SpeechUnavailable.
        """
        if await self._catalogue.office(code) is None:
            return None
        called = await self._tickets.called(code, self._clock())
        words = next((_words(each) for each in called if _id(each) == call), None)
        if words is None:
            raise TicketNotFound(call)
        return await self._reading.announcement(words)


def _called(ticket: Ticket, now: datetime) -> dict[str, Any]:
    since = now - (ticket.called_at or now)
    return {
        "id": _id(ticket),
        "label": ticket.label,
        "window": ticket.window,
        "words": _words(ticket),
        "seconds": int(since.total_seconds()),
        "calls": ticket.calls,
    }


def _id(ticket: Ticket) -> str:
    """Another one each time it is called, also again, and after it fell back."""
    return f"{ticket.day:%Y%m%d}-{ticket.number}-{ticket.fallen}-{ticket.calls}"


def _words(ticket: Ticket) -> str:
    """A007 at 2号综合窗口 → 请A 零零七号到二号综合窗口。"""
    return spoken_numbers(read("tickets")["called_aloud"].format(label=ticket.label, window=ticket.window))
