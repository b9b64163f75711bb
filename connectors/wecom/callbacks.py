"""`/channels/wecom`: WeCom says that something happened; answered at once, and pulled afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from aiohttp import web

from connectors.platforms.crypto import CallbackCrypto, CiphertextBroken, SignatureWrong
from connectors.platforms.xml import XmlBroken, read
from connectors.wechat.callbacks import CallRefused, check_time, read_body
from knowledge.database import DatabaseUnavailable
from knowledge.wecom_cursors import WecomCursors

log = structlog.get_logger()

EVENT = "kf_msg_or_event"


class WecomCallbacks:
    """The routes. `wake`: there is something to pull."""

    def __init__(
        self,
        crypto: CallbackCrypto,
        cursors: WecomCursors,
        clock: Callable[[], datetime],
        wake: Callable[[], Awaitable[None]],
    ) -> None:
        self._crypto = crypto
        self._cursors = cursors
        self._clock = clock
        self._wake = wake

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/channels/wecom", self.verify), web.post("/channels/wecom", self.called)]

    async def verify(self, request: web.Request) -> web.Response:
        """GET: WeCom asks whether this address is ours; what it sends is encrypted too."""
        try:
            return web.Response(text=self._opened(request, request.query.get("echostr", "")).decode("utf-8", "replace"))
        except CallRefused as error:
            return web.Response(status=error.status)

    async def called(self, request: web.Request) -> web.Response:
        """POST: there is something to pull from an account. Kept before it is answered."""
        try:
            check_time(request.query.get("timestamp", ""), self._clock())
            outer = read(await read_body(request))
            told = read(self._opened(request, str(outer.get("Encrypt") or "")))
        except CallRefused as error:
            log.info("call_refused", reason=str(error))
            return web.Response(status=error.status)
        except XmlBroken:
            return web.Response(status=400)
        account, token = str(told.get("OpenKfId") or ""), str(told.get("Token") or "")
        if told.get("Event") == EVENT and 0 < len(account) <= 64 and len(token) <= 128:
            try:
                await self._cursors.want(account, token, self._clock())
            except DatabaseUnavailable:
                return web.Response(status=503)
            await self._wake()
        return web.Response()

    def _opened(self, request: web.Request, encrypted: str) -> bytes:
        query = request.query
        signed = (query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", ""))
        try:
            return self._crypto.decrypt(encrypted, *signed).message
        except SignatureWrong as error:
            raise CallRefused(403, "signature") from error
        except CiphertextBroken as error:
            raise CallRefused(400, "ciphertext") from error
