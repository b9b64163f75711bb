"""`POST /channels/sms/{secret}`: the provider says what reached whom (SmsReport), and what residents answered (SmsUp).

Alibaba Cloud pushes JSON arrays and does not sign them: who knows the address is believed, so that it has a secret in
it. A receipt has our id (`out_id`), an answer has `content`. It is answered with code 0, or comes again.
"""

from __future__ import annotations

import hmac
from typing import Any, Protocol

import orjson
import structlog
from aiohttp import web

from connectors.web.contract import MAX_JSON
from connectors.web.problems import Problem

log = structlog.get_logger()

PATH = "/channels/sms/{secret}"
STOP = frozenset({"退订", "TD", "T", "R", "N", "0000", "拒收", "不要发了"})
"""Answers that mean 退订, in capitals and without blanks."""


class SmsNews(Protocol):
    """Who hears it; `bot` gives it."""

    async def reached(self, id: str, failure: str) -> None: ...
    async def answered_stop(self, telephone: str) -> None: ...


class SmsCallbacks:
    """The provider's calls. Without a secret there is no such address."""

    def __init__(self, secret: str, news: SmsNews) -> None:
        self._secret = secret
        self._news = news

    def routes(self) -> list[web.RouteDef]:
        """The route as data."""
        return [web.post(PATH, self.hear)]

    async def hear(self, request: web.Request) -> web.Response:
        """POST: a list of receipts or answers."""
        if not self._secret or not hmac.compare_digest(request.match_info["secret"].encode(), self._secret.encode()):
            raise web.HTTPNotFound
        if (request.content_length or 0) > MAX_JSON:
            raise Problem("too_large")
        for each in _items(await request.read()):
            await self._hear(each)
        return web.json_response({"code": 0, "msg": "成功"})

    async def _hear(self, told: dict[str, Any]) -> None:
        if told.get("content") is not None:
            if "".join(str(told["content"]).split()).upper() in STOP:
                await self._news.answered_stop(str(told.get("phone_number") or ""))
        elif told.get("out_id"):
            failure = "" if told.get("success") in (True, "true") else str(told.get("err_code") or "failed")
            await self._news.reached(str(told["out_id"]), failure)


def _items(body: bytes) -> list[dict[str, Any]]:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem("wrong_fields", reason="not JSON") from error
    items = read if isinstance(read, list) else [read]
    return [each for each in items if isinstance(each, dict)]
