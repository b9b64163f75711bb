"""It learns from use: what a resident said and was not understood is, once accepted and published, answered."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text as sql

from bot.app import RUNNING, create_app
from bot.settings import Settings
from tests.commands.command_line import Ended, bangban
from tests.pairs import Pair
from tests.service.conftest import arrive

SAID = "咕噜咕噜哇唧"
NUMBER = "13812345678"
IDENTITY = "11010519491231002X"


async def command(pair: Pair, folder: Path, *arguments: str) -> Ended:
    """A command on the same database, beside the running service."""
    place = ("--data-dir", folder, "--database", pair.database_url)
    return await asyncio.to_thread(bangban, *arguments, *place)


def codes(answer: dict[str, Any]) -> list[str]:
    return [reply["data"]["code"] for reply in answer["replies"] if "code" in reply["data"]]


def named(answer: dict[str, Any]) -> str | None:
    """The matter that is told, or the first that it is asked whether it is meant (您说的是不是这件？)."""
    asked = [choice["id"].partition(":")[2] for reply in answer["replies"] for choice in reply["choices"]]
    return next(iter([*codes(answer), *asked]), None)


async def test_what_was_not_understood_is_reviewed_published_and_then_answered_by_the_running_service(
    pair: Pair, model_dir: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=model_dir, database_url=pair.database_url, redis_url=pair.redis_url)
    async with TestClient(TestServer(await create_app(settings))) as client:
        resident = await arrive(client)
        first = await resident.say(f"{SAID}，我叫王小明，电话{NUMBER}")
        assert codes(first) == []
        await (await arrive(client)).say(SAID + "？")
        await (await arrive(client)).say(f"{SAID} {IDENTITY}")

        listed = await command(pair, tmp_path, "review", "list", "--json")
        groups = [json.loads(line) for line in listed.out.splitlines()]
        ours = [saying for group in groups for saying in group["sayings"] if SAID in saying["text"]]
        assert sum(saying["times"] for saying in ours) == 3
        assert {reason for saying in ours for reason in saying["reasons"]} == {"none"}
        assert not [secret for secret in ("小明", NUMBER, IDENTITY) if secret in listed.out]
        bare = next(saying for saying in ours if saying["text"].rstrip("？") == SAID)
        assert bare["times"] == 2, "the same words are one row"

        accepted = await command(pair, tmp_path, "review", "accept", str(bare["id"]), "--as", "M005", "--words", SAID)
        assert accepted.code == 0, accepted.error
        assert named(await resident.say(SAID)) != "M005", "a draft is not in force"
        published = await command(pair, tmp_path, "catalogue", "publish")
        assert published.out == "published as release 2\n", published.error
        await client.server.app[RUNNING].understanding.matching.refresh()  # type: ignore[attr-defined]
        assert named(await (await arrive(client)).say(SAID)) == "M005"
        await nothing_tells_who_said_it(client)


async def nothing_tells_who_said_it(client: TestClient[Any, Any]) -> None:
    """No column of the table names a conversation, and no text a person."""
    database = client.server.app[RUNNING].base.database  # type: ignore[attr-defined]
    async with database.reading() as session:
        rows = (await session.execute(sql("SELECT * FROM unsure_saying"))).mappings().all()
    stored = " ".join(str(value) for row in rows for value in row.values())
    assert rows
    assert not [column for column in rows[0] if "conversation" in column or "resident" in column]
    assert not [secret for secret in ("王", NUMBER, IDENTITY) if secret in stored]


async def test_not_this_a_person_and_a_change_are_seen_by_the_running_service(
    embedded: Pair, model_dir: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=model_dir, database_url=embedded.database_url)
    async with TestClient(TestServer(await create_app(settings))) as client:
        refusing, wanting, changing, content = [await arrive(client) for _ in range(4)]
        assert codes(await refusing.say("高龄津贴")) == ["M005"]
        await refusing.choose("not_this")
        assert codes(await wanting.say("特困人员供养")) != []
        await wanting.say("转人工")
        assert codes(await changing.say("最低生活保障怎么申请")) == ["M001"]
        assert codes(await changing.say("80岁老人高龄津贴")) == ["M005"]
        assert codes(await content.say("办理老年人优待证")) != []
        await content.say("要带什么")
        await content.say("转人工")
        listed = await command(embedded, tmp_path, "review", "list", "--json")
    sayings = [saying for line in listed.out.splitlines() for saying in json.loads(line)["sayings"]]
    assert {(saying["text"], *saying["reasons"], saying["chosen"]) for saying in sayings} == {
        ("高龄津贴", "not_this", ""),
        ("特困人员供养", "person", ""),
        ("最低生活保障怎么申请", "changed_matter", "M005"),
    }
