"""离我最近的办事点 over the HTTP contract: by the place that a page sends, which is kept nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import text

from bot.app import RUNNING
from knowledge.office_store import put_offices
from tests.service.conftest import arrive, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
VILLAGE, TOWN = "O-430423101218", "O-430423101000"
AT_HOME, FAR_AWAY = "find_nearest:27.2512:112.6634", "find_nearest:27.9000:113.2000"


async def placed(client: Client, places: dict[str, tuple[float, float]]) -> None:
    """The offices have these places on the map, and no others."""
    bangban = client.server.app[RUNNING]  # type: ignore[attr-defined]
    offices = await bangban.base.catalogue.offices()
    known = {code: dict(zip(("latitude", "longitude"), place, strict=True)) for code, place in places.items()}
    nowhere: dict[str, Any] = {"latitude": None, "longitude": None}
    changed = [replace(each, **known.get(each.code, nowhere)) for each in offices]
    release = await put_offices(bangban.base.database, changed)
    while await bangban.base.catalogue.release() != release.number:
        await asyncio.sleep(0.05)


async def test_without_a_place_it_says_where_the_village_goes_and_how_to_send_one(client: Client) -> None:
    resident = await arrive(client)
    asked = await resident.say("离我最近的办事点在哪里")
    assert "岳北村便民服务站" in texts(asked)
    assert "把位置发给我" in texts(asked)
    assert asked["replies"][-1]["choices"][0] == {"id": "find_nearest:here", "label": "发我的位置"}


async def test_the_nearest_come_first_with_their_distance_and_the_place_is_kept_nowhere(client: Client) -> None:
    await placed(client, {VILLAGE: (27.2600, 112.6700), TOWN: (27.2512, 112.6900)})
    resident = await arrive(client)

    told = texts(await resident.choose(AT_HOME))

    assert told.index("1、岳北村便民服务站，大约1公里") < told.index("2、白果镇便民服务中心，大约3公里")
    lines = [line["text"] for line in await resident.transcript() if line["from"] == "resident"]
    assert lines == ["[位置]"]
    bangban = client.server.app[RUNNING]  # type: ignore[attr-defined]
    async with bangban.base.database.engine.connect() as connection:
        for table in ("conversation", "message"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            assert not any("27.2512:112.6634" in str(row) for row in rows)


async def test_nothing_within_five_kilometres_is_said_so(client: Client) -> None:
    await placed(client, {VILLAGE: (27.2600, 112.6700)})
    told = texts(await (await arrive(client)).choose(FAR_AWAY))
    assert "5公里里面没有办事点" in told
    assert "岳北村便民服务站，大约8" in told


async def test_what_the_village_does_not_take_in_is_told_of_the_town(client: Client) -> None:
    await placed(client, {VILLAGE: (27.2600, 112.6700), TOWN: (27.2512, 112.6900)})
    resident = await arrive(client)
    await resident.say("分户")
    told = texts(await resident.choose(AT_HOME))
    assert "白果镇便民服务中心" in told
    assert "岳北村" not in told


@pytest.mark.parametrize("place", ["find_nearest:91:0", "find_nearest:x:y", "find_nearest:27.2", "find_nearest:1:2:3"])
async def test_what_is_no_place_is_asked_for_again(client: Client, place: str) -> None:
    assert "把位置发给我" in texts(await (await arrive(client)).choose(place))


async def test_where_no_office_has_a_place_the_villages_is_told(client: Client) -> None:
    await placed(client, {})
    assert "地图上的位置，我这里还没有" in texts(await (await arrive(client)).choose(AT_HOME))
