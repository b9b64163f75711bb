"""`/channels/wechat`: the platform's calls. Verified before anything is opened, answered within five seconds.

What is not ready after four seconds is kept, answered with `success`, and follows as a customer-service message.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from aiohttp import web

from connectors.platforms.crypto import CallbackCrypto, CiphertextBroken, SignatureWrong, check
from connectors.platforms.xml import XmlBroken, read, write
from connectors.wechat.answering import Answering, Ready
from connectors.wechat.line import Line
from connectors.wechat.messages import MessageBroken, Received, received
from knowledge.database import DatabaseUnavailable

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024
WINDOW_SECONDS = 300
READY_SECONDS = 4.0
KEEP_SECONDS = 0.7
"""What is left for giving an answer, or keeping a late message, before the platform hangs up."""

PATIENCE_SECONDS = 0.5
"""So long the head of the line may have waited: who comes later is put off at once, which costs more than answering."""

FILES_AT_A_TIME = 16
"""A recording is listened to, a photo looked at: that takes seconds, and little of this process. They have a line of
their own."""

SUCCESS = "success"


class CallRefused(Exception):
    """Not a call of the platform's: the status says how."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class WechatCallbacks:
    """The routes. `plain`: also take unencrypted bodies, for a test account only.

    `speaks`: whether what is put off can follow by itself; else it is put off as late as may be.
    """

    def __init__(
        self,
        crypto: CallbackCrypto,
        answering: Answering,
        clock: Callable[[], datetime],
        *,
        plain: bool = False,
        speaks: bool = True,
    ) -> None:
        self._crypto = crypto
        self._answering = answering
        self._clock = clock
        self._plain = plain
        patience = PATIENCE_SECONDS if speaks else READY_SECONDS
        self._said, self._sent = Line[Ready | None](patience), Line[Ready | None](patience, FILES_AT_A_TIME)

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/channels/wechat", self.verify), web.post("/channels/wechat", self.call)]

    async def close(self) -> None:
        """End what still runs: what was kept is taken up again after the start."""
        await self._said.close()
        await self._sent.close()

    async def verify(self, request: web.Request) -> web.Response:
        """GET: the platform asks whether this address is ours."""
        return echo(request, self._crypto.token)

    async def call(self, request: web.Request) -> web.Response:
        """POST: a message or an event."""
        started = time.monotonic()
        try:
            values, key = await opened(request, self._crypto, self._clock(), read, plain=self._plain)
            message = message_of(values)
        except CallRefused as error:
            log.info("call_refused", reason=str(error))
            return web.Response(status=error.status)
        try:
            reply = await self._answer(message, started)
        except (DatabaseUnavailable, TimeoutError) as error:  # the platform calls again
            log.warning("call_unanswered", error=type(error).__name__)
            return web.Response(status=503)
        return self._response(request.query.get("nonce", ""), message, reply, key)

    async def _answer(self, message: Received, started: float) -> str | None:
        """The text that answers at once; None: nothing to say, or not yet."""
        name, line = f"{message.openid}:{message.id}", self._sent if message.media_id else self._said
        if message.wants_answer and name not in line and line.is_long:
            await self._answering.keep(message)  # late rather than not in time
            log.warning("answer_put_off", running=len(line))
            return None
        turn = line.turn(name, partial(self._answering.answer, message))
        await asyncio.wait({turn}, timeout=max(0.0, READY_SECONDS - (time.monotonic() - started)))
        if not turn.done():
            turn.add_done_callback(_look_at)
            await self._give_up(message)
            line.leave(name)
        elif not turn.cancelled() and (ready := turn.result()) is not None:
            async with asyncio.timeout(KEEP_SECONDS):
                return await self._answering.give(ready)
        return None  # cancelled: another call of the same message kept it

    async def _give_up(self, message: Received) -> None:
        """It is not ready in time: it follows."""
        if not message.wants_answer:
            raise TimeoutError  # a follow, a scan: the platform tells it again
        async with asyncio.timeout(KEEP_SECONDS):
            await self._answering.keep(message)
        log.info("answer_late")

    def _response(self, nonce: str, message: Received, reply: str | None, key: bytes | None) -> web.Response:
        if reply is None:
            return web.Response(text=SUCCESS)
        now = int(self._clock().timestamp())
        inner = write(
            {
                "ToUserName": message.openid,
                "FromUserName": message.account,
                "CreateTime": now,
                "MsgType": "text",
                "Content": reply,
            }
        )
        if key is None:
            return web.Response(body=inner, content_type="text/xml", charset="utf-8")
        encrypted = self._crypto.encrypt(inner, key)
        signature = self._crypto.sign(encrypted, str(now), nonce)
        envelope = {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": now, "Nonce": nonce}
        return web.Response(body=write(envelope), content_type="text/xml", charset="utf-8")


def echo(request: web.Request, token: str) -> web.Response:
    """What answers the platform's question whether this address is ours: 403 without our token's signature."""
    query = request.query
    try:
        check(token, query.get("signature", ""), *_signed(query))
    except SignatureWrong:
        return web.Response(status=403)
    return web.Response(text=query.get("echostr", "")[:1024])


async def opened(
    request: web.Request,
    crypto: CallbackCrypto,
    now: datetime,
    parse: Callable[[bytes], dict[str, Any]],
    *,
    plain: bool,
) -> tuple[dict[str, Any], bytes | None]:
    """What a call says, and the key that opened it; no key for a plain one, which is signed too. Raises CallRefused."""
    query = request.query
    encrypted = query.get("encrypt_type") == "aes"
    if not encrypted and not plain:
        raise CallRefused(403, "not encrypted")
    check_time(query.get("timestamp", ""), now)
    try:
        outer = parse(await read_body(request))
        if not encrypted:
            check(crypto.token, query.get("signature", ""), *_signed(query))
            return outer, None
        inner = crypto.decrypt(str(outer.get("Encrypt") or ""), query.get("msg_signature", ""), *_signed(query))
        return parse(inner.message), inner.key
    except SignatureWrong as error:
        raise CallRefused(403, "signature") from error
    except (XmlBroken, CiphertextBroken) as error:
        raise CallRefused(400, type(error).__name__) from error


def message_of(values: Mapping[str, Any]) -> Received:
    """Raises CallRefused."""
    try:
        return received(values)
    except MessageBroken as error:
        raise CallRefused(400, "MessageBroken") from error


def _signed(query: Mapping[str, str]) -> tuple[str, str]:
    return query.get("timestamp", ""), query.get("nonce", "")


def check_time(timestamp: str, now: datetime) -> None:
    """Raises CallRefused when a call was signed more than five minutes before or after now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise CallRefused(403, "timestamp")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise CallRefused(403, "too old")


async def read_body(request: web.Request) -> bytes:
    """At most 64 KiB are read, whatever the header says. Raises CallRefused."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise CallRefused(413, "too large")
    body = bytearray()
    while piece := await request.content.read(LARGEST_BODY + 1 - len(body)):
        body += piece
        if len(body) > LARGEST_BODY:
            raise CallRefused(413, "too large")
    return bytes(body)


def _look_at(task: asyncio.Task[Any]) -> None:
    """A late turn's error is the worker's to meet: it takes the same turn."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("late_turn_failed", error=type(error).__name__)
