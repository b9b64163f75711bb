"""Pulling what happened from an account: one puller an account, and the cursor is kept after what it covers is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from connectors.channels.service import Door
from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.wechat.messages import words
from connectors.wecom.channel import NAME
from connectors.wecom.customer_service import POOL, SERVICER, CustomerService, sent_id
from connectors.wecom.items import ENDED, PASSED_ON, REOPENED, TAKEN, Item, read_item
from connectors.wecom.people import PeopleThere
from knowledge.allowance import Allows, Grant
from knowledge.channel_users import Address
from knowledge.deliveries import Deliveries
from knowledge.wecom_cursors import Wanted, WecomCursors

log = structlog.get_logger()

MESSAGE = Allows("message", 5, timedelta(hours=48))
POLL_SECONDS = 20.0
AGAIN = timedelta(seconds=10)
BELIEVED = timedelta(days=3)
"""What came while we were down is up to three days old."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """Where what was pulled goes. `wake`: there is something to answer."""

    door: Door
    deliveries: Deliveries
    cursors: WecomCursors
    clock: Callable[[], datetime]
    wake: Callable[[], Awaitable[None]]


class Puller:
    """Pulls all accounts that something was said of."""

    def __init__(self, service: CustomerService, receiving: Receiving, people: PeopleThere | None = None) -> None:
        self._service = service
        self._receiving = receiving
        self._people = people

    async def round(self) -> None:
        """Pull until nothing is wanted. Raises DatabaseUnavailable."""
        while wanted := await self._receiving.cursors.claim(self._receiving.clock()):
            await self._pull(wanted)

    async def _pull(self, wanted: Wanted) -> None:
        """All pages of one account; a page's cursor is stored when all of the page is."""
        cursor, cursors = wanted.cursor, self._receiving.cursors
        try:
            while True:
                page = await self._service.pull(wanted.account, cursor, wanted.token)
                for item in sorted(filter(None, map(read_item, page.items)), key=_urgency):
                    await self._take(wanted.account, item)
                cursor = page.cursor
                await cursors.moved(wanted.account, cursor)
                if not page.has_more:
                    break
        except (ApiUnavailable, ApiRefused) as error:
            log.warning("pull_failed", reason=str(error))
            await cursors.again(wanted, self._receiving.clock() + AGAIN)
        else:
            await cursors.done(wanted)
        await self._receiving.wake()

    async def _take(self, account: str, item: Item) -> None:
        address = Address(NAME, account, item.user)
        if item.is_event:
            await self._event(address, item)
            return
        kept, now = self._receiving, self._receiving.clock()
        arrived = await kept.door.arrived(address, _grant(item, now))
        if await kept.cursors.with_person(account, item.user) and not await self._is_over(address, item):
            return  # a person in WeCom answers
        await kept.deliveries.late(arrived.user.id, arrived.user.conversation, item.id, item.as_dict(), now)
        await kept.deliveries.release(arrived.user.id, now)

    async def _is_over(self, address: Address, item: Item) -> bool:
        """Whether nobody there has the chat any more: an end that we were not told of must leave nobody in silence."""
        try:
            state = await self._service.state(address.account, address.external)
        except (ApiUnavailable, ApiRefused) as error:
            log.info("state_unknown", reason=str(error))
            return False
        if state in (POOL, SERVICER):
            return False
        await self._receiving.cursors.set_person(address.account, address.external, False)
        if self._people is not None:
            await self._people.changed(address, False, "", item.id)
        return True

    async def _event(self, address: Address, item: Item) -> None:
        if item.kind == "enter_session":
            await self._welcome(address, item)
        elif item.kind == "msg_send_fail":
            reason = f"wecom {item.about.get('fail_type')}"
            now = self._receiving.clock()
            await self._receiving.deliveries.receipt(str(item.about.get("fail_msgid")), False, reason, now)
        elif item.kind == "session_status_change":
            changed = item.about.get("change_type")
            if changed in (TAKEN, PASSED_ON, REOPENED, ENDED):
                await self._receiving.cursors.set_person(address.account, address.external, changed != ENDED)
                if self._people is not None:
                    code = str(item.about.get("msg_code") or "")
                    await self._people.changed(address, changed != ENDED, code, item.id)

    async def _welcome(self, address: Address, item: Item) -> None:
        """Within twenty seconds, once; what comes too late is not sent at all."""
        code = str(item.about.get("welcome_code") or "")
        arrived = await self._receiving.door.arrived(address)
        if not code:
            return
        said = arrived.greeting[0]["text"] if arrived.greeting else words("welcome_back")
        try:
            await self._service.say_at_event(code, sent_id(f"w-{item.id}"), str(said))
        except (ApiUnavailable, ApiRefused) as error:
            log.info("not_welcomed", reason=str(error))


def _urgency(item: Item) -> tuple[bool, int]:
    """Welcomes first: their code is good for twenty seconds."""
    return item.kind != "enter_session", item.at


def _grant(item: Item, now: datetime) -> Grant:
    told = datetime.fromtimestamp(item.at, UTC) if item.at > 0 else now
    return MESSAGE.at(told if abs(told - now) < BELIEVED else now)
