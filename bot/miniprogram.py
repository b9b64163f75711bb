"""The mini program wired: its API and token, who enters, its customer-service chat. Nothing without its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

import orjson
from aiohttp import web

from bot.channels import Channels
from bot.foundation import Foundation
from bot.settings import Settings
from connectors.platforms.client import PlatformClient, stable_token
from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.tokens import Tokens
from connectors.wechat.channel import Notices
from connectors.wechat.program import NAME, MiniProgram, MiniProgramChannel
from connectors.wechat.program_callbacks import ProgramCallbacks, Receiving
from connectors.wechat.program_routes import Entrance, ProgramRoutes
from knowledge.files import Files
from knowledge.platform_tokens import PlatformTokens


@asynccontextmanager
async def miniprogram(base: Foundation, channels: Channels) -> AsyncIterator[Sequence[web.RouteDef]]:
    """The mini program of the settings, until the end; no routes where there is none. Raises KeyInvalid."""
    settings = base.settings
    if not settings.miniprogram_appid:
        yield ()
        return
    async with program_of(base) as program:
        notices = Notices("", settings.miniprogram_subscription, _fields(settings))
        files = Files(base.database, base.keyring)
        check = settings.miniprogram_check
        channels.add(MiniProgramChannel(program, files, base.clock, notices=notices, check=check))
        yield [*_entrance(base, channels, program).routes(), *_callbacks(base, channels)]


@asynccontextmanager
async def program_of(base: Foundation) -> AsyncIterator[MiniProgram]:
    """The mini program's API, with the one token that all processes share."""
    settings = base.settings
    appid, secret = settings.miniprogram_appid, settings.miniprogram_secret.get_secret_value()
    client = PlatformClient(settings.wechat_url, base.clock, timeout=settings.wechat_timeout)
    fetch = partial(stable_token, client, appid, secret)
    client.use(Tokens(f"{NAME}:{appid}", fetch, PlatformTokens(base.database, base.keyring), base.redis, base.clock))
    async with aclosing(client):
        yield MiniProgram(client, appid, secret)


def _entrance(base: Foundation, channels: Channels, program: MiniProgram) -> ProgramRoutes:
    appid = base.settings.miniprogram_appid
    return ProgramRoutes(Entrance(program, channels.door, base.conversations, channels.starts, base.clock, appid))


def _callbacks(base: Foundation, channels: Channels) -> Sequence[web.RouteDef]:
    """None where the account sends no pushes: the chat itself needs none."""
    settings = base.settings
    if not settings.miniprogram_aes_key.get_secret_value():
        return ()
    keys = [settings.miniprogram_aes_key.get_secret_value(), settings.miniprogram_aes_key_before.get_secret_value()]
    crypto = CallbackCrypto(settings.miniprogram_token.get_secret_value(), keys, settings.miniprogram_appid)
    receiving = Receiving(channels.door, channels.deliveries, base.clock, channels.worker.wake)
    plain = settings.miniprogram_plain
    return ProgramCallbacks(crypto, receiving, settings.miniprogram_appid, plain=plain).routes()


def _fields(settings: Settings) -> dict[str, str]:
    fields: dict[str, str] = orjson.loads(settings.miniprogram_notice_fields or "{}")
    return fields
