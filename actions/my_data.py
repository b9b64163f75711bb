"""撤回授权, 删掉我的资料: what they allowed, and what is known of them, is theirs to take back (PIPL 15, 47)."""

from __future__ import annotations

from contextlib import suppress

from actions.applying.drafts import Drafts
from actions.choices import person, starters
from actions.progress import NOT_OVER, cases_of
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.holds import UnderHold
from knowledge.residents import ResidentNotFound

OWN = frozenset({"resident", "conversation"})
"""Where values come from that the resident said themselves: they stay when an authorisation is taken back."""


class RevokeConsent(Capability):
    """Ends what was allowed, here at once and at the platform by the outbox; looked-up values leave the form."""

    label = "action_revoke_consent"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._drafts = Drafts(services)

    async def answer(self, turn: Turn) -> None:
        """Revoke all that is active or asked in this conversation."""
        count = await revoke_all(self._services, turn)
        if not count:
            turn.say("utter_consent_none")
            return
        if draft := await self._drafts.open_one(turn):
            own = {key for key, each in draft.application.values.items() if each.source in OWN}
            draft.drop(*(key for key in draft.application.values if key not in own))
            draft.remember(file=None, earlier=None, applicant=None, looked=None, papers_told=None, consent="declined")
            await self._drafts.save(draft)
            turn.leave_form()
        turn.say("utter_consent_revoked", [Choice("continue_application", read("applying")["choices"]["go_on"])])
        running = [each for each in await cases_of(self._services, turn) if each.state in NOT_OVER]
        if running:
            turn.say("utter_consent_revoked_case", reference="、".join(each.reference for each in running[:3]))


class DeleteData(Capability):
    """Deletes what is known of the resident, after one question."""

    label = "action_delete_data"

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, turn: Turn) -> None:
        """Ask once, then forget."""
        if turn.argument == "no":
            turn.say("utter_delete_not")
        elif turn.argument == "yes":
            await self._delete(turn)
        else:
            words = read("applying")["choices"]
            choices = [
                Choice("delete_data:yes", words["yes_delete"]),
                Choice("delete_data:no", words["no_delete"]),
            ]
            turn.say("utter_delete_sure", choices, question=True)
            turn.await_yes(choices[0].id)

    async def _delete(self, turn: Turn) -> None:
        await revoke_all(self._services, turn)
        try:
            await self._forget(turn)
        except UnderHold:
            turn.say("utter_delete_held", [person()])
            return
        turn.leave_form()
        turn.remember(application=None, said=None, supplement=None, answer=None)
        turn.say("utter_deleted", starters())

    async def _forget(self, turn: Turn) -> None:
        resident = await self._services.residents.of_conversation(turn.conversation)
        if resident:
            with suppress(ResidentNotFound):
                await self._services.residents.delete(resident.id)
        await self._services.residents.forget_conversation(turn.conversation)


async def revoke_all(services: Services, turn: Turn) -> int:
    """Revoke the consents that hold in this conversation; how many there were."""
    now, count = services.clock(), 0
    for consent in await services.consents.of_conversation(turn.conversation):
        if consent.state(now) in ("granted", "asked"):
            await services.consents.revoke(consent.id, now)
            await services.submissions.revoke(consent.authorisation, now)
            count += 1
    return count
