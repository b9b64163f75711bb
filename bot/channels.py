"""Channels outside the page, wired: the door, what is to reach people, its worker, and each channel's own part.

A channel joins with one function in `JOINS` (bot/joins.py): given the foundation and these parts it registers what the
worker needs (`channels.add`), and gives its routes, until the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.delivering import DeliveryWorker
from bot.door import Door
from bot.foundation import Foundation
from bot.people import People
from bot.starts import Starts
from bot.talk import Talk
from bot.texting import Texting
from connectors.channels.service import Channel
from connectors.channels.voice import ReadsAloud
from connectors.web.carrying import CarryRoutes
from knowledge.carrying import Carrying
from knowledge.channel_users import ChannelUsers
from knowledge.deliveries import Deliveries


@dataclass(slots=True)
class Channels:
    """What every channel has in common. `routes` are those of all that joined."""

    users: ChannelUsers
    deliveries: Deliveries
    carrying: Carrying
    door: Door
    worker: DeliveryWorker
    starts: Starts
    talk: Talk
    people: People
    joined: dict[str, Channel]
    routes: list[web.RouteDef] = field(default_factory=list)

    @classmethod
    def of(cls, base: Foundation, people: People, talk: Talk, starts: Starts, texting: Texting) -> Channels:
        """Over the database; nothing has joined yet."""
        users, deliveries = ChannelUsers(base.database, base.keyring), Deliveries(base.database, base.keyring)
        door = Door(base.database, talk.assistant, users, base.redis, base.clock, base.settings.public_url)
        joined: dict[str, Channel] = {}
        stores = (base.database, users, deliveries)
        worker = DeliveryWorker(*stores, door, people.relay, joined, base.clock, texting.instead)
        base.news.tell_also(worker.wake)
        carrying = Carrying(base.database)
        routes = CarryRoutes(base.conversations, door).routes()
        return cls(users, deliveries, carrying, door, worker, starts, talk, people, joined, routes)

    def add(self, channel: Channel) -> None:
        """The worker delivers through this one too."""
        self.joined[channel.name] = channel


def reader_of(channels: Channels) -> ReadsAloud | None:
    """Who makes voice messages of replies; None: no voice is set."""
    return channels.talk.reading if channels.talk.reading.reads else None


Join = Callable[[Foundation, Channels], AbstractAsyncContextManager[Sequence[web.RouteDef]]]


@asynccontextmanager
async def joined(base: Foundation, channels: Channels, joins: Sequence[Join]) -> AsyncIterator[Channels]:
    """All channels, and the worker that delivers through them, until the end."""
    async with AsyncExitStack() as parts:
        for join in joins:
            channels.routes += await parts.enter_async_context(join(base, channels))
        await parts.enter_async_context(channels.worker.running())
        yield channels
