"""The HTTP contract: what the page and every other client build on."""

from __future__ import annotations

import asyncio
import io
import json
from itertools import pairwise
from typing import Any
from uuid import uuid4

import aiohttp
import jsonschema
import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import event as event_module

from bot.app import RUNNING
from connectors.message import Reply
from connectors.web.openapi import contract
from tests.service.conftest import Resident, arrive, texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

Client = TestClient[Any, Any]
CONTRACT = contract()


def holds(name: str, value: Any) -> None:
    """Whether a value is what the contract's schema of that name says."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator(schema).validate(value)


async def test_a_new_conversation_has_a_token_and_greets(resident: Resident) -> None:
    assert resident.greeting[0]["choices"]


async def test_a_conversation_says_where_the_resident_is_taken_to_be(client: Client) -> None:
    async with client.post("/api/v1/conversations", json={"region": "430406100207"}) as response:
        opened = await response.json()
    holds("Opened", opened)
    assert opened["region"] == {"code": "430406100207", "name": "前进村"}
    async with client.post("/api/v1/conversations", json={"region": "999999999999"}) as response:
        assert (await response.json())["region"] == {"code": "999999999999", "name": ""}


async def test_a_guide_comes_with_its_matters_code_and_version(resident: Resident) -> None:
    answer = await resident.say("80岁老人高龄津贴怎么办")
    holds("Answer", answer)
    card = next(reply for reply in answer["replies"] if reply["kind"] == "card")
    assert (card["data"]["code"], card["data"]["version"]) == ("M005", 1)


async def test_the_text_of_a_reply_says_its_numbered_choices(resident: Resident) -> None:
    answer = await resident.say("我要修房子")
    reply = answer["replies"][-1]
    for number, choice in enumerate(reply["choices"], 1):
        assert f"{number}. {choice['label']}" in reply["text"]


async def test_a_choice_is_taken_by_its_id_and_by_its_number(client: Client) -> None:
    tapping, typing = await arrive(client), await arrive(client)
    asked = (await tapping.say("我要修房子"))["replies"][-1]
    await typing.say("我要修房子")
    assert texts(await tapping.choose(asked["choices"][1]["id"])) == texts(await typing.say("２"))


async def test_the_same_message_id_again_gets_the_same_answer_and_is_stored_once(resident: Resident) -> None:
    id = str(uuid4())
    first, again = await resident.say("低保怎么申请", id), await resident.say("低保怎么申请", id)
    assert first == again
    assert [line["text"] for line in await resident.transcript()].count("低保怎么申请") == 1


async def test_the_same_message_id_at_once_from_two_connections_is_answered_once(resident: Resident) -> None:
    id = str(uuid4())
    first, second = await asyncio.gather(resident.say("低保怎么申请", id), resident.say("低保怎么申请", id))
    assert first == second
    assert [line["from"] for line in await resident.transcript()].count("resident") == 1


async def test_twenty_messages_at_once_are_each_answered_once_in_the_order_of_the_transcript(
    resident: Resident,
) -> None:
    said = [f"第{number}句 低保要带什么" for number in range(20)]
    answers = await asyncio.gather(*(resident.say(text) for text in said))
    assert all(answer["replies"] for answer in answers)
    lines = (await resident.transcript())[len(resident.greeting) :]
    heard = [line["text"] for line in lines if line["from"] == "resident"]
    assert sorted(heard) == sorted(said)
    for line, following in pairwise(lines):
        assert (line["from"], following["from"]) != ("resident", "resident"), "a question was left without its answer"


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_a_wrong_or_missing_token_is_refused(client: Client, resident: Resident, token: str) -> None:
    resident.token = token
    status, problem = await resident.post({"id": "1", "text": "低保"})
    assert status == 401
    holds("Problem", problem)


async def test_another_conversations_token_is_refused(client: Client, resident: Resident) -> None:
    resident.token = (await arrive(client)).token
    status, _ = await resident.post({"id": "1", "text": "低保"})
    assert status == 401


async def test_an_unknown_conversation_is_not_found(resident: Resident) -> None:
    resident.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    status, problem = await resident.post({"id": "1", "text": "低保"})
    assert status == 404
    assert "重新打开" in problem["detail"]


BAD_BODIES = [
    (b'{"id": "1", "text": ', 400, "JSON"),
    (b"", 400, "JSON"),
    (b'"text"', 422, "body"),
    (b'{"text": "\xe4\xbd\x8e\xe4\xbf\x9d"}', 422, "id"),
    (b'{"id": "1"}', 422, "choice"),
    (b'{"id": "1", "text": "a", "choice": "b"}', 422, "choice"),
    (b'{"id": 7, "text": "a"}', 422, "id"),
    (b'{"id": "a\\u0000b", "text": "a"}', 422, "id"),
    (b'{"id": "1", "choice": "a\\u0000b"}', 422, "choice"),
    (b'{"id": "1", "text": "a", "more": 1}', 422, "more"),
    (json.dumps({"id": "1", "text": "低" * 5000}).encode(), 422, "300"),
    (json.dumps({"id": "1", "text": "x" * 70_000}).encode(), 413, "64 KiB"),
]


@pytest.mark.parametrize(("body", "status", "named"), BAD_BODIES, ids=lambda value: str(value)[:30])
async def test_a_bad_body_is_a_problem_that_says_what_is_wrong(
    resident: Resident, body: bytes, status: int, named: str
) -> None:
    answered, problem = await resident.post(body)
    assert answered == status
    holds("Problem", problem)
    assert named in problem["detail"]
    assert len(await resident.transcript()) == len(resident.greeting)


ODD_TEXTS = [
    "",
    "   ",
    "😀😀👍",
    "\u0000\u0007\u200b",
    "？？？！！",
    "<script>alert(1)</script>",
    "/restart",
    "hello how are you",
]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=repr)
async def test_an_odd_text_gets_an_answer_in_words(resident: Resident, text: str) -> None:
    answer = await resident.say(text)
    holds("Answer", answer)
    assert (await resident.say("低保要带什么"))["replies"], "the conversation goes on"


async def test_traditional_characters_and_full_width_digits_are_understood(resident: Resident) -> None:
    answer = await resident.say("８０歲老人高齡津貼怎麼辦")
    assert any(reply["data"].get("code") == "M005" for reply in answer["replies"])


async def test_a_photograph_is_answered_and_one_that_is_too_large_is_refused(
    client: Client, resident: Resident
) -> None:
    for size, status in ((1000, 200), (10 * 1024 * 1024 + 1, 413)):
        form = aiohttp.FormData({"id": f"photo-{size}"})
        form.add_field("file", io.BytesIO(b"\xff" * size), filename="paper.jpg", content_type="image/jpeg")
        async with client.post(resident.path, data=form, headers=resident.headers) as response:
            assert response.status == status
            holds("Answer" if status == 200 else "Problem", await response.json(content_type=None))
    assert [line["text"] for line in await resident.transcript()].count("[照片]") == 1


async def test_a_file_that_is_neither_picture_nor_voice_is_refused(client: Client, resident: Resident) -> None:
    form = aiohttp.FormData({"id": "1"})
    form.add_field("file", b"MZ", filename="a.exe", content_type="application/octet-stream")
    async with client.post(resident.path, data=form, headers=resident.headers) as response:
        assert response.status == 415


async def test_script_is_kept_as_text(resident: Resident) -> None:
    await resident.say("<script>alert(1)</script>")
    assert "<script>alert(1)</script>" in [line["text"] for line in await resident.transcript()]


async def test_an_id_number_is_masked_before_it_is_stored(resident: Resident) -> None:
    await resident.say("我的身份证号是430423195003071234,查下低保")
    assert "195003071234" not in json.dumps(await resident.transcript(), ensure_ascii=False)


async def test_an_old_or_invented_choice_gets_an_answer(resident: Resident) -> None:
    assert texts(await resident.choose("find_matter:M999"))
    assert texts(await resident.choose("drop_table:users"))


async def test_what_is_pushed_comes_as_an_event_and_is_resumed_after_the_last_one(
    client: Client, resident: Resident
) -> None:
    assistant = client.server.app[RUNNING].assistant  # type: ignore[attr-defined]
    stream = f"/api/v1/conversations/{resident.id}/events"
    first = await assistant.push(resident.id, "system", Reply("您约的回拨,半小时内打给您。", "notice"))
    async with asyncio.timeout(10), client.get(stream, params={"token": resident.token}) as response:
        assert response.content_type == "text/event-stream"
        assert await event(response) == (first, "您约的回拨,半小时内打给您。")
        second = await assistant.push(resident.id, "agent", Reply("您好,我是白果镇的坐席。"))
        assert await event(response) == (second, "您好,我是白果镇的坐席。")
    headers = {"Last-Event-ID": str(first), **resident.headers}
    async with asyncio.timeout(10), client.get(stream, headers=headers) as response:
        assert (await event(response))[0] == second
    assert [line["from"] for line in await resident.transcript()][-2:] == ["system", "agent"]


async def event(response: Any) -> tuple[int, str]:
    """The next event's number and text."""
    number, data = 0, {}
    while True:
        line = (await response.content.readline()).decode().rstrip("\n")
        if line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("data: "):
            data = json.loads(line[6:])
            holds("Line", data)
        elif not line and data:
            return number, data["text"]


async def test_a_database_that_turns_read_only_in_the_middle_is_said_and_nothing_is_lost(
    client: Client, resident: Resident
) -> None:
    database = client.server.app[RUNNING].base.database  # type: ignore[attr-defined]
    if not database.is_sqlite:
        pytest.skip("PostgreSQL has no such mode for one process")
    pragma = "ON"

    def freeze(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA query_only={pragma}")

    event_module.listen(database.engine.sync_engine, "checkout", freeze)
    status, problem = await resident.post({"id": "kept", "text": "怎么申请低保"})
    assert status == 503
    assert "没有丢" in problem["detail"]
    pragma = "OFF"
    assert "低保" in texts(await resident.say("怎么申请低保", id="kept"))
    event_module.remove(database.engine.sync_engine, "checkout", freeze)
    await database.engine.dispose()  # with its frozen connections


async def test_elder_version_is_remembered(client: Client, resident: Resident) -> None:
    path = f"/api/v1/conversations/{resident.id}"
    async with client.patch(path, json={"elder": True}, headers=resident.headers) as response:
        assert response.status == 200
    async with client.get(f"{path}/messages", headers=resident.headers) as response:
        assert (await response.json())["elder"] is True


async def test_matters_are_searched_and_shown(client: Client) -> None:
    async with client.get("/api/v1/matters", params={"q": "怎么申请低保"}) as response:
        found = await response.json()
    holds("Match", found)
    assert found["candidates"][0]["code"] == "M001"
    async with client.get("/api/v1/matters/M001") as response:
        holds("Matter", await response.json())
    async with client.get("/api/v1/matters/M999") as response:
        assert response.status == 404
        holds("Problem", await response.json(content_type=None))


async def test_every_route_of_the_service_is_in_the_contract(client: Client) -> None:
    routes = {
        (route.method, route.resource.canonical)
        for route in client.server.app.router.routes()  # type: ignore[union-attr]
        if route.method != "HEAD" and route.resource is not None
    }
    routes -= {("GET", "/favicon.ico")}
    described = {
        (method.upper(), path) for path, item in CONTRACT["paths"].items() for method in item if method != "parameters"
    }
    assert routes == described


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/"])
async def test_the_service_tells_about_itself(client: Client, path: str) -> None:
    async with client.get(path) as response:
        assert response.status == 200


async def test_an_unknown_address_is_a_problem(client: Client) -> None:
    async with client.get("/nowhere") as response:
        assert response.status == 404
        holds("Problem", await response.json(content_type=None))


async def test_a_late_tap_stands_in_the_transcript_as_the_button_said_it(client: Client) -> None:
    resident = await arrive(client)
    first = await resident.say("低保")
    button = first["replies"][-1]["choices"][0]
    for text in ("社保卡丢了怎么补", "高龄津贴"):
        await resident.say(text)
    await resident.choose(button["id"])
    await resident.choose("find_matter:M998")
    lines = [line["text"] for line in await resident.transcript() if line["from"] == "resident"]
    assert lines[-2:] == [button["label"], "[按钮]"]
