"""Finds a person for somebody, and says at which place they stand and how long it takes, or that it can't be told."""

from __future__ import annotations

import math
from datetime import timedelta

from actions.here import look_around
from actions.person.packet import Packets
from actions.services import Services
from actions.turn import Turn
from actions.words import wording
from connectors.message import Choice
from knowledge.division import COUNTRY
from knowledge.handoff import ELSEWHERE, TIERS
from knowledge.routing import tier_above, tier_of
from knowledge.wanting import Place

AT_WINDOW = "window"
"""The reason of a hand-off that a clerk asks for, with the resident beside them."""

MINUTE = timedelta(minutes=1)


class HandingOver:
    """Hands over in a turn, by the resident's word or the bot's own judgement."""

    def __init__(self, services: Services) -> None:
        self._catalogue = services.catalogue
        self._wanting = services.wanting
        self._packets = Packets(services)
        self._visits = services.window_visits
        self._clock = services.clock
        self._answered_there = services.answered_there

    async def ask(self, turn: Turn, reason: str) -> bool:
        """Get the resident into the queue and say so; False: nobody works now who could answer.

        Whoever waits already keeps their place, and hears it again.
        """
        known = await self._wanting.handoffs.open_in(turn.conversation)
        if known is not None and known.state == ELSEWHERE:
            return await self.tell_place(turn)
        code = turn.slot("matter")
        matter = await (await look_around(self._catalogue, turn.region)).matter(code) if code else None
        packet = await self._packets.of(turn, reason, matter)
        tier = ""
        if visit := await self._visits.serving(turn.conversation, self._clock()):
            packet, reason, tier = packet | {"window": visit.clerk}, AT_WINDOW, _above(turn)
        asked = (turn.conversation, reason, packet, turn.region or "", matter, self._clock())
        elsewhere = turn.channel in self._answered_there
        place = await self._wanting.ask(*asked, turn.slot("language") or "", tier, elsewhere)
        if place is None:
            return False
        self._tell(turn, place, reason)
        return True

    async def tell_place(self, turn: Turn) -> bool:
        """Say where they stand; False: they do not wait."""
        handoff = await self._wanting.handoffs.open_in(turn.conversation)
        if handoff is None or not (handoff.is_waiting or handoff.state == ELSEWHERE):
            return False
        self._tell(turn, await self._wanting.place(handoff, self._clock()), handoff.reason)
        return True

    @staticmethod
    def _tell(turn: Turn, place: Place, reason: str) -> None:
        if place.handoff.state == ELSEWHERE:
            _tell_elsewhere(turn, place)
            return
        words = wording("person")
        asks_reason = place.is_new and reason == "asked"
        response = "utter_person_asked" if place.is_new else "utter_person_waiting"
        seconds = None if place.wait is None else math.ceil(place.wait.total_seconds())
        data = {"mode": "waiting", "handoff": place.handoff.id, "position": place.position, "wait_seconds": seconds}
        turn.say(
            response,
            [*(reasons() if asks_reason else ()), *ways_on()],
            question=True,
            data=data,
            office=place.office.name if place.office else words["office"],
            place=words["place"].format(position=place.position),
            wait=_spoken(place.wait),
            ask=words["ask_reason"] if asks_reason else "",
        )
        turn.await_yes(None)


def _tell_elsewhere(turn: Turn, place: Place) -> None:
    """People outside our desk answer: the channel passes the chat to them when this has been said (`pass_on`)."""
    data = {"mode": "waiting", "handoff": place.handoff.id}
    if place.is_new:
        turn.say("utter_person_elsewhere", question=True, data=data | {"pass_on": turn.channel})
    else:
        turn.say("utter_person_is_elsewhere", ways_on(), question=True, data=data)
    turn.await_yes(None)


def _above(turn: Turn) -> str:
    """The tier that a clerk at the window calls: the one they name, else the next above their own."""
    if turn.argument in TIERS:
        return turn.argument
    own = tier_of(turn.region or COUNTRY)
    return tier_above(own) or own


def reasons() -> list[Choice]:
    """Why a person is wanted, in one tap."""
    return [Choice(f"tell_reason:{key}", label) for key, label in wording("person.reasons").items()]


def ways_on() -> list[Choice]:
    """What may be done instead of waiting. Going on with the bot needs no choice."""
    return [Choice(intent, label) for intent, label in wording("person.ways_on").items()]


def _spoken(wait: timedelta | None) -> str:
    words = wording("person.wait")
    if wait is None:
        return str(words["unknown"])
    minutes = math.ceil(wait / MINUTE)
    return str(words["soon"] if minutes <= 1 else words["minutes"].format(minutes=minutes))
