"""How many logins failed of late: a counter in Redis, shared by all processes. And the county's single sign-on."""

from __future__ import annotations

from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.coordination import LoginKeys
from bot.settings import Settings
from connectors.oidc import Provider

log = structlog.get_logger()

LOGINS_BY_NAME, LOGINS_BY_ADDRESS, LOGIN_SECONDS = 5, 50, 15 * 60
"""Failed logins in a quarter of an hour: an office behind one address has many who mistype."""


class LoginLimit:
    """How often a login may fail. Without Redis nothing is counted: Argon2 alone slows those who guess."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def admits(self, name: str, address: str) -> bool:
        """Count a try before the password is looked at; whether it may be."""
        keys = LoginKeys(name, address)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for key in (keys.of_name, keys.of_address):
                    pipe.set(key, 0, ex=LOGIN_SECONDS, nx=True)
                    pipe.incr(key)
                _, by_name, _, by_address = await pipe.execute()
        except RedisError as error:
            log.warning("redis_unavailable", error=type(error).__name__)
            return True
        return bool(by_name <= LOGINS_BY_NAME and by_address <= LOGINS_BY_ADDRESS)

    async def forget(self, name: str, address: str) -> None:
        """The login was right: the tries before it count no more."""
        keys = LoginKeys(name, address)
        with suppress(RedisError):
            await self._redis.delete(keys.of_name, keys.of_address)


def provider_of(settings: Settings) -> Provider | None:
    """The single sign-on that is set, if one is."""
    if not settings.sign_on_issuer:
        return None
    secret = settings.sign_on_secret.get_secret_value()
    return Provider(settings.sign_on_issuer, settings.sign_on_client, secret, settings.sign_on_name)
