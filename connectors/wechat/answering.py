"""What an official account's message is answered with at once, and what follows it by customer-service messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connectors.channels.rendering import Reply
from connectors.channels.service import Door, SendRefused, Starts, TryLater
from connectors.channels.splitting import size
from connectors.message import Inbound, Start
from connectors.wechat.channel import NAME, TEXT_BYTES, WechatChannel, notice
from connectors.wechat.messages import Received, words
from knowledge.channel_users import Address, ChannelUser, ChannelUsers
from knowledge.conversations import Conversations
from knowledge.deliveries import Deliveries, Delivery

log = structlog.get_logger()

TYPING_AFTER = 1.5
"""Seconds after which somebody who waits is shown that an answer is being written."""

AFTER = timedelta(seconds=1)
"""What follows an immediate answer waits until that is on the screen."""

BETWEEN = "\n\n"


NoticeEnds = Callable[[Address, Collection[str], str], Awaitable[None]]
"""The platform says what became of a template or subscription message to somebody: `NoticeEnded`."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the answers are made with. `wake`: there is something to deliver; `together`: a transaction."""

    door: Door
    users: ChannelUsers
    deliveries: Deliveries
    conversations: Conversations
    starts: Starts
    channel: WechatChannel
    clock: Callable[[], datetime]
    wake: Callable[[], Awaitable[None]]
    notice_ended: NoticeEnds
    together: Callable[[], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that is ready to be given."""

    user: ChannelUser
    message: Received
    replies: Sequence[Reply]


class Answering:
    """Answers the messages of one account. `appid`: the account's, under which its people are known."""

    def __init__(self, parts: Parts, appid: str) -> None:
        self._parts = parts
        self._appid = appid

    async def answer(self, message: Received) -> Ready | None:
        """What the message is answered with; None: there is nothing to say, or it follows.

        Raises DatabaseUnavailable, and what a turn raises: the platform calls again.
        """
        if message.ends:
            await self._leave(message)
            return None
        if message.is_of_notices:
            for notice in message.notices:
                await self._parts.notice_ended(self._address(message), notice.names, notice.problem)
            return None
        start = await self._start(message)
        arrived = await self._parts.door.arrived(self._address(message), message.grant(self._parts.clock()), start)
        user = arrived.user
        typing = asyncio.create_task(self._show_typing(message))
        try:
            replies = await self._replies(user, message, start, arrived.greeting)
        finally:
            typing.cancel()
        return Ready(user, message, replies)

    async def keep(self, message: Received) -> None:
        """It takes too long: the worker gives the answer. Raises DatabaseUnavailable.

        What many do when all is slow is itself one short transaction.
        """
        parts, address, now = self._parts, self._address(message), self._parts.clock()
        user = await parts.users.find(address) or (await parts.door.arrived(address)).user
        async with parts.together():
            await parts.users.spoke(user, now, message.grant(now))
            await parts.deliveries.late(user.id, user.conversation, message.id, message.as_dict(), now)
        await parts.wake()

    async def _replies(
        self, user: ChannelUser, message: Received, start: Start | None, greeting: Sequence[Reply]
    ) -> Sequence[Reply]:
        if message.told:
            return [notice(words(message.told))]
        if message.scene is not None:
            return await self._begun(user, message, start, greeting)
        if not (message.text or message.choice or message.media_id):
            return () if message.kind != "text" else await self._turn(user, Inbound("", message.id, ""))
        try:
            inbound = await self._parts.channel.inbound(user, message.as_dict())
        except SendRefused:
            return self._parts.channel.lost()
        except TryLater:
            await self.keep(message)  # the file can't be fetched now
            return ()
        return await self._turn(user, inbound)

    async def _begun(
        self, user: ChannelUser, message: Received, start: Start | None, greeting: Sequence[Reply]
    ) -> Sequence[Reply]:
        """A follow or a scan: the greeting of a new conversation, or where the code leads in the one there is."""
        if greeting:
            return greeting
        if start is not None and start.choice is not None:
            return await self._turn(user, Inbound("", message.id, choice=start.choice))
        if message.kind == "subscribe":
            first = await self._parts.conversations.find_with_answer(user.conversation, message.id)
            if first[1] is None and first[0].turn <= 1:  # delivered again: the same greeting
                return await self._parts.conversations.answer(user.conversation, 1)
            return await self._turn(user, Inbound("", message.id, text=words("greeting")))
        return ()

    async def _turn(self, user: ChannelUser, inbound: Inbound) -> Sequence[Reply]:
        return (await self._parts.door.take(user, inbound)).replies

    async def give(self, ready: Ready) -> str | None:
        """What waits and what was just answered as one text, as far as it fits; the rest follows. None: nothing.

        Nothing either where it was not ready when the platform asked before: the worker brings it. That is looked at
        last, as the other call may be giving up just now. Raises DatabaseUnavailable.
        """
        user, message, replies = ready.user, ready.message, ready.replies
        parts, now = self._parts, self._parts.clock()
        around = await parts.deliveries.around(user.id, message.id)
        if around.owed:
            return None
        composed = parts.channel.compose(replies, await self._page(user, replies))
        first = composed[0].text if composed and not composed[0].rich else ""
        earlier = around.waiting
        room = TEXT_BYTES - size(first) - 2 * size(BETWEEN)
        before = [await self._text_of(each) for each in around.given] or await self._taken(user, message, earlier, room)
        sent = 1 if first else 0
        if len(composed) > sent:
            await parts.deliveries.rest(user.id, user.conversation, message.id, sent, now + AFTER)
        if len(composed) > sent or len(earlier) > len(before):
            await parts.deliveries.release(user.id, now + AFTER)
            await parts.wake()
        return BETWEEN.join(text for text in [*before, first] if text) or None

    async def _taken(self, user: ChannelUser, message: Received, waiting: Sequence[Delivery], room: int) -> list[str]:
        """The texts of what waits for them longest, as far as there is room; marked as given with this answer."""
        chosen: dict[str, str] = {}
        for delivery in waiting:
            text = await self._text_of(delivery)
            room -= size(text) + size(BETWEEN)
            if not text or room < 0:
                break
            chosen[delivery.id] = text
        if not chosen:
            return []
        now = self._parts.clock()
        taken = await self._parts.deliveries.give_with(user.id, chosen.keys(), message.id, now)
        for delivery in waiting:
            if delivery.id in taken and delivery.line is not None:
                await self._parts.conversations.reached(delivery.conversation, delivery.line)
        return [text for id, text in chosen.items() if id in taken]

    async def _text_of(self, delivery: Delivery) -> str:
        """What is still to be said, if it is nothing but text."""
        conversations = self._parts.conversations
        replies: Sequence[Reply]
        if delivery.line is not None:
            line = (await conversations.lines([delivery.line])).get(delivery.line)
            replies = [line.reply or notice(line.text)] if line else []
        else:
            _, turn = await conversations.find_with_answer(delivery.conversation, delivery.message_id)
            replies = await conversations.answer(delivery.conversation, turn) if turn is not None else []
        composed = self._parts.channel.compose(replies)[delivery.parts_sent :]
        said = [each for each in composed if not each.is_extra]
        return "" if any(each.rich for each in said) else BETWEEN.join(each.text for each in said)

    async def _page(self, user: ChannelUser, replies: Sequence[Reply]) -> str:
        needs = any(reply["kind"] == "file" for reply in replies)
        return await self._parts.door.page_link(user.conversation) if needs else ""

    async def _start(self, message: Received) -> Start | None:
        return await self._parts.starts.of_scene(message.scene) if message.scene else None

    async def _leave(self, message: Received) -> None:
        """They no longer follow: the platform wants what it told us of them deleted, and nothing can reach them."""
        user = await self._parts.users.find(self._address(message))
        if user is not None:
            await self._parts.users.forget(user.id)
            log.info("unfollowed", conversation=user.conversation)

    async def _show_typing(self, message: Received) -> None:
        await asyncio.sleep(TYPING_AFTER)
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._parts.channel.typing(message.openid)

    def _address(self, message: Received) -> Address:
        return Address(NAME, self._appid, message.openid)
