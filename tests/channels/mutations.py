"""`python -m tests.channels.mutations 200000`: that many broken callback bodies against the real route.

Never a 5xx, never more than 64 KiB read, never an entity expanded. A tenth are signed and encrypted rightly around a
broken message. The same mutations, fewer of them, are a test.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

from aiohttp import StreamReader
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from bot.clock import now
from connectors.platforms.crypto import CallbackCrypto
from connectors.platforms.xml import write
from connectors.wechat.callbacks import LARGEST_BODY, WechatCallbacks
from tests.fake_wechat import Account, FakeWechat

ENTITY = "EXPANDED"
BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "' + ENTITY.encode() + b'"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c SYSTEM "file:///etc/passwd">]><xml><FromUserName>&b;</FromUserName><MsgType>&c;</MsgType></xml>'
)
PIECES = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"\0",
    b"\xff",
    b"&#0;",
    b"&a;",
    b"<!DOCTYPE x>",
    b"</xml>",
    b"<a>" * 300,
]


class Answers:
    """What the route would ask: it notes what came through, and says nothing."""

    def __init__(self) -> None:
        self.came: list[Any] = []

    async def answer(self, message: Any) -> None:
        assert ENTITY not in repr(message) + message.openid + message.text
        self.came.append(message)

    async def keep(self, message: Any) -> None: ...


class Counting(StreamReader):
    """A body that counts how much of it is read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(Mock(_reading_paused=False), 2**16, loop=asyncio.get_running_loop())
        self.feed_data(content)
        self.feed_eof()
        self.taken = 0

    async def read(self, n: int = -1) -> bytes:
        piece = await super().read(n)
        self.taken += len(piece)
        return piece


def changed(chance: random.Random, content: bytes) -> bytes:
    """The content with something wrong: bytes turned, left out, put in, doubled; or something else altogether."""
    kind, at = chance.randrange(8), chance.randrange(len(content) + 1)
    to = min(len(content), at + chance.randrange(1, 40))
    if kind == 0:
        return BOMB
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
    return content.replace(b"text", chance.choice([b"event", b"image", b"voice", b"", b"\xe4\xb8"]), 1)


async def mutate(count: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Counter[int]:
    """Send them; how many got which status. Raises AssertionError at the first that breaks a promise."""
    chance, statuses, answers = random.Random(seed), Counter[int](), Answers()
    platform = FakeWechat(Account())
    account = platform.account
    crypto = CallbackCrypto(account.token, [account.aes_key], account.appid)
    route = WechatCallbacks(crypto, answers, now)  # type: ignore[arg-type]
    values = {"ToUserName": account.name, "FromUserName": "oLi", "CreateTime": 1, "MsgType": "text"}
    values |= {
        "MsgId": 1,
        "Content": "低保怎么申请",
        "Event": "CLICK",
        "EventKey": "say:人工",
        "MediaId": "m",
        "Label": "村",
    }

    plain, started = write(values), time.monotonic()
    for number in range(1, count + 1):
        query, body = platform.sealed(values)
        if chance.random() < 0.1:
            encrypted = crypto.encrypt(changed(chance, plain))
            query["msg_signature"] = crypto.sign(encrypted, query["timestamp"], query["nonce"])
            body = write({"Encrypt": encrypted})
        else:
            body = changed(chance, body)
        if chance.random() < 0.05:
            query[chance.choice(list(query))] = chance.choice(["", "x" * 500, "\0", "é", "-1", "9" * 30])
        payload = Counting(body)
        request = make_mocked_request("POST", str(URL("/channels/wechat").with_query(query)), payload=payload)
        response = await route.call(request)
        statuses[response.status] += 1
        assert response.status < 500, (number, body)
        assert payload.taken <= LARGEST_BODY + 1, number
        assert ENTITY not in str(response.text)
        if number % 20_000 == 0:
            say(f"{number} in {time.monotonic() - started:.0f} s: {dict(statuses)}")
    statuses[0] = len(answers.came)
    return statuses


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    found = asyncio.run(mutate(wanted, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 7, say=print))
    through = found.pop(0)
    print(
        f"{wanted} broken bodies: {dict(found)}; {through} were messages all the same; no 5xx, no entity, ≤ 64 KiB read"
    )
