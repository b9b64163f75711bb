"""`/channels/miniprogram`: the platform's pushes of the customer-service chat, as JSON or XML; answered at once.

The answer itself is a customer-service message: the push can't carry one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from aiohttp import web

from connectors.channels.service import Door
from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.xml import XmlBroken, read
from connectors.wechat.answering import NoticeEnds
from connectors.wechat.callbacks import SUCCESS, CallRefused, echo, message_of, opened
from connectors.wechat.messages import Received
from connectors.wechat.program import NAME
from knowledge.allowance import Allows
from knowledge.channel_users import Address
from knowledge.database import DatabaseUnavailable
from knowledge.deliveries import Deliveries

log = structlog.get_logger()

ENTERED = Allows("click", 2, timedelta(minutes=1))
"""What may be said to somebody who has opened the customer-service chat."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """What a push is kept with. `wake`: there is something to answer."""

    door: Door
    deliveries: Deliveries
    clock: Callable[[], datetime]
    wake: Callable[[], Awaitable[None]]
    notice_ended: NoticeEnds


class ProgramCallbacks:
    """The routes. `plain`: also take unencrypted bodies, for a test account only."""

    def __init__(self, crypto: CallbackCrypto, receiving: Receiving, appid: str, *, plain: bool = False) -> None:
        self._crypto = crypto
        self._receiving = receiving
        self._appid = appid
        self._plain = plain

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/channels/miniprogram", self.verify), web.post("/channels/miniprogram", self.push)]

    async def verify(self, request: web.Request) -> web.Response:
        """GET: the platform asks whether this address is ours."""
        return echo(request, self._crypto.token)

    async def push(self, request: web.Request) -> web.Response:
        """POST: a message or an event; kept before it is answered, so that none is lost."""
        try:
            now = self._receiving.clock()
            values, _ = await opened(request, self._crypto, now, _values, plain=self._plain)
            message = _received(values)
        except CallRefused as error:
            log.info("push_refused", reason=str(error))
            return web.Response(status=error.status)
        try:
            await self._keep(message)
        except DatabaseUnavailable:  # the platform pushes again
            return web.Response(status=503)
        return web.Response(text=SUCCESS)

    async def _keep(self, message: Received) -> None:
        kept = self._receiving
        now, address = kept.clock(), Address(NAME, self._appid, message.openid)
        for notice in message.notices:
            await kept.notice_ended(address, notice.names, notice.problem)
        if message.kind not in ("event", "text", "image", "audio", "user_enter_tempsession") and not message.told:
            return
        arrived = await kept.door.arrived(address, message.grant(now))
        if message.text or message.media_id or message.told:
            payload = {**message.as_dict(), "told": message.told}
            await kept.deliveries.late(arrived.user.id, arrived.user.conversation, message.id, payload, now)
            await kept.deliveries.release(arrived.user.id, now)
            await kept.wake()


def _received(values: Mapping[str, Any]) -> Received:
    """A push; opening the customer-service chat lets us say two things within a minute."""
    message = message_of(values)
    if message.kind == "user_enter_tempsession":
        return replace(message, allows=ENTERED)
    return replace(message, told="unknown") if message.kind == "miniprogrampage" else message


def _values(body: bytes) -> dict[str, Any]:
    """JSON or XML, as the account is set; numbers as the texts that XML has. Raises XmlBroken."""
    if not body.lstrip().startswith(b"{"):
        return read(body)
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise XmlBroken("JSON") from error
    return {key: str(value) if isinstance(value, int) else value for key, value in values.items()}
