"""A mini program on the fake platform: log-in codes, telephone numbers, the check of texts, subscription messages."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

from tests.fake_wechat.platform import FakeWechat
from tests.fake_wechat.troubles import ApiError
from tests.fake_wechat.web import app_of

BAD_CODE, USED_CODE = 40029, 40163


class FakeProgram(FakeWechat):
    """What the platform knows of one mini program. `risky`: texts that its content check refuses."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.risky: set[str] = set()
        self.checked: list[str] = []
        self._codes: dict[str, str] = {}
        self._used: set[str] = set()
        self._numbers = itertools.count(1)

    def code(self, means: str) -> str:
        """A code that means this openid, or this telephone number, once."""
        code = f"0{next(self._numbers)}{secrets.token_hex(8)}"
        self._codes[code] = means
        return code

    def spend(self, code: str) -> str:
        if code in self._used:
            raise ApiError(USED_CODE)
        if code not in self._codes:
            raise ApiError(BAD_CODE)
        self._used.add(code)
        return self._codes[code]

    def number(self) -> int:
        """The id of a message."""
        return next(self._ids)

    def pushed(self, values: dict[str, Any], *, as_json: bool) -> tuple[dict[str, str], bytes]:
        """The query and the body of a push, as JSON or XML."""
        query, body = self.sealed(values)
        if not as_json:
            return query, body
        encrypted = self._crypto.encrypt(orjson.dumps(values))
        query["msg_signature"] = self._crypto.sign(encrypted, query["timestamp"], query["nonce"])
        return query, orjson.dumps({"ToUserName": self.account.name, "Encrypt": encrypted})

    def entered(self, openid: str, kind: str = "message") -> None:
        """They wrote in the customer-service chat, or opened it."""
        self._open_window(self.fan(openid), {"MsgType": "text"} if kind == "message" else {"MsgType": "event"})


class ProgramApi:
    """The paths that only a mini program has."""

    def __init__(self, platform: FakeProgram) -> None:
        self._platform = platform

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sns/jscode2session", self.session),
            web.post("/wxa/business/getuserphonenumber", self.telephone),
            web.post("/wxa/msg_sec_check", self.check),
            web.post("/cgi-bin/message/subscribe/send", self.subscription),
            web.post("/cgi-bin/message/custom/business/typing", self.typing),
        ]

    async def session(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked["secret"] != self._platform.account.secret:
            return web.json_response({"errcode": 40125})
        try:
            openid = self._platform.spend(asked["js_code"])
        except ApiError as error:
            return web.json_response({"errcode": error.code})
        self._platform.fan(openid)
        return web.json_response({"openid": openid, "session_key": secrets.token_hex(12)})

    async def telephone(self, request: web.Request) -> web.Response:
        try:
            self._platform.check_token(request.query.get("access_token", ""))
            number = self._platform.spend((await request.json())["code"])
        except ApiError as error:
            return web.json_response({"errcode": error.code})
        return web.json_response({"errcode": 0, "phone_info": {"purePhoneNumber": number, "countryCode": "86"}})

    async def check(self, request: web.Request) -> web.Response:
        text = (await request.json())["content"]
        self._platform.checked.append(text)
        suggest = "risky" if text in self._platform.risky else "pass"
        return web.json_response({"errcode": 0, "result": {"suggest": suggest, "label": 100}})

    async def subscription(self, request: web.Request) -> web.Response:
        self._platform.template(await request.json(), "subscription")
        return web.json_response({"errcode": 0})

    async def typing(self, request: web.Request) -> web.Response:
        self._platform.typing(await request.json())
        return web.json_response({"errcode": 0})


@asynccontextmanager
async def serving_program(platform: FakeProgram) -> AsyncIterator[str]:
    """The platform on a port of this machine; its address."""
    app = app_of(platform)
    app.add_routes(ProgramApi(platform).routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await platform.aclose()
        await runner.cleanup()
