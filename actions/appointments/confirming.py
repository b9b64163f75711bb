"""An appointment is confirmed: when, where, what to bring, how to get there, a QR code and a calendar entry."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import segno
from icalendar import Alarm, Calendar, Event

from actions import parts
from actions.appointments.saying import spoken_names, spoken_start, spoken_whom
from actions.guide import spoken_lines, with_note
from actions.places import office_lines
from actions.services import Services
from actions.turn import Turn
from actions.words import read
from connectors.message import Choice, file_of
from knowledge.appointment import Appointment
from knowledge.matter import Matter, Office

PNG, ICS = "image/png", "text/calendar"
SCALE = 8
QR = "BANGBAN-VISIT:"
"""Before the token in a QR code: what scans it knows that it is an appointment's."""


class Confirming:
    """Says an appointment in full, with its files."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def confirm(
        self, turn: Turn, made: Appointment, office: Office, matters: Sequence[Matter], response: str = "utter_booked"
    ) -> None:
        """Say it; the same appointment again is said again, with the same files."""
        choices = read("appointments")["choices"]
        ways = [
            Choice(f"move_booking:{made.reference}", choices["move"]),
            Choice(f"cancel_booking:{made.reference}", choices["cancel"]),
        ]
        turn.say(response, data={"appointment": shown(made)}, **said(made, office, matters))
        await self._file(turn, made, "utter_booking_qr", "qr", PNG, await asyncio.to_thread(qr_code, made))
        lasts = self._services.visits.of(office.region).remind_hours
        calendar = calendar_of(made, office, matters, lasts)
        await self._file(turn, made, "utter_booking_ics", "ics", ICS, calendar, ways)

    async def _file(
        self,
        turn: Turn,
        made: Appointment,
        response: str,
        kind: str,
        media_type: str,
        content: bytes,
        ways: Sequence[Choice] = (),
    ) -> None:
        name = read("appointments")["files"][kind].format(reference=made.reference)
        stored = await self._services.files.put(turn.conversation, name, media_type, content, self._services.clock())
        file = file_of(turn.conversation, stored.id, name, media_type, stored.size)
        turn.say(response, ways, kind="file", data={"file": file}, name=name)


def said(made: Appointment, office: Office, matters: Sequence[Matter]) -> dict[str, Any]:
    """The values of the sentence that says an appointment."""
    brought = [line for matter in matters for line in parts.materials(matter).lines]
    verified = office.verified and all(matter.is_verified("materials") for matter in matters)
    bring = spoken_lines("materials", list(dict.fromkeys(brought)))
    place, telephone, _ = office_lines(office)
    return {
        "when": spoken_start(made.starts_at),
        "office": office.name,
        "window": made.window,
        "names": spoken_names(matters),
        "whom": spoken_whom(made.whom),
        "reference": made.reference,
        "bring": f"要带：\n{bring}\n" if bring else "",
        "way": f"{place}{office.directions}{telephone}",
        "note": with_note("", verified).strip(),
    }


def shown(made: Appointment) -> dict[str, object]:
    """What a channel may show of it."""
    return {
        "reference": made.reference,
        "office": made.office,
        "window": made.window,
        "matters": list(made.matters),
        "starts_at": made.starts_at.isoformat(),
        "ends_at": made.ends_at.isoformat(),
        "state": made.state,
    }


def qr_code(made: Appointment) -> bytes:
    """The code that is shown at the door: a token that tells nothing of anybody."""
    drawn = io.BytesIO()
    segno.make(QR + made.token, error="m", micro=False).save(drawn, kind="png", scale=SCALE)
    return drawn.getvalue()


def calendar_of(made: Appointment, office: Office, matters: Sequence[Matter], remind_hours: Sequence[int]) -> bytes:
    """An .ics file with reminders. It names the matters and the office, nobody."""
    words = read("appointments")["calendar"]
    names = "、".join(matter.name for matter in matters) or office.name
    event = Event()
    event.add("uid", f"{made.reference}@bangban")
    event.add("dtstamp", made.booked_at)
    event.add("dtstart", made.starts_at)
    event.add("dtend", made.ends_at)
    event.add("summary", words["summary"].format(matters=names))
    event.add("location", f"{office.name} {office.address}".strip())
    event.add("description", words["description"].format(reference=made.reference, window=made.window))
    for hours in remind_hours:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", words["summary"].format(matters=names))
        alarm.add("trigger", timedelta(hours=-hours))
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Bangban//Appointments//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
