"""The official account wired: its crypto, client and token, the channel, the routes. Nothing without its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
from aiohttp import web

from bot.channels import Channels, reader_of
from bot.foundation import Foundation
from bot.platforms import Account, Shared, client_of, crypto_with
from bot.settings import Settings
from connectors.platforms.client import stable_token
from connectors.platforms.crypto import CallbackCrypto
from connectors.wechat.account import OfficialAccount
from connectors.wechat.answering import Answering, Parts
from connectors.wechat.callbacks import WechatCallbacks
from connectors.wechat.channel import NAME, Notices, WechatChannel
from knowledge.files import Files


@asynccontextmanager
async def wechat(base: Foundation, channels: Channels) -> AsyncIterator[Sequence[web.RouteDef]]:
    """The official account of the settings, until the end; no routes where there is none. Raises KeyInvalid."""
    settings = base.settings
    if not settings.wechat_appid:
        yield ()
        return
    async with account_of(settings, Shared.of(base)) as account:
        files = Files(base.database, base.keyring)
        channel = WechatChannel(
            account,
            files,
            base.clock,
            links=settings.wechat_links,
            notices=notices_of(settings),
            speaks=settings.wechat_speaks,
            page=settings.public_url,
            reader=reader_of(channels),
        )
        channels.add(channel)
        parts = Parts(
            *(channels.door, channels.users, channels.deliveries, base.conversations, channels.starts, channel),
            *(base.clock, channels.worker.wake, channels.worker.nudge_ended, base.database.transaction),
        )
        answering = Answering(parts, settings.wechat_appid)
        callbacks = WechatCallbacks(
            crypto_of(settings), answering, base.clock, plain=settings.wechat_plain, speaks=settings.wechat_speaks
        )
        try:
            yield callbacks.routes()
        finally:
            await callbacks.close()


@asynccontextmanager
async def account_of(settings: Settings, shared: Shared) -> AsyncIterator[OfficialAccount]:
    """The account's API."""
    account = Account(NAME, settings.wechat_appid, settings.wechat_secret, settings.wechat_url, *settings.api)
    async with client_of(account, stable_token, shared) as client:
        yield OfficialAccount(client)


def crypto_of(settings: Settings) -> CallbackCrypto:
    """Raises KeyInvalid."""
    keys = settings.wechat_aes_key, settings.wechat_aes_key_before
    return crypto_with(settings.wechat_token, *keys, settings.wechat_appid)


def notices_of(settings: Settings) -> Notices:
    """How people are told that something waits, when nothing may be said to them."""
    fields = orjson.loads(settings.wechat_notice_fields) if settings.wechat_notice_fields else {}
    return Notices(settings.wechat_template, settings.wechat_subscription, fields)
