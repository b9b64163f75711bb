"""People in WeCom who answer instead of our desk (`BANGBAN_WECOM_PEOPLE`): the chat goes to them and comes back.

The platform's states: ours (0, 1) → the pool (2) → a person (3) → ended (4); a message after the end is ours again.
From 2 and 3 nothing goes back to us before the end, and nothing of ours is taken meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.wecom.customer_service import POOL, SERVICER, CustomerService, sent_id
from knowledge.channel_users import Address
from knowledge.wecom_cursors import WecomCursors

log = structlog.get_logger()

PATIENCE = timedelta(minutes=5)
"""For so long it is tried again where the platform gives no answer; then a call-back is promised."""
POOL_PATIENCE = timedelta(minutes=3)
"""Whoever waits longer in the pool is given to somebody there who is receiving."""
LOOK_SECONDS = 60.0
"""How often is looked how the chats that they have stand: an end that was not told leaves nobody without an answer."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A chat that they have, or wait for: whose it is, and since when it is wanted."""

    address: Address
    since: datetime


class HandOffs(Protocol):
    """What the service keeps of chats that are answered elsewhere."""

    async def open(self) -> Sequence[Waits]:
        """Those that have not ended."""
        ...

    async def wanted_since(self, handoff: str) -> datetime | None:
        """When it was asked for; None: it is not wanted any more."""
        ...

    async def passed(self, handoff: str) -> None:
        """It is theirs."""
        ...

    async def nobody(self, handoff: str) -> None:
        """They can't have it: a call-back is promised."""
        ...

    async def taken(self, address: Address) -> None:
        """Somebody there has taken it."""
        ...

    async def ended(self, address: Address) -> str:
        """It has ended there: what the resident is told."""
        ...


class PeopleThere:
    """Passes chats to them. `servicer`: who gets them first; "": the pool."""

    def __init__(
        self,
        service: CustomerService,
        cursors: WecomCursors,
        handoffs: HandOffs,
        clock: Callable[[], datetime],
        servicer: str = "",
    ) -> None:
        self._service = service
        self._cursors = cursors
        self._handoffs = handoffs
        self._clock = clock
        self._servicer = servicer

    async def take_over(self, address: Address, handoff: str) -> None:
        """The chat goes to them, or a call-back is promised. Said twice it is done once. Raises ApiUnavailable."""
        since = await self._handoffs.wanted_since(handoff)
        if since is None:
            return
        try:
            passed = await self._pass(address)
        except ApiUnavailable:
            if self._clock() - since < PATIENCE:
                raise
            passed = False
        if not passed:
            await self._handoffs.nobody(handoff)
            return
        await self._cursors.set_person(address.account, address.external, True)
        await self._handoffs.passed(handoff)

    async def changed(self, address: Address, has: bool, code: str, id: str) -> None:
        """The platform tells that a person there has it, or has ended it; `code`: lets us say one thing then."""
        if has:
            await self._handoffs.taken(address)
            return
        said = await self._handoffs.ended(address)
        if code and said:
            try:
                await self._service.say_at_event(code, sent_id(f"e-{id}"), said)
            except (ApiUnavailable, ApiRefused) as error:
                log.info("end_not_told", reason=str(error))

    async def look(self) -> None:
        """How the chats stand that they have: who waits too long is given to somebody, an end that was missed is one.

        Raises DatabaseUnavailable.
        """
        for waits in await self._handoffs.open():
            address = waits.address
            if await self._cursors.with_person(address.account, address.external):  # else it is still to be passed
                try:
                    await self._look_at(waits)
                except (ApiUnavailable, ApiRefused) as error:
                    log.info("state_unknown", reason=str(error))

    async def _look_at(self, waits: Waits) -> None:
        address = waits.address
        account, user = address.account, address.external
        state = await self._service.state(account, user)
        if state == SERVICER:
            await self._handoffs.taken(address)
        elif state != POOL:
            await self._cursors.set_person(account, user, False)
            await self._handoffs.ended(address)
        elif self._clock() - waits.since > POOL_PATIENCE:
            await self._give(address)

    async def _give(self, address: Address) -> None:
        """To the first of those who are receiving that the platform lets have it."""
        for servicer in await self._service.receiving(address.account):
            try:
                await self._service.hand_over(address.account, address.external, servicer)
            except ApiRefused as error:
                log.info("not_given", code=error.code)
            else:
                return

    async def _pass(self, address: Address) -> bool:
        """Whether they have it now. Raises ApiUnavailable."""
        account, user = address.account, address.external
        try:
            if await self._service.state(account, user) in (POOL, SERVICER):
                return True
            if not await self._service.receiving(account):
                return False
        except ApiRefused as error:  # an application that may not look may still pass on
            log.info("servicers_unknown", code=error.code)
        for servicer in dict.fromkeys((self._servicer, "")):
            try:
                await self._service.hand_over(account, user, servicer)
            except ApiRefused as error:
                log.warning("not_passed_on", code=error.code, pool=not servicer)
            else:
                return True
        return False
