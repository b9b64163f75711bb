"""What time does to appointments: reminders, offers of the waiting list, offices that close. All timers are in SQL.

`reach` says something to a resident who is not here: by default a line of their conversation. What sends short messages
when nobody reads it takes the same four values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
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
from actions.appointments.saying import spoken_start
from actions.appointments.wish import When
from actions.here import Here, look_around
from actions.turn import AWAITS_CHOICE
from bot.background import Rounds
from bot.foundation import Foundation
from bot.rasa.output import numbered
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

Push = Callable[[str, str, Reply], Awaitable[int]]
Reach = Callable[[str, Reply, str, dict[str, str]], Awaitable[None]]
"""Conversation, what is said there, what it is (visit_reminder …), the values of a short message in its place."""

POLL_SECONDS = 5.0


def by_push(push: Push) -> Reach:
    """A line of the conversation, and nothing else."""

    async def reach(conversation: str, reply: Reply, kind: str, values: dict[str, str]) -> None:
        await push(conversation, "system", reply)

    return reach


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
                    await self._say(made, office, here, "remind", ways(made))
                    log.info("visit_reminded", conversation=made.conversation)

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
                        await self._reach(held.conversation, Reply(words()["lapsed"], "notice"), "visit_lapsed", {})
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
                await self._say(held, office, here, "offer", choices, until=spoken_start(until))

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
        await self._say(made, office, here, kind, [*choices, *([] if choices else [person])], why=why)

    async def _say(
        self, made: Appointment, office: Office, here: Here, kind: str, choices: list[Choice], **values: Any
    ) -> None:
        """Say it there, with choices that 1 and 第一个 mean."""
        told = said(made, office, await here.matters(made.matters)) | values
        reply = Reply(words()[kind].format(**told), "choices", tuple(choices), {"appointment": shown(made)})
        await offer(self._database, made.conversation, reply.as_dict()["choices"], AWAITS_CHOICE)
        short = {"when": told["when"], "office": office.name, "reference": made.reference}
        await self._reach(made.conversation, numbered(reply), f"visit_{kind}", short)


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
