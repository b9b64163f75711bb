"""What the desk's pages of appointments and offices are shown, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from actions import Services
from actions.appointments.saying import spoken_whom
from actions.here import look_around
from bot.foundation import Foundation
from connectors.web.problems import Problem
from knowledge.appointment import Appointment, AppointmentNotFound
from knowledge.office_store import put_offices
from knowledge.office_text import OfficeTextUnreadable, texts_of, with_texts
from knowledge.working_days import CHINA

Sees = Callable[[str], bool]
SCANNED = "BANGBAN-VISIT:"


class DeskAppointments:
    """`/desk/api/appointments`, `/desk/api/offices`."""

    def __init__(self, base: Foundation, services: Services) -> None:
        self._base = base
        self._services = services

    async def offices(self, sees: Sees) -> list[dict[str, Any]]:
        """Code, region and texts of each."""
        offices = [each for each in await self._base.catalogue.offices() if sees(each.region)]
        return [{"code": each.code, "region": each.region, "fields": texts_of(each)} for each in offices]

    async def change(self, code: str, told: dict[str, str], sees: Sees) -> dict[str, Any] | None:
        """Change one; None: it is not there, or not theirs. Raises Problem, CatalogueChangedMeanwhile."""
        known = {each.code: each for each in await self._base.catalogue.offices()}
        if code not in known or not sees(known[code].region):
            return None
        try:
            changed = with_texts(known[code], told)
        except OfficeTextUnreadable as error:
            raise Problem("wrong_fields", reason=f"{error.field}：{error.text}") from error
        await put_offices(self._base.database, [changed])
        return {"code": code, "region": changed.region, "fields": texts_of(changed)}

    async def of_day(self, office: str, day: date | None, sees: Sees) -> dict[str, Any] | None:
        """By time; None: no such office of theirs."""
        known = {each.code: each for each in await self._base.catalogue.offices()}
        if office not in known or not sees(known[office].region):
            return None
        shown = day or self._base.clock().astimezone(CHINA).date()
        made = await self._services.appointments.of_day(office, shown)
        return {"office": office, "day": shown, "appointments": [await self._shown(each) for each in made]}

    async def mark(self, reference: str, state: str, staff: int, sees: Sees) -> dict[str, Any] | None:
        """Mark one; None: there is none of theirs. Raises AppointmentOver."""
        try:
            found = await self._services.appointments.find(reference.removeprefix(SCANNED))
        except AppointmentNotFound:
            return None
        if not sees(found.region):
            return None
        now = self._base.clock()
        return await self._shown(await self._services.appointments.mark(found.reference, state, staff, now))  # type: ignore[arg-type]

    async def _shown(self, made: Appointment) -> dict[str, Any]:
        here = await look_around(self._base.catalogue, made.region)
        person = await self._services.appointments.person_of(made)
        return {
            "reference": made.reference,
            "starts_at": made.starts_at,
            "window": made.window,
            "matters": [matter.name for matter in await here.matters(made.matters)],
            "whom": spoken_whom(made.whom).strip("（）"),
            "first": made.first,
            "state": made.state,
            "person": person.get("name", ""),
        }
