"""What the channels of WeChat and WeCom are wired with: a client with the one token all processes share, the crypto."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import SecretStr
from redis.asyncio import Redis

from bot.foundation import Foundation
from connectors.platforms.client import PlatformClient
from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.tokens import Fetched, Tokens
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.platform_tokens import PlatformTokens


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a platform, and the API through which it is asked.

    `timeout`: seconds; `codes`: error codes that mean something else than errcodes.yml says.
    """

    channel: str
    id: str
    secret: SecretStr
    url: str
    timeout: float
    codes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes share of an account's token."""

    database: Database
    keyring: Keyring
    redis: Redis
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, base: Foundation) -> Shared:
        """What a running service shares."""
        return cls(base.database, base.keyring, base.redis, base.clock)


@asynccontextmanager
async def client_of(
    account: Account, fetch: Callable[[PlatformClient, str, str], Awaitable[Fetched]], shared: Shared
) -> AsyncIterator[PlatformClient]:
    """The account's client, until the end. `fetch` asks for a token, with the account's id and secret."""
    client = PlatformClient(account.url, shared.clock, timeout=account.timeout, codes=account.codes)
    ask = partial(fetch, client, account.id, account.secret.get_secret_value())
    kept = PlatformTokens(shared.database, shared.keyring)
    client.use(Tokens(f"{account.channel}:{account.id}", ask, kept, shared.redis, shared.clock))
    async with aclosing(client):
        yield client


def crypto_with(token: SecretStr, key: SecretStr, before: SecretStr, receiver: str) -> CallbackCrypto:
    """`key`: the EncodingAESKey; `before`: the one it replaces, empty when there is none. Raises KeyInvalid."""
    keys = [key.get_secret_value(), before.get_secret_value()]
    return CallbackCrypto(token.get_secret_value(), keys, receiver)
