"""人工 in any wording, why a person is wanted, and that none is wanted any more."""

from __future__ import annotations

from actions.callback import RecordCallback
from actions.person.handing_over import HandingOver
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import wording


class AskPerson(Capability):
    """A person is wanted: into the queue, or a call-back with a time when nobody works now."""

    label = "action_ask_person"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._handing_over = HandingOver(services)
        self._callback = RecordCallback(services)

    async def answer(self, turn: Turn) -> None:
        """Never an obstacle, never a loop: whoever has a place keeps it."""
        if not await self._handing_over.ask(turn, "asked"):
            await self._callback.answer(turn)


class TellReason(Capability):
    """Why a person is wanted, tapped while waiting: it goes to the desk."""

    label = "action_tell_reason"

    def __init__(self, services: Services) -> None:
        self._handoffs = services.handoffs
        self._handing_over = HandingOver(services)
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Note it, and say the place again; without a place, take the wish for a person up."""
        told = turn.argument or ""
        known = told if told in wording("person.reasons") else "other"
        await self._handoffs.set_reason(turn.conversation, known, self._clock())
        if not await self._handing_over.tell_place(turn):
            turn.hand_over("action_ask_person")


class LeavePerson(Capability):
    """No person is wanted any more: out of the queue, or the chat ends; the bot goes on."""

    label = "action_leave_person"
    urgent = True

    def __init__(self, services: Services) -> None:
        self._handoffs = services.handoffs
        self._clock = services.clock

    async def answer(self, turn: Turn) -> None:
        """Say so either way."""
        left = await self._handoffs.leave(turn.conversation, self._clock())
        turn.say("utter_person_left" if left else "utter_no_person", kind="notice", data={"mode": "bot"})
