"""A call as pages see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from knowledge.call import RESIDENT, Call, Seat


def shown(call: Call) -> dict[str, Any]:
    """The call itself. `conversation` is for the desk; the resident knows it."""
    return {
        "id": call.id,
        "number": call.number,
        "conversation": call.conversation_id,
        "opened_by": side_of(call.opened_by),
        "opened_at": call.opened_at.isoformat(),
        "answered_at": call.answered_at.isoformat() if call.answered_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "seconds": round(call.length.total_seconds()),
    }


def state_of(call: Call, seats: list[Seat], at: datetime) -> dict[str, Any]:
    """All that a page draws: sent whole at every change."""
    return {
        "type": "call",
        "call": shown(call),
        "over": call.ended_at is not None or call.conversation_id is None,
        "ended_by": side_of(call.ended_by),
        "seats": [_seat(seat, at) for seat in seats],
        "recording": {
            "state": call.recording,
            "asked_by": call.recording_by,
            "answered_by": call.recording_answered_by,
        },
    }


def side_of(seat: str) -> str:
    """`resident`, `staff`, or empty for nobody."""
    return seat if seat in (RESIDENT, "") else "staff"


def _seat(seat: Seat, at: datetime) -> dict[str, Any]:
    return {
        "seat": seat.seat,
        "peer": seat.peer,
        "side": side_of(seat.seat),
        "title": seat.title,
        "here": seat.is_here(at),
        "microphone": seat.microphone,
        "camera": seat.camera,
        "sharing": seat.sharing,
    }
