"""What time does to appointments: reminders, offers of the waiting list, offices that close. All timers are in SQL.

`reach` (bot/reaching.py) says it to a resident who is not here: in their conversation, else by a short message.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import structlog
import yaml

from actions import Services
from actions.appointments.confirming import said, shown
from actions.appointments.offering import Offering
from actions.appointments.places import office_by
from actions.appointments.plan import Plan
from actions.appointments.saying import spoken_start, spoken_until, stamp_of
from actions.appointments.wish import When
from actions.here import Here, look_around
from actions.turn import AWAITS_CHOICE
from bot.background import Rounds
from bot.foundation import Foundation
from bot.rasa.output import numbered
from bot.reaching import Reach, Short
from connectors.message import Choice, Reply
from knowledge.appointment import Appointment
from knowledge.appointments import reminded_by
from knowledge.database import DatabaseUnavailable
from knowledge.offering import offer
from knowledge.office import Office
from knowledge.quiet import is_quiet
from knowledge.slots import fits
from knowledge.working_days import CHINA

log = structlog.get_logger()

POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Late:
    """What of it is told once, until when that is of use to somebody who has not seen it, and what is said besides."""

    what: str
    until: datetime
    values: dict[str, str] = field(default_factory=dict)


class AppointmentWorker:
    """Goes round until it is stopped; of several processes each thing is done by one."""

    def __init__(self, base: Foundation, services: Services, reach: Reach) -> None:
        self._database, self._catalogue, self._clock = base.database, base.catalogue, base.clock
        self._services, self._reach = services, reach
        self._appointments, self._waiting = services.appointments, services.waiting_list
        self._offering = Offering(services)
        self._looked_at: int | None = None

    def running(self) -> AbstractAsyncContextManager[None]:
        """Go round in the background."""
        return Rounds("appointments", self._look, POLL_SECONDS).running()

    async def round(self) -> None:
        """All that is due now. Raises DatabaseUnavailable."""
        here = await look_around(self._catalogue, None)
        if here.release != self._looked_at:
            await self._displace(here)
            self._looked_at = here.release
        await self._waiting.drop_past(self._clock())
        await self._hold(here)
        await self._holds(here)
        await self._remind(here)

    async def _look(self) -> None:
        """A round; one bad row must not stop the rounds."""
        try:
            await self.round()
        except DatabaseUnavailable:
            raise
        except Exception as error:
            log.error("appointments_failed", error=type(error).__name__, exc_info=True)

    async def _remind(self, here: Here) -> None:
        """A day and two hours before, each once; by day."""
        now = self._clock()
        if is_quiet(now):
            return
        hours = max(hours for rule in self._services.visits.rules.values() for hours in rule.remind_hours)
        for made, before in await self._appointments.due_reminders(hours, now):
            due = reminded_by(self._services.visits.of(made.region), made.starts_at, now)
            office = await office_by(here, made.office)
            if due <= before or office is None:
                continue
            async with self._database.transaction():
                if await self._appointments.note_reminded(made, before, due):
                    until = self._reminded_until(made, due)
                    what = f"remind:{stamp_of(made.starts_at)}:{due}"
                    await self._say(made, office, here, "remind", ways(made), _Late(what, until))
                    log.info("visit_reminded", conversation=made.conversation)

    def _reminded_until(self, made: Appointment, due: int) -> datetime:
        """When that reminder is of no use any more: at the next one, or at the visit."""
        hours = sorted(self._services.visits.of(made.region).remind_hours, reverse=True)
        return made.starts_at - timedelta(hours=hours[due] if due < len(hours) else 0)

    async def _hold(self, here: Here) -> None:
        """Hold what got free for who waits."""
        wanted = {each.office for each in await self._waiting.waiting_for()}
        for code in sorted(wanted):
            if office := await office_by(here, code):
                await self._waiting.hold_free([office], self._services.visits.of(office.region), self._clock())

    async def _holds(self, here: Here) -> None:
        """Tell what is held, and let go what nobody answered."""
        now = self._clock()
        for held in await self._appointments.holds(now):
            office = await office_by(here, held.office)
            if held.held_until is not None or office is None:
                async with self._database.transaction():
                    if await self._waiting.decline(held, now):
                        short = Short("visit_lapsed", {}, f"visit:{held.reference}", "lapsed")
                        await self._reach(held.conversation, Reply(words()["lapsed"], "notice"), short)
            elif not is_quiet(now):
                await self._tell_hold(held, office, here, now)

    async def _tell_hold(self, held: Appointment, office: Office, here: Here, now: datetime) -> None:
        minutes = self._services.visits.of(office.region).answer_minutes
        until = min(now + timedelta(minutes=minutes), held.starts_at - timedelta(minutes=30))
        labels = words()["choices"]
        choices = [
            Choice(f"book:yes:{held.reference}", labels["take"]),
            Choice(f"book:no:{held.reference}", labels["decline"]),
        ]
        async with self._database.transaction():
            if await self._appointments.change_hold(held, now, held_until=until):
                late = _Late("offer", until, {"until": spoken_until(until)})
                await self._say(held, office, here, "offer", choices, late, until=spoken_start(until))

    async def _displace(self, here: Here) -> None:
        """An office closed, or a window went, after it was booked: all concerned are told and offered another time."""
        for made in await self._appointments.open_after(self._clock()):
            office = await office_by(here, made.office)
            if office is None or fits(office, made.slot):
                continue
            async with self._database.transaction():
                if await self._appointments.end(made, "displaced", self._clock()):
                    await self._tell_displaced(made, office, here)
                    log.info("visit_displaced", conversation=made.conversation)

    async def _tell_displaced(self, made: Appointment, office: Office, here: Here) -> None:
        texts, rules = words(), self._services.visits.of(office.region)
        reason = office.closed_because(made.slot.day)
        why = texts["changed"] if reason is None else texts["closed"].format(reason=reason or texts["closed_for"])
        when = When((made.slot.day,), "", made.starts_at.astimezone(CHINA).time())
        plan = Plan("time", made.matters, True, made.whom, office.code, when, first="y" * made.first)
        found = await self._offering.find(office, plan, rules)
        choices = [self._offering.choice(plan, office, slot) for slot in found.slots]
        person = Choice("ask_person", texts["choices"]["person"])
        kind = "displaced" if choices else "displaced_none"
        late = _Late(f"displaced:{stamp_of(made.starts_at)}", made.starts_at)
        await self._say(made, office, here, kind, [*choices, *([] if choices else [person])], late, why=why)

    async def _say(
        self,
        made: Appointment,
        office: Office,
        here: Here,
        kind: str,
        choices: list[Choice],
        late: _Late,
        **values: Any,
    ) -> None:
        """Say it there, with choices that 1 and 第一个 mean."""
        told = said(made, office, await here.matters(made.matters)) | values
        reply = Reply(words()[kind].format(**told), "choices", tuple(choices), {"appointment": shown(made)})
        await offer(self._database, made.conversation, reply.as_dict()["choices"], AWAITS_CHOICE)
        values = {"when": told["when"], "office": office.name, "reference": made.reference, **late.values}
        key = f"visit_{kind.removesuffix('_none')}"
        short = Short(key, values, f"visit:{made.reference}", late.what, late.until)
        await self._reach(made.conversation, numbered(reply), short)


def ways(made: Appointment) -> list[Choice]:
    """What can be done with an appointment: to keep, to move, to cancel it."""
    labels = words()["choices"]
    return [
        Choice(f"cancel_booking:keep:{made.reference}", labels["keep"]),
        Choice(f"move_booking:{made.reference}", labels["move"]),
        Choice(f"cancel_booking:{made.reference}", labels["cancel"]),
    ]


@cache
def words() -> dict[str, Any]:
    """The sentences as they are written."""
    loaded: dict[str, Any] = yaml.safe_load(
        resources.files(__package__).joinpath("appointments.yml").read_text("utf-8")
    )
    return loaded
