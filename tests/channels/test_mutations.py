"""Broken callbacks: never a 5xx, never over 64 KiB read, never an entity expanded."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from yarl import URL

from bot.app import create_app
from connectors.platforms.xml import write
from tests.channels.conftest import settings_of
from tests.channels.mutations import ENTRANCES, TOLD, VALUES, Kept, mutate
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account
from tests.pairs import Pair

NOWHERE = "http://127.0.0.1:9"
ROUNDS = 40
ODD = ["", "\0", "a\0b", "x" * 5_000, "老" * 300, "😀" * 90, "\u202e", "-1", "9" * 30, "1e9", "%s{}", "'\"", "/restart"]
KINDS = ["event", "image", "voice", "video", "location", "link", "user_enter_tempsession", "miniprogrampage", "TEXT"]
NO_TEXT: list[Any] = [None, True, 1.5, 2**53, [], ["x"], {}, {"x": "y"}]


@pytest.mark.parametrize("name", ENTRANCES)
async def test_broken_bodies_are_refused_and_nothing_else_happens(name: str) -> None:
    statuses = await mutate(name, 2_000, seed=11)
    assert set(statuses) <= {0, 200, 400, 403, 413}
    assert min(statuses[status] for status in (200, 400, 403, 413)) > 0


async def test_odd_messages_that_are_signed_rightly_are_no_error_of_the_service(pair: Pair, model_dir: Path) -> None:
    account, chance, statuses = Account(), random.Random(5), Counter[int]()
    program = {name.replace("wechat", "miniprogram"): value for name, value in account_settings(account, "").items()}
    program = {name: value for name, value in program.items() if name.startswith("miniprogram") and "url" not in name}
    settings = {**account_settings(account, NOWHERE), **wecom_settings(NOWHERE), **program}
    runner = web.AppRunner(await create_app(settings_of(pair, model_dir, **settings)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
            for number in range(ROUNDS):
                for name, make in ENTRANCES.items():
                    entrance, as_json = make(Kept()), name == "miniprogram" and number % 2 == 0
                    usual = TOLD if name == "wecom" else {**VALUES, "MsgId": number + 1, "CreateTime": number + 1}
                    values = _odd(chance, usual, as_json=as_json)
                    message = orjson.dumps(values) if as_json else write(values)
                    query, body = entrance.sealed(message, as_json)
                    async with client.post(URL(entrance.path).with_query(query), data=body) as response:
                        statuses[response.status] += 1
                        assert response.status in (200, 400), (name, values)
    finally:
        await runner.cleanup()
    assert statuses[200] > statuses[400] > 0


def _odd(chance: random.Random, values: dict[str, Any], *, as_json: bool) -> dict[str, Any]:
    """The message with another kind and up to three values that nobody sends."""
    changed = {**values, "MsgType": chance.choice([values["MsgType"], *KINDS])}
    for name in chance.sample(list(values), chance.randrange(1, 4)):
        changed[name] = chance.choice([*ODD, *NO_TEXT] if as_json else ODD)
    return changed
