"""A stand-in for Alibaba Cloud's Dysmsapi, over HTTP, that checks the signature by its own hand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

KEY, SECRET = "LTAIinvented", "invented-secret"


class Provider:
    """What was sent, in order; `refuse` answers with that code, `silent` takes a message and then hangs up."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.calls: list[str] = []
        self.nonces: set[str] = set()
        self.refuse: list[str] = []
        self.silent = False
        self.on_sent: Callable[[], Awaitable[None]] | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.post("/", self.answer)])
        return app

    async def answer(self, request: web.Request) -> web.Response:
        parameters = dict(parse_qsl(request.rel_url.raw_query_string, strict_parsing=True))
        action = request.headers["x-acs-action"]
        self.calls.append(action)
        if code := self.wrong(request):
            return told(code, status=403)
        if action == "QuerySendDetails":
            return self.details(parameters)
        if self.refuse:
            return told(self.refuse.pop(0))
        self.sent.append(parameters)
        if self.on_sent is not None:
            await self.on_sent()
        if self.silent:
            assert request.transport is not None
            request.transport.close()
            await asyncio.sleep(0)
        return told("OK", BizId=f"9000{len(self.sent)}^0", RequestId="F655A8D5")

    def wrong(self, request: web.Request) -> str:
        """The code of what is wrong with the request's signature, as the documents have it."""
        scheme, _, rest = request.headers["Authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        names = parts["SignedHeaders"].split(";")
        must = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
        if scheme != "ACS3-HMAC-SHA256" or not must <= set(names) or names != sorted(names):
            return "IncompleteSignature"
        if parts["Credential"] != KEY:
            return "InvalidAccessKeyId.NotFound"
        if request.headers["x-acs-version"] != "2017-05-25":
            return "InvalidVersion"
        headers = "".join(f"{name}:{request.headers[name]}\n" for name in names)
        query = "&".join(sorted(request.rel_url.raw_query_string.split("&")))
        hashed = request.headers["x-acs-content-sha256"]
        canonical = f"POST\n/\n{query}\n{headers}\n{parts['SignedHeaders']}\n{hashed}"
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        made = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made, parts["Signature"]):
            return "SignatureDoesNotMatch"
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self.nonces:
            return "SignatureNonceUsed"
        self.nonces.add(nonce)
        return ""

    def details(self, asked: dict[str, str]) -> web.Response:
        found = [
            {"OutId": each["OutId"], "PhoneNum": each["PhoneNumbers"], "SendStatus": 3}
            for each in self.sent
            if each["PhoneNumbers"] == asked["PhoneNumber"] and len(asked["SendDate"]) == 8
        ]
        first = (int(asked["CurrentPage"]) - 1) * int(asked["PageSize"])
        page = found[first : first + int(asked["PageSize"])]
        return told("OK", TotalCount=len(found), SmsSendDetailDTOs={"SmsSendDetailDTO": page})


def told(code: str, status: int = 200, **more: Any) -> web.Response:
    body = {"Code": code, "Message": code, **more}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
