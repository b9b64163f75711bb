"""微信客服 wired: its API and token, the puller, the routes. Nothing without its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext

from aiohttp import web

from bot.background import Rounds
from bot.channels import Channels, reader_of
from bot.elsewhere import Elsewhere
from bot.foundation import Foundation
from bot.platforms import Account, Shared, client_of, crypto_with
from bot.promising import Promising
from bot.settings import Settings
from connectors.platforms.client import corp_token
from connectors.wecom.callbacks import WecomCallbacks
from connectors.wecom.channel import NAME, WecomChannel
from connectors.wecom.customer_service import CustomerService
from connectors.wecom.people import LOOK_SECONDS, PeopleThere
from connectors.wecom.pulling import POLL_SECONDS, Puller, Receiving
from knowledge.files import Files
from knowledge.wecom_cursors import WecomCursors


@asynccontextmanager
async def wecom(base: Foundation, channels: Channels) -> AsyncIterator[Sequence[web.RouteDef]]:
    """The accounts of the settings' WeCom, until the end; no routes where there is none. Raises KeyInvalid."""
    settings = base.settings
    if not settings.wecom_corpid:
        yield ()
        return
    cursors = WecomCursors(base.database, base.keyring)
    receiving = Receiving(channels.door, channels.deliveries, cursors, base.clock, channels.worker.wake)
    keys = settings.wecom_aes_key, settings.wecom_aes_key_before
    crypto = crypto_with(settings.wecom_token, *keys, settings.wecom_corpid)
    async with service_of(settings, Shared.of(base)) as service:
        people = _people(base, channels, service, cursors) if settings.wecom_people == "wecom" else None
        channels.add(WecomChannel(service, Files(base.database, base.keyring), cursors, people, reader_of(channels)))
        pulling = Rounds("wecom", Puller(service, receiving, people).round, POLL_SECONDS)
        looking = Rounds("wecom people", people.look, LOOK_SECONDS) if people else None
        async with pulling.running(), looking.running() if looking else nullcontext():
            yield WecomCallbacks(crypto, cursors, base.clock, pulling.wake).routes()


def _people(base: Foundation, channels: Channels, service: CustomerService, cursors: WecomCursors) -> PeopleThere:
    handoffs, relay = channels.people.handoffs, channels.people.relay
    promising = Promising(base.database, base.catalogue)
    elsewhere = Elsewhere(base.database, channels.users, handoffs, relay, promising, base.clock)
    return PeopleThere(service, cursors, elsewhere, base.clock, base.settings.wecom_servicer)


@asynccontextmanager
async def service_of(settings: Settings, shared: Shared) -> AsyncIterator[CustomerService]:
    """The corporation's API."""
    account = Account(NAME, settings.wecom_corpid, settings.wecom_secret, settings.wecom_url, *settings.api)
    async with client_of(account, corp_token, shared) as client:
        yield CustomerService(client, settings.wecom_receiving)
