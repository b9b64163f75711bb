"""The platform's state and rules, and its calls to the account's server."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from connectors.platforms.crypto import CallbackCrypto, check, signature
from connectors.platforms.xml import read, write
from tests.fake_wechat.troubles import ApiError, Troubles

ANSWER_SECONDS = 5.0
DELIVERIES = 3
TEXT_BYTES = 2048
WINDOW, CLICK_WINDOW = 48 * 3600, 60
PER_MESSAGE, PER_CLICK = 5, 3
TOKEN_SECONDS, OVERLAP = 7200, 300
MEDIA_SECONDS = 3 * 86400
UNABLE = "该公众号暂时无法提供服务，请稍后再试"
CLICKS = {"click", "subscribe", "scan", "scancode_push", "scancode_waitmsg"}


@dataclass(frozen=True)
class Account:
    """An account as its operator sees it."""

    appid: str = "wx0123456789abcdef"
    secret: str = "s" * 32
    token: str = "bangban"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    name: str = "gh_0123456789ab"
    callback: str = "http://127.0.0.1:8080/channels/wechat"


@dataclass
class Seen:
    """Something that a person sees in the chat. `way`: passive, customer, template, subscription, platform."""

    way: str
    kind: str
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0


@dataclass
class Fan:
    """Somebody in WeChat. `windows`: [messages left, until], the one for messages and the one for clicks."""

    openid: str
    follows: bool = True
    subscribed: set[str] = field(default_factory=set)
    windows: dict[str, list[float]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    typing: int = 0

    @property
    def texts(self) -> list[str]:
        """All texts that they see."""
        return [each.text for each in self.seen]


class FakeWechat:
    """One account on the platform, and those who follow it. `clock`: seconds since 1970."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.time) -> None:
        self.account = account
        self.clock = clock
        self.fans: dict[str, Fan] = {}
        self.media: dict[str, tuple[str, bytes, float]] = {}
        self.menu: list[dict[str, Any]] | None = None
        self.scenes: dict[str, str] = {}
        self.troubles = Troubles()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: dict[str, float] = {}
        self.fetched = 0
        self.speaks = True
        self.answered: list[float] = []
        self.junk: list[str] = []
        self._ids = itertools.count(23_000_000_000_000_000)
        self._once: set[str] = set()
        self._session: aiohttp.ClientSession | None = None
        self._crypto = CallbackCrypto(account.token, [account.aes_key], account.appid)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    # --- what people do -------------------------------------------------------------------------------------------

    def fan(self, openid: str) -> Fan:
        return self.fans.setdefault(openid, Fan(openid))

    async def say(self, openid: str, text: str, **options: Any) -> int:
        """A text; how often it was delivered."""
        return await self.send(openid, {"MsgType": "text", "Content": text}, **options)

    async def tap(self, openid: str, label: str, id: str, **options: Any) -> int:
        """A tap on a bizmsgmenu link."""
        return await self.send(openid, {"MsgType": "text", "Content": label, "bizmsgmenuid": id}, **options)

    async def event(self, openid: str, event: str, key: str = "", **more: Any) -> int:
        """subscribe, unsubscribe, SCAN, CLICK …"""
        fan = self.fan(openid)
        if event.lower() in ("subscribe", "unsubscribe"):
            fan.follows = event.lower() == "subscribe"
        return await self.send(openid, {"MsgType": "event", "Event": event, "EventKey": key, **more})

    async def send(self, openid: str, message: dict[str, Any], *, always: int = 1, id: int | None = None) -> int:
        """A message or an event, delivered until it is answered, three times at most. `always`: so often anyway."""
        fan, now = self.fan(openid), int(self.clock())
        values = {"ToUserName": self.account.name, "FromUserName": openid, "CreateTime": now, **message}
        if message["MsgType"] != "event":
            values["MsgId"] = id or next(self._ids)
        self._open_window(fan, message)
        shown = False
        for delivery in range(1, DELIVERIES + 1):
            answer = await self._deliver(values)
            if answer is not None and not shown:
                shown = True
                self._show(fan, answer)
            if answer is not None and delivery >= always:
                return delivery
        if not shown and message["MsgType"] != "event":
            fan.seen.append(Seen("platform", "text", UNABLE, at=self.clock()))
        return DELIVERIES

    def _open_window(self, fan: Fan, message: dict[str, Any]) -> None:
        kind = str(message.get("Event", "")).lower()
        if message["MsgType"] != "event" and "bizmsgmenuid" not in message:
            fan.windows["message"] = [PER_MESSAGE, self.clock() + WINDOW]
        elif kind in CLICKS or "bizmsgmenuid" in message:
            fan.windows["click"] = [PER_CLICK, self.clock() + CLICK_WINDOW]

    def sealed(self, values: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """The query and the body of one delivery."""
        encrypted = self._crypto.encrypt(write(values))
        timestamp, nonce = str(int(self.clock())), secrets.token_hex(5)
        query = {
            "signature": signature(self.account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": str(values.get("FromUserName", "")),
            "encrypt_type": "aes",
            "msg_signature": self._crypto.sign(encrypted, timestamp, nonce),
        }
        return query, write({"ToUserName": self.account.name, "Encrypt": encrypted})

    async def _deliver(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """One delivery: the answer, {} for `success`; None: no answer in five seconds, or one that means nothing."""
        query, body = self.sealed(values)
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        timeout, started = aiohttp.ClientTimeout(total=ANSWER_SECONDS), time.monotonic()
        try:
            async with self._session.post(
                self.account.callback, params=query, data=body, headers={"Content-Type": "text/xml"}, timeout=timeout
            ) as response:
                content = await response.read()
                self.answered.append(time.monotonic() - started)
                if response.status != 200:
                    return None
        except (TimeoutError, aiohttp.ClientError):
            self.answered.append(time.monotonic() - started)
            return None
        if content in (b"", b"success"):
            return {}
        return self._opened(content, values)

    def _opened(self, content: bytes, values: dict[str, Any]) -> dict[str, Any] | None:
        try:
            envelope = read(content)
            sealed, timestamp, nonce = envelope["Encrypt"], envelope["TimeStamp"], envelope["Nonce"]
            check(self.account.token, envelope["MsgSignature"], timestamp, nonce, sealed)
            answer = read(self._crypto.decrypt(sealed, envelope["MsgSignature"], timestamp, nonce).message)
            assert answer["ToUserName"] == values["FromUserName"]
            assert answer["FromUserName"] == self.account.name
            assert answer["MsgType"] == "text"
            assert 0 < len(answer["Content"].encode()) <= TEXT_BYTES
        except Exception as error:  # noqa: BLE001 - whatever it is, the platform shows that it can't
            self.junk.append(f"{type(error).__name__}: {error}")
            return None
        return answer

    def _show(self, fan: Fan, answer: dict[str, Any]) -> None:
        if answer:
            fan.seen.append(Seen("passive", "text", answer["Content"], at=self.clock()))

    # --- what the account's server asks ---------------------------------------------------------------------------

    def give_token(self, appid: str, secret: str) -> dict[str, Any]:
        """A stable token: the same until five minutes before its end."""
        if appid != self.account.appid:
            raise ApiError(40013)
        if secret != self.account.secret:
            raise ApiError(40125)
        self.fetched += 1
        now = self.clock()
        good = [token for token, until in self.tokens.items() if until - now > OVERLAP]
        if not good:
            token = f"{secrets.token_hex(60)}"
            self.tokens[token] = now + TOKEN_SECONDS
            good = [token]
        return {"access_token": good[0], "expires_in": int(self.tokens[good[0]] - now)}

    def expire_tokens(self) -> None:
        """All tokens are of no use any more, without anybody having been told."""
        self.tokens.clear()

    def check_token(self, token: str) -> None:
        until = self.tokens.get(token)
        if until is None:
            raise ApiError(40001)
        if until <= self.clock():
            raise ApiError(42001)

    def customer(self, body: dict[str, Any], raw: bytes) -> None:
        """A customer-service message."""
        if not self.speaks:
            raise ApiError(48001)
        if b"\\u" in raw:
            raise ApiError(40033)
        fan = self._follower(body)
        kind = body.get("msgtype", "")
        content = body.get(kind)
        if not isinstance(content, dict):
            raise ApiError(47003)
        if kind == "text" and len(str(content.get("content", "")).encode()) > TEXT_BYTES:
            raise ApiError(45002)
        if kind == "news" and len(content.get("articles", [])) > 1:
            raise ApiError(45008)
        if "media_id" in content:
            self.find_media(content["media_id"])
        self._spend(fan)
        fan.seen.append(Seen("customer", kind, str(content.get("content", "")), content, self.clock()))

    def _follower(self, body: dict[str, Any]) -> Fan:
        fan = self.fans.get(str(body.get("touser", "")))
        if fan is None:
            raise ApiError(40003)
        if not fan.follows:
            raise ApiError(43004)
        return fan

    def _spend(self, fan: Fan) -> None:
        now = self.clock()
        open_ones = [window for window in fan.windows.values() if window[1] > now]
        if not open_ones:
            raise ApiError(45015)
        for window in sorted(open_ones, key=lambda each: each[1]):
            if window[0] > 0:
                window[0] -= 1
                return
        raise ApiError(45047)

    def typing(self, body: dict[str, Any]) -> None:
        self._follower(body).typing += body.get("command") == "Typing"

    def template(self, body: dict[str, Any], way: str = "template") -> int:
        """A template or subscription message."""
        fan = self._follower(body)
        if way == "subscription" and body["template_id"] not in fan.subscribed:
            raise ApiError(43101)
        for key, value in body["data"].items():
            if key.startswith("thing") and len(value["value"]) > 20:
                raise ApiError(47003)
        number = next(self._ids)
        once = str(body.get("client_msg_id", ""))
        if not once or once not in self._once:
            self._once.add(once)
            said = " ".join(value["value"] for value in body["data"].values())
            fan.seen.append(Seen(way, "template", said, body, self.clock()))
        return number

    def set_menu(self, body: dict[str, Any]) -> None:
        buttons = body["button"]
        if not 1 <= len(buttons) <= 3 or any(len(each.get("sub_button", [])) > 5 for each in buttons):
            raise ApiError(40016)
        self.menu = buttons

    def qr(self, body: dict[str, Any]) -> dict[str, Any]:
        scene = body["action_info"]["scene"]["scene_str"]
        if not 1 <= len(scene) <= 64 or body["action_name"] not in ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE"):
            raise ApiError(40053)
        ticket = secrets.token_urlsafe(48)
        self.scenes[ticket] = scene
        return {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[:22]}"}

    def add_media(self, media_type: str, content: bytes) -> str:
        media_id = secrets.token_urlsafe(32)
        self.media[media_id] = (media_type, content, self.clock() + MEDIA_SECONDS)
        return media_id

    def find_media(self, media_id: str) -> tuple[str, bytes]:
        found = self.media.get(media_id)
        if found is None or found[2] <= self.clock():
            raise ApiError(40007)
        return found[0], found[1]
