"""The platform says that a resident has decided about an authorisation: they hear it in their conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from actions.words import read
from bot.reaching import Push
from connectors.intake.reading import AuthorisationChanged
from connectors.message import Choice, Reply
from knowledge.consents import ConsentNotFound, Consents


class AuthorisationNews:
    """Tells a grant, and takes up a refusal or a revocation that was made over there."""

    def __init__(self, consents: Consents, push: Push, clock: Callable[[], datetime]) -> None:
        self._consents = consents
        self._push = push
        self._clock = clock

    async def hear(self, change: AuthorisationChanged) -> None:
        """In the transaction in which the call is noted. One that nobody asked for here is passed over."""
        try:
            consent = await self._consents.with_authorisation(change.authorisation)
        except ConsentNotFound:
            return
        words, now = read("applying"), self._clock()
        if change.state == "granted":
            go_on = Choice("continue_application", words["choices"]["go_on"])
            await self._push(consent.conversation_id, "bot", Reply(words["authorisation_heard"], "choices", (go_on,)))
        elif change.state == "refused":
            await self._consents.refuse(consent.id, now)
        elif change.state == "revoked" and consent.revoked_at is None:
            await self._consents.revoke(consent.id, now)
            await self._push(consent.conversation_id, "bot", Reply(words["authorisation_revoked"], "notice"))
