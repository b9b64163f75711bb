"""The door from channels outside the page to the conversations: who it is, where they talk, what is answered.

A conversation can be carried from one channel to another: by a link that opens it on the page, or by a code that is
said elsewhere (接着聊 1234 5678).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import structlog
import yaml
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.conversation import Answer, Assistant
from connectors.channels.service import Arrived
from connectors.message import Inbound, Start
from knowledge.allowance import Grant
from knowledge.carrying import CODE, LINK, PAGE, Carried, Carrying, CarryRefused, code_said, page_address
from knowledge.channel_users import Address, ChannelUser, ChannelUsers
from knowledge.conversations import Conversations
from knowledge.database import Database

log = structlog.get_logger()

TRIES = 5
TRIES_WITHIN = timedelta(minutes=10)
"""So many wrong codes may be said in that time."""


class _Taken(Exception):
    """Another process stored the same new person first."""


class Door:
    """Lets people of channels in. `public_url`: where residents open the page; "": no links are given."""

    def __init__(
        self,
        database: Database,
        assistant: Assistant,
        users: ChannelUsers,
        redis: Redis,
        clock: Callable[[], datetime],
        public_url: str = "",
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._users = users
        self._conversations = Conversations(database)
        self._carrying = Carrying(database)
        self._redis = redis
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def arrived(self, address: Address, grant: Grant | None = None, start: Start | None = None) -> Arrived:
        """Somebody did something on a channel: who they are; a conversation is opened for whoever is new.

        `grant`: what that lets us say to them; `start`: where a scanned code leads. Raises DatabaseUnavailable.
        """
        now = self._clock()
        user = await self._users.find(address)
        if user is not None:
            await self._users.spoke(user, now, grant)
            return Arrived(user)
        try:
            async with self._database.transaction():
                where = (start.region, start.elder) if start else (None, False)
                opened = await self._assistant.open(address.channel, *where, start)
                added = await self._users.add(address, opened.id, now)
                if added is None:
                    raise _Taken
                await self._users.heard(added.id, now, grant)
        except _Taken:
            return await self.arrived(address, grant, start)
        return Arrived(added, opened.replies)

    async def take(self, user: ChannelUser, inbound: Inbound) -> Answer:
        """Answer one message, in the conversation where they talk; the same message id gets the same answer again.

        Raises ConversationNotFound (they were forgotten meanwhile), ConversationBusy, DatabaseUnavailable.
        """
        code = code_said(inbound.text) if inbound.choice is None and inbound.media is None else None
        if code is not None:
            return await self._carried_here(user, code)
        here = replace(inbound, conversation=user.conversation, channel=user.address.channel)
        return await self._assistant.take(here)

    async def offer_code(self, conversation: str) -> Carried:
        """A code with which the conversation goes on in another channel. Raises DatabaseUnavailable."""
        return await self._carrying.offer(conversation, CODE, self._clock())

    async def page_link(self, conversation: str) -> str:
        """An address that opens the conversation on a page, once; "" where the page's address isn't set."""
        if not self._public_url:
            return ""
        carried = await self._carrying.offer(conversation, LINK, self._clock())
        return page_address(self._public_url, carried.secret)

    async def carried_to_page(self, secret: str) -> tuple[str, str]:
        """A page brings a link's secret: the conversation's id and a token of it.

        Raises CarryRefused, DatabaseUnavailable.
        """
        now = self._clock()
        async with self._database.transaction():
            conversation = await self._carrying.take(secret, PAGE, now)
            return conversation, await self._conversations.another_token(conversation, now)

    async def _carried_here(self, user: ChannelUser, code: str) -> Answer:
        try:
            if await self._too_many_tries(user):
                raise CarryRefused
            async with self._database.transaction():
                conversation = await self._carrying.take(code, user.id, self._clock())
                await self._users.move(user.id, conversation)
                if await self._conversations.is_elder(user.conversation):  # it is the same person's wish there
                    await self._conversations.set_elder(conversation, True)
        except CarryRefused:
            return Answer([_said("refused")], (await self._conversations.find(user.conversation)).mode)  # type: ignore[arg-type]
        await self._forget_tries(user)
        log.info("carried", conversation=conversation, channel=user.address.channel)
        replies = [_said("carried"), *await self._last_said(conversation)]
        return Answer(replies, (await self._conversations.find(conversation)).mode)  # type: ignore[arg-type]

    async def _last_said(self, conversation: str) -> Sequence[dict[str, Any]]:
        """What was said last to the resident, so that they know where they were."""
        lines = await self._conversations.transcript(conversation, 20)
        said = [line.reply for line in lines if line.sender != "resident" and line.reply]
        return said[-1:]

    async def _too_many_tries(self, user: ChannelUser) -> bool:
        key = _tries(user)
        try:
            tries = await self._redis.incr(key)
            await self._redis.expire(key, TRIES_WITHIN)
        except RedisError as error:
            log.warning("redis_unavailable", error=type(error).__name__)
            return False
        return int(tries) > TRIES

    async def _forget_tries(self, user: ChannelUser) -> None:
        try:
            await self._redis.delete(_tries(user))
        except RedisError as error:
            log.warning("redis_unavailable", error=type(error).__name__)


def _tries(user: ChannelUser) -> str:
    return f"bangban:carry:{user.id}"


def _said(what: str) -> dict[str, Any]:
    return {"id": what, "kind": "notice", "text": _words()[what], "choices": [], "data": {}}


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(resources.files(__package__).joinpath("channels.yml").read_text("utf-8"))
    return loaded
