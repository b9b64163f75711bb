"""The platform over HTTP: its API, and a page on which one plays a resident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from tests.fake_wechat.platform import FakeWechat
from tests.fake_wechat.troubles import ApiError
from tests.fake_wechat.voices import check_voice

PAGE = Path(__file__).with_name("page.html")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def app_of(platform: FakeWechat) -> web.Application:
    """The application; `/play/…` is the page's."""
    api, play = Api(platform), Play(platform)
    app = web.Application(middlewares=[_errors(platform)], client_max_size=12 * 1024 * 1024)
    app.add_routes([*api.routes(), *play.routes()])
    return app


@asynccontextmanager
async def serving(platform: FakeWechat, port: int = 0) -> AsyncIterator[str]:
    """The platform on a port of this machine; its address."""
    runner = web.AppRunner(app_of(platform), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await platform.aclose()
        await runner.cleanup()


def _errors(platform: FakeWechat) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/cgi-bin/"):
            return await handler(request)
        platform.calls.append((request.path, dict(request.query)))
        try:
            if (status := await platform.troubles.meet(request)) is not None:
                return web.Response(status=status)
            if "token" not in request.path:
                platform.check_token(request.query.get("access_token", ""))
            return await handler(request)
        except ApiError as error:
            return web.json_response({"errcode": error.code, "errmsg": "fake"})

    return middleware


class Api:
    """`/cgi-bin/…`"""

    def __init__(self, platform: FakeWechat) -> None:
        self._platform = platform

    def routes(self) -> list[web.RouteDef]:
        base = "/cgi-bin"
        return [
            web.post(f"{base}/stable_token", self.token),
            web.post(f"{base}/message/custom/send", self.customer),
            web.post(f"{base}/message/custom/typing", self.typing),
            web.post(f"{base}/message/template/send", self.template),
            web.post(f"{base}/message/subscribe/bizsend", self.subscription),
            web.post(f"{base}/menu/create", self.menu),
            web.post(f"{base}/qrcode/create", self.qr),
            web.post(f"{base}/media/upload", self.upload),
            web.get(f"{base}/media/get", self.download),
        ]

    async def token(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response(self._platform.give_token(body["appid"], body["secret"]))

    async def customer(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self._platform.customer(orjson.loads(raw), raw)
        return _ok()

    async def typing(self, request: web.Request) -> web.Response:
        self._platform.typing(await request.json())
        return _ok()

    async def template(self, request: web.Request) -> web.Response:
        return _ok(msgid=self._platform.template(await request.json()))

    async def subscription(self, request: web.Request) -> web.Response:
        self._platform.template(await request.json(), "subscription")
        return _ok()

    async def menu(self, request: web.Request) -> web.Response:
        self._platform.set_menu(await request.json())
        return _ok()

    async def qr(self, request: web.Request) -> web.Response:
        return web.json_response(self._platform.qr(await request.json()))

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        sent = form["media"]
        assert isinstance(sent, web.FileField)
        kind, content = request.query["type"], sent.file.read()
        if kind == "voice":
            check_voice(content, ("amr", "mp3"))
        heard = "audio/amr" if content.startswith(b"#!AMR") else "audio/mpeg"
        media_id = self._platform.add_media("image/jpeg" if kind == "image" else heard, content)
        return web.json_response({"type": kind, "media_id": media_id, "created_at": int(self._platform.clock())})

    async def download(self, request: web.Request) -> web.Response:
        media_type, content = self._platform.find_media(request.query["media_id"])
        return web.Response(body=content, content_type=media_type)


class Play:
    """The page: what a resident does, and sees."""

    def __init__(self, platform: FakeWechat) -> None:
        self._platform = platform

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/play/{openid}", self.seen),
            web.post("/play/{openid}", self.do),
            web.get("/play/media/{id}", self.media),
        ]

    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE.read_text("utf-8"), content_type="text/html")

    async def seen(self, request: web.Request) -> web.Response:
        fan = self._platform.fan(request.match_info["openid"])
        left = {kind: max(0, int(n)) for kind, (n, until) in fan.windows.items() if until > self._platform.clock()}
        body = {"seen": [asdict(each) for each in fan.seen], "left": left, "follows": fan.follows}
        return web.json_response({**body, "typing": fan.typing, "menu": self._platform.menu or []})

    async def do(self, request: web.Request) -> web.Response:
        openid, told = request.match_info["openid"], await request.json()
        platform = self._platform
        if "choice" in told:
            await platform.tap(openid, told["text"], told["choice"])
        elif "event" in told:
            await platform.event(openid, told["event"], told.get("key", ""))
        else:
            await platform.say(openid, told["text"])
        return web.json_response({})

    async def media(self, request: web.Request) -> web.Response:
        media_type, content = self._platform.find_media(request.match_info["id"])
        return web.Response(body=content, content_type=media_type)


def _ok(**more: Any) -> web.Response:
    return web.json_response({"errcode": 0, "errmsg": "ok", **more})
