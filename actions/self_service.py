"""今天晚上能办什么, 自助机在哪里: what works in the chat now, the machines near, and when the office opens next."""

from __future__ import annotations

from datetime import datetime

from actions.choices import person
from actions.guide import with_note
from actions.here import look_around
from actions.places import open_state
from actions.services import Services
from actions.spoken import spoken_moment
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.machines import Machine, machines_near
from knowledge.matter import Office
from knowledge.working_days import OpeningHours

MOST_MACHINES = 2


class TellSelfService(Capability):
    """What can be done without a window."""

    label = "action_tell_self_service"

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Three things, a line each; what can be begun at once is to be chosen."""
        here, now = await look_around(self._catalogue, turn.region), self._clock()
        matters = [each for each in await here.matters(read("self_service")["offered"]) if each.forms]
        near, office = machines_near(turn.region)[:MOST_MACHINES], await here.office()
        lines = [
            read("self_service")["chat"].format(matters="、".join(each.name for each in matters)) if matters else "",
            *([_of_machine(machine, now) for machine in near] or [read("self_service")["no_machine"]]),
            _of_office(office, now),
        ]
        verified = all(machine.verified for machine in near) and (office is None or office.verified)
        begin = [Choice(f"apply:{each.code}", each.name) for each in matters]
        turn.say(
            "utter_self_service",
            [*begin, person()],
            lines="\n".join(filter(None, lines)),
            note=with_note("", verified).strip(),
        )


def _of_machine(machine: Machine, now: datetime) -> str:
    words = read("self_service")
    values = {"name": machine.name, "address": machine.address, "does": "、".join(machine.does)}
    if not machine.hours:
        return str(words["machine_always"].format(**values))
    state = open_state(OpeningHours(machine.hours), now)
    if state.until:
        return str(words["machine_open"].format(**values, until=spoken_moment(state.until, now).removeprefix("今天")))
    if state.next:
        return str(words["machine_closed"].format(**values, next=spoken_moment(state.next, now)))
    return ""


def _of_office(office: Office | None, now: datetime) -> str:
    words = read("self_service")
    if office is None or not office.hours:
        return str(words["office_unknown"])
    state = open_state(OpeningHours(office.hours), now)
    if state.until:
        return str(words["office_open"].format(office=office.name, until=spoken_moment(state.until, now)))
    if state.next:
        return str(words["office_closed"].format(office=office.name, next=spoken_moment(state.next, now)))
    return str(words["office_unknown"])
