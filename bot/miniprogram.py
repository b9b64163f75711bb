"""The mini program wired: its API and token, who enters, its customer-service chat. Nothing without its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
from aiohttp import web

from bot.channels import Channels
from bot.foundation import Foundation
from bot.platforms import Account, Shared, client_of, crypto_with
from bot.settings import Settings
from connectors.platforms.client import stable_token
from connectors.wechat.channel import Notices
from connectors.wechat.program import NAME, MiniProgram, MiniProgramChannel
from connectors.wechat.program_callbacks import ProgramCallbacks, Receiving
from connectors.wechat.program_routes import Entrance, ProgramRoutes
from knowledge.files import Files


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
    """The mini program's API."""
    settings = base.settings
    appid, secret = settings.miniprogram_appid, settings.miniprogram_secret
    account = Account(NAME, appid, secret, settings.wechat_url, *settings.api)
    async with client_of(account, stable_token, Shared.of(base)) as client:
        yield MiniProgram(client, appid, secret.get_secret_value())


def _entrance(base: Foundation, channels: Channels, program: MiniProgram) -> ProgramRoutes:
    appid = base.settings.miniprogram_appid
    parts = (program, channels.door, base.conversations, channels.starts, channels.users, base.clock)
    return ProgramRoutes(Entrance(*parts, appid))


def _callbacks(base: Foundation, channels: Channels) -> Sequence[web.RouteDef]:
    """None where the account sends no pushes: the chat itself needs none."""
    settings = base.settings
    if not settings.miniprogram_aes_key.get_secret_value():
        return ()
    keys = settings.miniprogram_aes_key, settings.miniprogram_aes_key_before
    crypto = crypto_with(settings.miniprogram_token, *keys, settings.miniprogram_appid)
    worker = channels.worker
    receiving = Receiving(channels.door, channels.deliveries, base.clock, worker.wake, worker.nudge_ended)
    plain = settings.miniprogram_plain
    return ProgramCallbacks(crypto, receiving, settings.miniprogram_appid, plain=plain).routes()


def _fields(settings: Settings) -> dict[str, str]:
    fields: dict[str, str] = orjson.loads(settings.miniprogram_notice_fields or "{}")
    return fields
