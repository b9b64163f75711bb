"""`python -m tests.channels.mutations 200000 7 miniprogram`: that many broken callback bodies against the real route.

Never a 5xx, never more than 64 KiB read, never an entity expanded. A third are signed and encrypted rightly around a
broken message. The same mutations, fewer of them, are a test. Without a name: the official account, the mini program
and WeCom, one after the other.
"""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import orjson
from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request

from bot.clock import now
from connectors.platforms.crypto import CallbackCrypto, signature
from connectors.platforms.xml import write
from connectors.wechat.callbacks import LARGEST_BODY, WechatCallbacks
from connectors.wechat.program_callbacks import ProgramCallbacks, Receiving
from connectors.wecom.callbacks import WecomCallbacks
from tests.fake_wechat import Account
from tests.fake_wechat.wecom import ACCOUNT, AES_KEY, CORPID, TOKEN

ENTITY, FILE = "EXPANDED", "root:"
DTD = (
    f'<!DOCTYPE xml [<!ENTITY a "{ENTITY}"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
).encode()
CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
PIECES = [
    *(b"<", b">", b"&", b"]]>", b"<![CDATA[", b"\0", b"\xff", b"&#0;", b"&#xD800;", b"&a;", b"<!DOCTYPE x>", b"</xml>"),
    *(b"<a>" * 300, b"<a/>" * 300, b'<?xml version="1.0" encoding="utf-7"?>', b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"{", b"[" * 5_000, b'{"a":' * 3_000, b'"', b"\\u0000", b"\\ud800", b"9" * 5_000, b"1e999", b"NaN", b"null,"),
]
SWAPPED = (b"text", b"Encrypt", b"MsgType", b"FromUserName", b"Event", b"1")
"""What is turned into something else, where it is there."""
ODD = ("", "x" * 500, "%00", "%C3%A9", "-1", "9" * 30, "%ED%A0%80", "%FF", "%", "%EF%BC%91")
"""Values of a query, as they are in an address."""

VALUES = {
    "ToUserName": Account().name,
    "FromUserName": "oLi",
    "CreateTime": 1,
    "MsgType": "text",
    "MsgId": 1,
    "Content": "低保怎么申请",
    "Event": "CLICK",
    "EventKey": "say:人工",
    "MediaId": "m",
    "Label": "村",
}
TOLD = {"ToUserName": CORPID, "MsgType": "event", "Event": "kf_msg_or_event", "Token": "t", "OpenKfId": ACCOUNT}


class Around:
    """What a request has around it, which does nothing; a Mock would remember every call."""

    _reading_paused = False

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


AROUND: Any = Around()
SURROUNDED = dict.fromkeys(("app", "writer", "transport", "protocol"), AROUND)


class Kept:
    """What the routes would keep, ask and wake: it notes what came through, and says nothing."""

    def __init__(self) -> None:
        self.came = 0

    async def answer(self, message: Any) -> None:
        self._note(message, message.openid, message.text)

    async def keep(self, message: Any) -> None: ...

    async def arrived(self, address: Any, _: Any) -> Any:
        self._note(address, address.external)
        return SimpleNamespace(user=SimpleNamespace(id="u", conversation="c"))

    async def late(self, user: str, conversation: str, id: str, payload: Any, at: Any) -> None:
        _hold(id, payload)

    async def release(self, user: str, at: Any) -> None: ...

    async def want(self, account: str, token: str, at: Any) -> None:
        self._note(account, token)

    async def wake(self) -> None: ...

    async def nudge_ended(self, address: Any, names: Any, problem: str) -> None:
        self._note(address, address.external, names, problem)

    def _note(self, *what: Any) -> None:
        _hold(*what)
        self.came += 1


def _hold(*what: Any) -> None:
    """Nothing of an entity is in it."""
    assert ENTITY not in repr(what)
    assert FILE not in repr(what)


class Counting(StreamReader):
    """A body that counts how much of it is read, in whichever way."""

    def __init__(self, content: bytes) -> None:
        super().__init__(AROUND, 2**16, loop=asyncio.get_running_loop())
        self.feed_data(content)
        self.feed_eof()
        self.taken = 0

    def _read_nowait_chunk(self, n: int) -> bytes:
        piece = super()._read_nowait_chunk(n)
        self.taken += len(piece)
        return piece


@dataclass(frozen=True, slots=True)
class Entrance:
    """A channel's route, and messages that it takes: XML or JSON."""

    path: str
    crypto: CallbackCrypto
    route: Callable[[web.Request], Awaitable[web.Response]]
    messages: Sequence[bytes]

    def sealed(self, message: bytes, as_json: bool) -> tuple[dict[str, str], bytes]:
        """The query and the body of a delivery."""
        encrypted, timestamp, nonce = self.crypto.encrypt(message), str(int(time.time())), secrets.token_hex(5)
        query = {"timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes"}
        query["signature"] = signature(self.crypto.token, timestamp, nonce)
        query["msg_signature"] = self.crypto.sign(encrypted, timestamp, nonce)
        envelope = {"ToUserName": "gh_1", "Encrypt": encrypted}
        return query, orjson.dumps(envelope) if as_json else write(envelope)


def _official(kept: Any) -> Entrance:
    account = Account()
    crypto = CallbackCrypto(account.token, [account.aes_key], account.appid)
    return Entrance("/channels/wechat", crypto, WechatCallbacks(crypto, kept, now).call, [write(VALUES)])


def _program(kept: Any) -> Entrance:
    account = Account()
    crypto = CallbackCrypto(account.token, [account.aes_key], account.appid)
    route = ProgramCallbacks(crypto, Receiving(kept, kept, now, kept.wake, kept.nudge_ended), account.appid).push
    return Entrance("/channels/miniprogram", crypto, route, [orjson.dumps(VALUES), write(VALUES)])


def _wecom(kept: Any) -> Entrance:
    crypto = CallbackCrypto(TOKEN, [AES_KEY], CORPID)
    return Entrance("/channels/wecom", crypto, WecomCallbacks(crypto, kept, now, kept.wake).called, [write(TOLD)])


ENTRANCES = {"wechat": _official, "miniprogram": _program, "wecom": _wecom}


def changed(chance: random.Random, content: bytes) -> bytes:
    """The content with something wrong, never the same."""
    while (found := _changed(chance, content)) == content:
        pass
    return found


def _bomb(chance: random.Random, content: bytes) -> bytes:
    """The message, one of its values an entity: all else in it is right, so that an expanded one comes through."""
    message = content if content.startswith(b"<xml>") else write(VALUES)
    start, end = chance.choice([each.span() for each in CDATA.finditer(message)])
    return DTD + message[:start] + chance.choice([b"&b;", b"&c;"]) + message[end:]


def _changed(chance: random.Random, content: bytes) -> bytes:
    """Bytes turned, left out, put in, doubled; or something else altogether."""
    kind, at = chance.randrange(8), chance.randrange(len(content) + 1)
    to = min(len(content), at + chance.randrange(1, 40))
    if kind == 0:
        return _bomb(chance, content)
    if kind == 1:
        return content[:at]
    if kind == 2:
        return content[:at] + chance.choice(PIECES) + content[at:]
    if kind == 3:
        return content[:at] + content[to:]
    if kind == 4:
        return content[:at] + content[at:to] * chance.randrange(2, 50) + content[to:]
    if kind == 5:
        return content[:at] + bytes(chance.randrange(256) for _ in range(to - at)) + content[to:]
    if kind == 6 and chance.random() < 0.05:
        return content + b" " * chance.choice([LARGEST_BODY, 3 * LARGEST_BODY])
    return content.replace(chance.choice(SWAPPED), chance.choice([b"event", b"image", b"voice", b"", b"\xe4\xb8"]), 1)


def _asked(chance: random.Random, entrance: Entrance) -> tuple[str, bytes]:
    """The address and the body of one broken call."""
    message = chance.choice(entrance.messages)
    as_json = message.startswith(b"{")
    if chance.random() < 0.33:
        query, body = entrance.sealed(changed(chance, message), as_json)
    else:
        query, body = entrance.sealed(message, as_json)
        body = changed(chance, body)
    spoilt = chance.choice(list(query)) if chance.random() < 0.05 else ""
    pairs = [f"{name}={chance.choice(ODD)}" if name == spoilt else urlencode({name: query[name]}) for name in query]
    return f"{entrance.path}?{'&'.join(pairs)}", body


async def mutate(name: str, count: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Counter[int]:
    """Send them to an entrance; how many got which status, and under 0 how many were messages all the same.

    Raises AssertionError at the first that breaks a promise.
    """
    chance, statuses, kept = random.Random(seed), Counter[int](), Kept()
    entrance, started = ENTRANCES[name](kept), time.monotonic()
    for number in range(1, count + 1):
        path, body = _asked(chance, entrance)
        payload = Counting(body)
        response = await entrance.route(make_mocked_request("POST", path, payload=payload, **SURROUNDED))
        statuses[response.status] += 1
        assert response.status < 500, (number, body)
        assert payload.taken <= LARGEST_BODY + 1, number
        _hold(response.text)
        if number % 20_000 == 0:
            say(f"{name}: {number} in {time.monotonic() - started:.0f} s: {dict(statuses)}")
    statuses[0] = kept.came
    return statuses


def main(count: int = 200_000, seed: int = 7, *names: str) -> None:
    """Print what became of them."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for name in names or ENTRANCES:
        found = asyncio.run(mutate(name, count, seed, lambda line: print(line, flush=True)))
        through = found.pop(0)
        print(f"{name}: {count} broken: {dict(found)}; {through} messages all the same; no 5xx, no entity, ≤ 64 KiB")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3]), *sys.argv[3:])
