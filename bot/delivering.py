"""The worker of the deliveries: what is pushed into a conversation, or was not ready in time, reaches people where
they are.

One task a process. It takes a person for itself (a lease), says all that waits for them in as few messages as it takes,
and marks each. It wakes when something is pushed in its process, and looks every few seconds for what others left.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from ulid import ULID

from bot.background import Rounds
from bot.coordination import ConversationBusy
from bot.door import Door
from bot.relay import Relay
from connectors.channels.service import AllowanceUsed, Channel, Nudge, Outgoing, SendRefused, TryLater, Unreachable
from connectors.channels.splitting import size
from knowledge.channel_users import Address, ChannelUser, ChannelUsers
from knowledge.conversations import ConversationNotFound, Conversations
from knowledge.database import Database, DatabaseUnavailable
from knowledge.deliveries import HELD, Deliveries, Delivery

log = structlog.get_logger()

AT_ONCE = 8
"""People who are delivered to at a time."""
POLL_SECONDS = 2.0
FIRST, LONGEST = 2.0, 600.0
"""Seconds before something is tried again: doubled each time, and up to half of it less by chance."""
MOST_ATTEMPTS = 300
BETWEEN = "\n\n"


@dataclass(slots=True)
class Message:
    """One message that is to go out, what is told when it has gone, and how much of the last one was told by then."""

    outgoing: Outgoing
    part_of: Delivery
    parts: int
    completes: list[Delivery] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The same for the same message: a platform that knows ids takes it once."""
        names = ",".join([*(each.id for each in self.completes), self.part_of.id, str(self.parts)])
        return sha256(names.encode()).hexdigest()[:32]


Instead = Callable[[str, Collection[int], str], Awaitable[bool]]
"""Tells them by a short message that something waits: the conversation, the lines, what it is told once under."""


class DeliveryWorker:
    """Delivers until it is stopped. `instead`: the last way; `chance` gives 0 to 1, for the jitter."""

    def __init__(
        self,
        database: Database,
        users: ChannelUsers,
        deliveries: Deliveries,
        door: Door,
        relay: Relay,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        instead: Instead,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._users = users
        self._deliveries = deliveries
        self._conversations = Conversations(database)
        self._door = door
        self._relay = relay
        self._channels = channels
        self._clock = clock
        self._instead = instead
        self._chance = chance
        self._name = str(ULID())
        self._rounds = Rounds("deliveries", self.round, POLL_SECONDS)

    async def wake(self) -> None:
        """There may be something to deliver."""
        if self._channels:
            await self._rounds.wake()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Deliver in the background; at the end, whoever is in hand is left to the lease."""
        return self._rounds.running()

    async def round(self) -> int:
        """Deliver all that is due, until nothing is; how many people were delivered to. Raises DatabaseUnavailable."""
        reached = 0
        while await self._users.anybody(self._clock()):
            users = await self._users.claim(self._name, self._clock(), AT_ONCE)
            if not users:
                break  # others were faster
            await asyncio.gather(*(self._handle(user) for user in users))  # raises nothing
            reached += len(users)
        return reached

    async def _handle(self, user: ChannelUser) -> None:
        """Deliver to one person; whatever happens they are let go, or their lease ends."""
        due: list[Delivery] = []
        try:
            due = await self._deliveries.due(user.id, self._clock())
            await self._deliver(user, due)
        except DatabaseUnavailable as error:
            log.warning("deliveries_wait", error=type(error).__name__)
        except Exception as error:
            log.error("delivery_failed", channel=user.address.channel, error=type(error).__name__, exc_info=True)
            with suppress(DatabaseUnavailable):
                await self._again(due, type(error).__name__)
        with suppress(DatabaseUnavailable):
            await self._users.let_go(user.id, self._name)

    async def _deliver(self, user: ChannelUser, due: Sequence[Delivery]) -> None:
        channel = self._channels.get(user.address.channel)
        if channel is None:  # its settings were taken away: it may come back
            await self._again(due, "no such channel", LONGEST)
            return
        left = list(due)
        try:
            for message in await self._messages(channel, user, left):
                await self._send(channel, user, message)
                for delivery in message.completes:
                    left.remove(delivery)
        except TryLater as error:
            await self._again(left, str(error), error.seconds)
        except AllowanceUsed as error:
            await self._hold(channel, user, left, str(error))
        except Unreachable as error:
            await self._users.unreachable(user.id)
            await self._tell_instead(user, left)
            for delivery in left:
                await self._fail(delivery, str(error))

    async def _messages(self, channel: Channel, user: ChannelUser, due: list[Delivery]) -> list[Message]:
        """As few messages as say all of it. What has nothing to say is ended, and taken out of `due`."""
        messages: list[Message] = []
        limit = channel.text_limit
        for delivery in list(due):
            replies = await self._replies(channel, user, delivery)
            page = await self._page(delivery, replies)
            parts = channel.compose(replies, page)[delivery.parts_sent :]
            if not parts:
                await self._deliveries.sent(delivery.id, "nothing", self._clock())
                due.remove(delivery)
            elif len(parts) == 1 and messages and (joined := _joined(messages[-1], parts[0], delivery, limit)):
                messages[-1].outgoing = joined
                messages[-1].completes.append(delivery)
            else:
                for number, part in enumerate(parts, delivery.parts_sent + 1):
                    messages.append(Message(part, delivery, number))
                messages[-1].completes.append(delivery)
        return messages

    async def _replies(self, channel: Channel, user: ChannelUser, delivery: Delivery) -> Sequence[Mapping[str, Any]]:
        if delivery.line is not None:
            line = (await self._conversations.lines([delivery.line])).get(delivery.line)
            if line is None:
                return ()
            return [line.reply or {"kind": "text", "text": line.text, "choices": [], "data": {}}]
        assert delivery.message_id is not None
        if delivery.payload is None:
            _, turn = await self._conversations.find_with_answer(delivery.conversation, delivery.message_id)
            return await self._conversations.answer(delivery.conversation, turn) if turn is not None else ()
        try:
            inbound = await channel.inbound(user, delivery.payload)
        except SendRefused:
            return channel.lost()
        try:
            return (await self._door.take(user, inbound)).replies
        except ConversationBusy as error:
            raise TryLater("busy") from error
        except ConversationNotFound:
            return ()

    async def _page(self, delivery: Delivery, replies: Sequence[Mapping[str, Any]]) -> str:
        if any(reply["kind"] == "file" for reply in replies):
            return await self._door.page_link(delivery.conversation)
        return ""

    async def _send(self, channel: Channel, user: ChannelUser, message: Message) -> None:
        try:
            await self._send_counted(channel, user, message)
        except (AllowanceUsed, TryLater) as error:
            if not message.outgoing.is_extra:
                raise
            log.info("extra_left", channel=channel.name, reason=str(error))
            for delivery in message.completes:
                await self._sent(delivery, channel.name, None)

    async def _send_counted(self, channel: Channel, user: ChannelUser, message: Message) -> None:
        is_counted = channel.is_limited and message.outgoing.is_counted
        if is_counted and not await self._users.may_be_told(user.id, self._clock()):
            raise AllowanceUsed("allowance")
        way, sent_id = channel.name, None
        if message.part_of.tried:
            await channel.before_again(user)
        try:
            sent_id = await channel.send(user, message.outgoing, message.id)
        except TryLater as error:
            if error.sent:
                await self._deliveries.tried([each.id for each in (*message.completes, message.part_of)], message.id)
            raise
        except AllowanceUsed:
            await self._users.exhausted(user.id)
            raise
        except SendRefused as error:
            log.error("message_refused", channel=channel.name, reason=str(error))
            for delivery in message.completes:
                await self._fail(delivery, str(error))
            return
        if is_counted:  # only what the platform took: one that is down for minutes uses nothing up
            await self._users.spend(user.id, self._clock())
        for delivery in message.completes:
            await self._sent(delivery, way, sent_id)
        if not message.completes:
            await self._deliveries.sent_parts(message.part_of.id, message.parts)

    async def _sent(self, delivery: Delivery, way: str, sent_id: str | None) -> None:
        async with self._database.transaction():
            await self._deliveries.sent(delivery.id, way, self._clock(), sent_id)
            if delivery.line is not None:
                await self._relay.delivered(delivery.conversation, delivery.line)
                await self._conversations.reached(delivery.conversation, delivery.line)
        log.info("delivered", conversation=delivery.conversation, way=way, line=delivery.line)

    async def _hold(self, channel: Channel, user: ChannelUser, left: Sequence[Delivery], reason: str) -> None:
        """Nothing more may be said now: they are told otherwise that something waits, once, and it is kept."""
        if (now := await self._users.get(user.id)) is not None and now.heard_at > user.heard_at:
            await self._again(left, "written meanwhile", 0.0)  # what was used up is full again
            return
        nudged = user.nudged_at is not None and user.nudged_at >= user.heard_at
        if not nudged:
            replies = [reply for delivery in left[:1] for reply in await self._replies(channel, user, delivery)]
            try:
                nudge = await channel.nudge(user, replies)
            except TryLater as error:
                await self._again(left, str(error), error.seconds)
                return
            except (AllowanceUsed, Unreachable, SendRefused) as error:
                log.info("not_nudged", channel=channel.name, reason=str(error))
                nudge = None
            if nudge is None and await self._tell_instead(user, left):
                nudge = Nudge("sms")
            if nudge is not None:
                await self._users.nudged(user.id, self._clock(), nudge.id)
                log.info("nudged", conversation=user.conversation, way=nudge.way)
                reason = f"{reason}; {nudge.way}"
        await self._deliveries.hold([delivery.id for delivery in left], reason)
        log.info("held", conversation=user.conversation, channel=channel.name, deliveries=len(left))

    async def nudge_ended(self, address: Address, names: Collection[str], problem: str) -> None:
        """The platform says what became of the notice that something waits. `names`: of the message, of its template.

        `problem`: "" where it arrived; else a short message is the next way. Of an older notice nothing follows.
        Raises DatabaseUnavailable.
        """
        user = await self._users.find(address)
        if user is None or user.nudge_id is None or user.nudge_id not in names:
            return
        log.info("nudge_ended", conversation=user.conversation, channel=address.channel, problem=problem)
        held = [each for each in await self._deliveries.waiting(user.id) if each.state == HELD]
        outcome = "arrived"
        if problem:
            outcome = "failed; sms" if await self._tell_instead(user, held) else "failed"
        async with self._database.transaction():
            await self._users.nudged(user.id, user.nudged_at or self._clock())
            await self._deliveries.note([each.id for each in held], outcome)

    async def _tell_instead(self, user: ChannelUser, left: Sequence[Delivery]) -> bool:
        """By a short message, once until they write again; False: they allowed none."""
        lines = [delivery.line for delivery in left if delivery.line is not None]
        once = f"{user.id}:{user.heard_at:%Y%m%d%H%M%S}"
        return bool(left) and await self._instead(left[0].conversation, lines, once)

    async def _fail(self, delivery: Delivery, reason: str) -> None:
        await self._deliveries.fail(delivery.id, reason, self._clock())
        if delivery.line is not None:
            await self._conversations.failed(delivery.conversation, delivery.line)
        log.warning("undeliverable", conversation=delivery.conversation, line=delivery.line, reason=reason)

    async def _again(self, deliveries: Sequence[Delivery], reason: str, seconds: float | None = None) -> None:
        """All of them later, so that they stay in order; what was tried too often fails."""
        lost = [delivery for delivery in deliveries if delivery.attempts >= MOST_ATTEMPTS]
        for delivery in lost:
            await self._fail(delivery, reason)
        kept = [delivery for delivery in deliveries if delivery not in lost]
        attempts = max((delivery.attempts for delivery in kept), default=0)
        wait = backoff(attempts, self._chance()) if seconds is None else seconds
        if kept:
            later = self._clock() + timedelta(seconds=wait)
            await self._deliveries.again([delivery.id for delivery in kept], reason, later)
            log.info("delivery_postponed", deliveries=len(kept), reason=reason, seconds=round(wait, 1))


def backoff(attempts: int, chance: float) -> float:
    """Seconds until the next try after so many."""
    return min(LONGEST, FIRST * 2.0 ** min(attempts, 20)) * (1 - chance / 2)


def _joined(message: Message, part: Outgoing, of: Delivery, limit: int) -> Outgoing | None:
    """Both texts as one, if they fit and both are texts; what may have been taken stays the message that it was."""
    before = message.outgoing
    if before.rich or part.rich or of.tried != message.part_of.tried:
        return None
    if size(before.text) + size(BETWEEN) + size(part.text) > limit:
        return None
    return Outgoing(before.text + BETWEEN + part.text)
