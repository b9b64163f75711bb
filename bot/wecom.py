"""微信客服 wired: its API and token, the puller, the routes. Nothing without its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

from aiohttp import web

from bot.background import background
from bot.channels import Channels
from bot.foundation import Foundation
from connectors.platforms.client import PlatformClient, corp_token
from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.tokens import Tokens
from connectors.wecom.callbacks import WecomCallbacks
from connectors.wecom.channel import NAME, WecomChannel
from connectors.wecom.customer_service import CustomerService
from connectors.wecom.pulling import Puller, Receiving
from knowledge.files import Files
from knowledge.platform_tokens import PlatformTokens
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
    keys = [settings.wecom_aes_key.get_secret_value(), settings.wecom_aes_key_before.get_secret_value()]
    crypto = CallbackCrypto(settings.wecom_token.get_secret_value(), keys, settings.wecom_corpid)
    async with service_of(base) as service:
        channels.add(WecomChannel(service, Files(base.database, base.keyring)))
        puller = Puller(service, receiving)
        async with background(puller.run(), "wecom"):
            yield WecomCallbacks(crypto, cursors, base.clock, puller.wake).routes()


@asynccontextmanager
async def service_of(base: Foundation) -> AsyncIterator[CustomerService]:
    """The corporation's API, with the one token that all processes share."""
    settings = base.settings
    corpid, secret = settings.wecom_corpid, settings.wecom_secret.get_secret_value()
    client = PlatformClient(settings.wecom_url, base.clock, timeout=settings.wechat_timeout)
    fetch = partial(corp_token, client, corpid, secret)
    client.use(Tokens(f"{NAME}:{corpid}", fetch, PlatformTokens(base.database, base.keyring), base.redis, base.clock))
    async with aclosing(client):
        yield CustomerService(client)
