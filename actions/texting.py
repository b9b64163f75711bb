"""Short messages: whether they are allowed is asked once, and 退订 ends them."""

from __future__ import annotations

from actions.services import Services
from actions.spoken import masked_telephone
from actions.turn import Capability, Turn
from actions.words import wording
from connectors.message import Choice

ALLOW = "allow_sms"


class AskForSms:
    """Keeps a number that was told, and asks once whether short messages may go there."""

    def __init__(self, services: Services) -> None:
        self._contacts, self._clock = services.sms_contacts, services.clock

    async def know(self, conversation: str, telephone: str) -> None:
        """Keep it, where the county sends short messages at all."""
        if self._contacts is not None:
            await self._contacts.know(conversation, telephone, self._clock())

    async def ask(self, turn: Turn) -> None:
        """Ask, unless it was asked, or nothing is known or sent."""
        contact = await self._contacts.of(turn.conversation) if self._contacts else None
        if self._contacts is None or contact is None or not contact.is_open:
            return
        if await self._contacts.has_opted_out(contact.telephone):
            return
        await self._contacts.asked(turn.conversation, self._clock())
        choices = [Choice(f"{ALLOW}:{answer}", label) for answer, label in wording("sms").items()]
        turn.say("utter_ask_sms", choices, question=True, telephone=masked_telephone(contact.telephone))
        turn.await_yes(ALLOW)


class AllowSms(Capability):
    """The answer to that question, or 可以发短信."""

    label = "action_allow_sms"

    def __init__(self, services: Services) -> None:
        self._contacts, self._clock = services.sms_contacts, services.clock

    async def answer(self, turn: Turn) -> None:
        """Store it and say how it is ended."""
        if self._contacts is None:
            turn.say("utter_no_sms")
        elif turn.argument == "no":
            await self._contacts.refuse(turn.conversation, self._clock())
            turn.say("utter_sms_refused")
        elif contact := await self._contacts.allow(turn.conversation, self._clock()):
            turn.say("utter_sms_allowed", telephone=masked_telephone(contact.telephone))
        else:
            turn.say("utter_sms_needs_number")


class StopSms(Capability):
    """退订: no short messages any more."""

    label = "action_stop_sms"

    def __init__(self, services: Services) -> None:
        self._contacts, self._clock = services.sms_contacts, services.clock

    async def answer(self, turn: Turn) -> None:
        """Nothing goes to the conversation's number any more; without one there is nothing to stop."""
        contact = await self._contacts.stop(turn.conversation, self._clock()) if self._contacts else None
        turn.say("utter_sms_stopped" if contact else "utter_no_sms")
