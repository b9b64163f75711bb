"""WeCom's 微信客服 on the fake platform: call-backs, `sync_msg` with a cursor, allowances, welcome codes, states."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.xml import write
from tests.fake_wechat.troubles import ApiError, Troubles
from tests.fake_wechat.voices import check_voice

CORPID, SECRET, TOKEN = "ww0123456789abcdef", "c" * 32, "bangban"
AES_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUT"
ACCOUNT = "wkAAAA0001"
PER_MESSAGE, WINDOW = 5, 48 * 3600
TEXT_BYTES = 2048
OURS, POOL, SERVICER, OVER = (0, 1), 2, 3, 4
MAY_BECOME = {0: {2, 3}, 1: {2, 3}, POOL: {3}, SERVICER: {3, 4}, OVER: set[int]()}
STATE_WRONG, TRANSFER_WRONG = 95018, 95016
"""Not confirmed on the live page."""


@dataclass
class Guest:
    """A resident in WeChat who writes to the account."""

    state: int = 0
    servicer: str = ""
    left: int = 0
    until: float = 0.0
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The words of all that they see."""
        return [_words(each) for each in self.seen]


class FakeWecom:
    """One account. `callback`: where the service is; `page`: items of a page of sync_msg."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.callback = ""
        self.page = 2
        self.items: list[dict[str, Any]] = []
        self.guests: dict[str, Guest] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.pulls: list[str] = []
        self.codes: dict[str, str] = {}
        self.servicers: dict[str, int] = {}
        """userid → 0: receiving, 1: not."""
        self.transfers: list[tuple[str, int, str]] = []
        self.troubles = Troubles()
        self.fetched = 0
        self.broken: dict[str, list[int]] = {}
        """Codes that the next calls of an API (`trans`) end with."""
        self._sent: set[str] = set()
        self._numbers = itertools.count(1)
        self._token = secrets.token_hex(60)
        self._crypto = CallbackCrypto(TOKEN, [AES_KEY], CORPID)

    def guest(self, user: str) -> Guest:
        return self.guests.setdefault(user, Guest())

    async def say(self, user: str, text: str, **more: Any) -> None:
        await self.send(user, {"msgtype": "text", "text": {"content": text, **more}})

    async def send(self, user: str, message: dict[str, Any], origin: int = 3) -> None:
        """A message of a resident's: it waits to be pulled, and the service is called."""
        guest = self.guest(user)
        guest.left, guest.until = PER_MESSAGE, self.clock() + WINDOW
        guest.state = 0 if guest.state == OVER else guest.state
        self._add({"external_userid": user, "origin": origin, **message})
        await self.call()

    async def event(self, user: str, kind: str, **more: Any) -> None:
        event = {"event_type": kind, "open_kfid": ACCOUNT, "external_userid": user, **more}
        self._add({"msgtype": "event", "origin": 4, "event": event})
        await self.call()

    async def enter(self, user: str) -> None:
        """They open the chat; the code of its welcome is good once."""
        code = secrets.token_hex(8)
        self.codes[code] = user
        await self.event(user, "enter_session", welcome_code=code, scene="wall")

    async def repeat(self) -> None:
        """What happened last is given by sync_msg again, and the service called again."""
        self.items.append(self.items[-1])
        await self.call()

    async def pick_up(self, user: str, servicer: str) -> None:
        """Somebody in WeCom takes the chat, out of the pool or from the bot."""
        guest = self.guest(user)
        guest.state, guest.servicer = SERVICER, servicer
        await self.event(user, "session_status_change", change_type=1, new_servicer_userid=servicer)

    async def hang_up(self, user: str) -> None:
        """They end it; its code lets the service say one thing."""
        guest = self.guest(user)
        assert guest.state == SERVICER
        old, guest.state, guest.servicer = guest.servicer, OVER, ""
        self.codes[code := secrets.token_hex(8)] = user
        await self.event(user, "session_status_change", change_type=3, old_servicer_userid=old, msg_code=code)

    def _add(self, item: dict[str, Any]) -> None:
        number = next(self._numbers)
        last = self.items[-1]["send_time"] if self.items else 0
        at = max(int(self.clock()), last + 1)  # nobody writes twice in a second
        self.items.append({"msgid": f"m{number:06d}", "open_kfid": ACCOUNT, "send_time": at, **item})

    async def call(self, times: int = 1) -> list[int]:
        """The call-back that something happened; the statuses of its answers."""
        told = {"ToUserName": CORPID, "CreateTime": int(self.clock()), "MsgType": "event", "Event": "kf_msg_or_event"}
        query, body = self.sealed({**told, "Token": "pull-token", "OpenKfId": ACCOUNT})
        statuses = []
        async with aiohttp.ClientSession() as client:
            for _ in range(times):
                async with client.post(self.callback, params=query, data=body) as response:
                    assert response.status != 200 or await response.read() == b""
                    statuses.append(response.status)
        return statuses

    def sealed(self, values: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        encrypted = self._crypto.encrypt(write(values))
        return self.signed(encrypted), write({"ToUserName": CORPID, "Encrypt": encrypted, "AgentID": ""})

    def signed(self, encrypted: str) -> dict[str, str]:
        timestamp, nonce = str(int(self.clock())), secrets.token_hex(5)
        return {
            "msg_signature": self._crypto.sign(encrypted, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }

    def echo(self, text: str) -> dict[str, str]:
        encrypted = self._crypto.encrypt(text.encode())
        return {**self.signed(encrypted), "echostr": encrypted}

    # --- what the service asks ------------------------------------------------------------------------------------

    def give_token(self, query: Any) -> dict[str, Any]:
        if query.get("corpid") != CORPID or query.get("corpsecret") != SECRET:
            raise ApiError(40001)
        self.fetched += 1
        return {"errcode": 0, "access_token": self._token, "expires_in": 7200}

    def expire_tokens(self) -> None:
        """The token is of no use any more, without anybody having been told."""
        self._token = secrets.token_hex(60)

    def check(self, query: Any, api: str) -> None:
        if query.get("access_token") != self._token:
            raise ApiError(40014)
        if codes := self.broken.get(api):
            raise ApiError(codes.pop(0))

    def pull(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["open_kfid"] != ACCOUNT:
            raise ApiError(95000)
        cursor = body.get("cursor", "")
        self.pulls.append(cursor)
        begin = int(cursor or 0)
        page = self.items[begin : begin + self.page]
        end = begin + len(page)
        return {"errcode": 0, "next_cursor": str(end), "has_more": int(end < len(self.items)), "msg_list": page}

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["open_kfid"] != ACCOUNT or body["touser"] not in self.guests:
            raise ApiError(40003)
        id, kind = body["msgid"], body["msgtype"]
        assert 0 < len(id) <= 32 and all(c.isalnum() or c in "_-" for c in id)
        if id in self._sent:
            return {"errcode": 0, "msgid": id}
        guest = self.guests[body["touser"]]
        if guest.state not in OURS:
            raise ApiError(STATE_WRONG)
        if guest.until <= self.clock():
            raise ApiError(45015)
        if guest.left <= 0:
            raise ApiError(45047)
        self._look_at(kind, body[kind])
        guest.left -= 1
        self._sent.add(id)
        guest.seen.append({"msgid": id, "kind": kind, **body[kind]})
        return {"errcode": 0, "msgid": id}

    def _look_at(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "text" and not 0 < len(content["content"].encode()) <= TEXT_BYTES:
            raise ApiError(45002)
        if kind in ("image", "voice"):
            stored, _ = self.file(content["media_id"])
            assert stored == f"{kind}/stored"
        if kind == "msgmenu":
            assert 0 < len(content["head_content"].encode()) <= 1024
            assert 0 < len(content["list"]) <= 10
            for row in content["list"]:
                assert 0 < len(row["click"]["id"].encode()) <= 64
                assert 0 < len(row["click"]["content"].encode()) <= 128

    def welcome(self, body: dict[str, Any]) -> dict[str, Any]:
        user = self.codes.pop(body["code"], None)
        if user is None:
            raise ApiError(95013)
        self.guest(user).seen.append({"msgid": body["msgid"], "kind": "welcome", **body["text"]})
        return {"errcode": 0, "msgid": body["msgid"]}

    def state(self, body: dict[str, Any]) -> dict[str, Any]:
        guest = self.guest(body["external_userid"])
        return {"errcode": 0, "service_state": guest.state, "servicer_userid": guest.servicer}

    def transfer(self, body: dict[str, Any]) -> dict[str, Any]:
        """Only what the platform's table of states allows; a person must be one of the account's, and receiving."""
        guest, to = self.guest(body["external_userid"]), body["service_state"]
        servicer = body.get("servicer_userid", "")
        if body["open_kfid"] != ACCOUNT:
            raise ApiError(95000)
        if to not in MAY_BECOME[guest.state]:
            raise ApiError(TRANSFER_WRONG)
        if to == SERVICER and self.servicers.get(servicer, 1) != 0:
            raise ApiError(95014)
        guest.state, guest.servicer = to, servicer
        self.transfers.append((body["external_userid"], to, servicer))
        return {"errcode": 0, "msg_code": secrets.token_hex(8)}

    def accounts(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["limit"] <= 100
        return {"errcode": 0, "account_list": [{"open_kfid": ACCOUNT, "name": "白果镇帮办"}]}

    def people(self, query: Any) -> dict[str, Any]:
        if query.get("open_kfid") != ACCOUNT:
            raise ApiError(95000)
        people = [{"userid": name, "status": status} for name, status in self.servicers.items()]
        return {"errcode": 0, "servicer_list": people}

    def store(self, kind: str, content: bytes) -> str:
        """A file of the service's; a voice message must be AMR."""
        if kind == "voice":
            check_voice(content, ("amr",))
        self.media[id := secrets.token_hex(16)] = (f"{kind}/stored", content)
        return id

    def file(self, media_id: str) -> tuple[str, bytes]:
        if media_id not in self.media:
            raise ApiError(40007)
        return self.media[media_id]


@asynccontextmanager
async def serving_wecom(platform: FakeWecom) -> AsyncIterator[str]:
    """The platform on a port of this machine; its address."""
    app = web.Application(middlewares=[_errors(platform)])
    base = "/cgi-bin"

    async def media(request: web.Request) -> web.Response:
        media_type, content = platform.file(request.query["media_id"])
        return web.Response(body=content, content_type=media_type)

    def posted(act: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
        async def handler(request: web.Request) -> web.Response:
            return web.json_response(act(await request.json()))

        return handler

    async def upload(request: web.Request) -> web.Response:
        form = await request.post()
        sent = form["media"]
        assert isinstance(sent, web.FileField)
        media_id = platform.store(request.query["type"], sent.file.read())
        return web.json_response({"errcode": 0, "type": request.query["type"], "media_id": media_id})

    async def token(request: web.Request) -> web.Response:
        return web.json_response(platform.give_token(request.query))

    async def people(request: web.Request) -> web.Response:
        return web.json_response(platform.people(request.query))

    app.add_routes(
        [
            web.get(f"{base}/gettoken", token),
            web.post(f"{base}/kf/sync_msg", posted(platform.pull)),
            web.post(f"{base}/kf/send_msg", posted(platform.take)),
            web.post(f"{base}/kf/send_msg_on_event", posted(platform.welcome)),
            web.post(f"{base}/kf/service_state/get", posted(platform.state)),
            web.post(f"{base}/kf/service_state/trans", posted(platform.transfer)),
            web.get(f"{base}/kf/servicer/list", people),
            web.post(f"{base}/kf/account/list", posted(platform.accounts)),
            web.get(f"{base}/media/get", media),
            web.post(f"{base}/media/upload", upload),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _errors(platform: FakeWecom) -> Any:
    @web.middleware
    async def middleware(request: web.Request, handler: Any) -> Any:
        try:
            if (status := await platform.troubles.meet(request)) is not None:
                return web.Response(status=status)
            if "gettoken" not in request.path:
                platform.check(request.query, request.path.rpartition("/")[2])
            return await handler(request)
        except ApiError as error:
            return web.json_response({"errcode": error.code, "errmsg": "fake"})

    return middleware


def _words(seen: dict[str, Any]) -> str:
    if "content" in seen:
        return str(seen["content"])
    return "\n".join([seen.get("head_content", ""), *(row["click"]["content"] for row in seen.get("list", ()))])
