"""After a person: the resident is asked how it was, and supervisors see what came of it, over HTTP."""

from __future__ import annotations

import io
import zipfile
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import jsonschema
import orjson
import pytest

from bot.clock import now
from connectors.message import Reply
from connectors.web.openapi import contract
from knowledge.evidence import check_export
from knowledge.handoff import Wants
from tests.service.conftest import Resident, arrive, texts
from tests.service.test_desk import Client, account, bangban, browser, log_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def an_agent(client: Client) -> int:
    parts = bangban(client)
    name = await account(client, "agent")
    (staff,) = [each for each in await parts.base.accounts.listed() if each.name == name]
    offices = await parts.base.catalogue.offices()
    await parts.people.agents.make(staff.id, offices[0].code, capacity=9)
    return staff.id


async def helped(client: Client, staff: int) -> Resident:
    """A resident whom a person has answered; they were asked how it was."""
    parts, resident = bangban(client), await arrive(client)
    wants = Wants("430423101218", office=(await parts.base.catalogue.offices())[0].code)
    handoff = await parts.people.handoffs.ask(resident.id, "asked", {}, wants, now())
    await parts.people.relay.take(handoff.id, staff)
    await parts.people.relay.say(handoff.id, staff, str(uuid4()), Reply("带身份证来就行"))
    await parts.people.relay.end(handoff.id, staff, "solved", "告诉了要带什么")
    await parts.after.worker.round()
    return resident


async def asked(resident: Resident) -> dict[str, Any]:
    """What the resident was asked last."""
    lines = [
        line for line in await resident.transcript() if "rating" in ((line.get("reply") or line).get("data") or {})
    ]
    assert len(lines) == 1, "once"
    return dict(lines[0].get("reply") or lines[0])


@asynccontextmanager
async def supervising(client: Client) -> Any:
    async with browser(client) as session:
        await log_in(session, await account(client))
        yield session


async def reading(session: aiohttp.ClientSession, path: str) -> Any:
    """An answer that is as the contract says."""
    async with session.get(path) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Cache-Control"] == "no-store"
        body = await response.json()
    known = contract()
    schema = known["paths"][path.partition("?")[0]]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(schema | {"components": known["components"]}).validate(body)
    return body


async def test_after_a_person_the_mark_is_one_tap_a_number_or_words_and_the_reason_another_tap(client: Client) -> None:
    staff = await an_agent(client)
    resident = await helped(client, staff)
    question = await asked(resident)
    assert [choice["label"] for choice in question["choices"]][:2] == ["非常满意", "满意"]
    assert "1. 非常满意" in question["text"]
    answer = await resident.say("2")
    assert "记下了：满意" in texts(answer)
    reason = answer["replies"][-1]["choices"][0]["id"]
    assert "谢谢" in texts(await resident.choose(reason))
    assert "评过了" in texts(await resident.choose(question["choices"][0]["id"])), "once for one thing"
    in_words = await helped(client, staff)
    assert "记下了：非常满意" in texts(await in_words.say("非常满意"))


async def test_nobody_has_to_rate_and_is_not_asked_again(client: Client) -> None:
    resident = await helped(client, await an_agent(client))
    question = await asked(resident)
    assert "不评也行" in texts(await resident.choose(question["choices"][-1]["id"]))
    await bangban(client).after.worker.round()
    await asked(resident)
    assert "高龄" in texts(await resident.say("高龄津贴要带什么")), "the bot goes on"


async def test_a_bad_mark_becomes_a_complaint_that_a_supervisor_handles_and_the_resident_hears_of(
    client: Client,
) -> None:
    resident = await helped(client, await an_agent(client))
    answer = await resident.say("非常不满意")
    reference = answer["replies"][-1]["data"]["reference"]
    assert reference in texts(answer)
    await resident.choose(answer["replies"][-1]["choices"][0]["id"])
    async with supervising(client) as session:
        (complaint,) = [
            each
            for each in (await reading(session, "/desk/api/complaints"))["complaints"]
            if each["reference"] == reference
        ]
        assert (complaint["mark"], complaint["reason_words"], complaint["conversation"]) == (1, "等得太久", resident.id)
        path = f"/desk/api/complaints/{reference}"
        for outcome, status in (("", 422), ("给您重新讲清楚了", 204), ("又一次", 404)):
            async with session.post(path, json={"outcome": outcome}) as response:
                assert response.status == status
    assert any("给您重新讲清楚了" in line["text"] for line in await resident.transcript())


async def test_figures_are_tables_and_csv_for_supervisors_only(client: Client) -> None:
    await helped(client, await an_agent(client))
    async with supervising(client) as session:
        told = await reading(session, "/desk/api/figures")
        rows = {table["name"]: table["rows"] for table in told["tables"]}
        assert rows["summary"][0]["answered"] >= 1
        assert rows["summary"][0]["in_goal"] == 100
        async with session.get("/desk/api/figures/by_agent.csv") as response:
            assert (response.status, response.content_type) == (200, "text/csv")
            assert (await response.read()).startswith("\ufeff坐席,找人".encode())
        for query, status in (("?since=x", 422), ("?since=2026-11-02&until=2026-11-01", 422), ("?region=43x", 422)):
            async with session.get(f"/desk/api/figures{query}") as response:
                assert response.status == status
        async with session.get("/desk/api/figures/nothing.csv") as response:
            assert response.status == 404
    async with browser(client) as session:
        await log_in(session, await account(client, "agent"))
        for path in ("/desk/api/figures", "/desk/api/figures/by_agent.csv", "/desk/api/complaints"):
            async with session.get(path) as response:
                assert response.status == 403
    async with client.get("/metrics") as response:
        assert "bangban_desk_day_ratings" in await response.text()


async def test_a_record_comes_as_a_zip_that_checks_by_itself_and_says_who_asked(client: Client) -> None:
    resident = await helped(client, await an_agent(client))
    async with supervising(client) as session:
        body = {"of": resident.id, "reason": "居民投诉"}
        async with session.post("/desk/api/records", json=body) as response:
            assert (response.status, response.content_type) == (200, "application/zip")
            zipped = await response.read()
        for wrong, status in (({"of": "BB-0000-XXXX", "reason": "查"}, 422), ({**body, "of": "BB-0000-XXXX"}, 404)):
            async with session.post("/desk/api/records", json=wrong) as response:
                assert response.status == status
    count, broken = check_export(zipped)
    told = orjson.loads(zipfile.ZipFile(io.BytesIO(zipped)).read("record.json"))
    (conversation,) = told["conversations"]
    assert (count, broken, conversation["broken"]) == (len(conversation["entries"]), [], [])
    assert "带身份证来就行" in str(conversation)
    assert any("居民投诉" in str(entry["content"]) for entry in conversation["entries"]), "who asked is in it"
    forged = orjson.loads(orjson.dumps(told))
    forged["conversations"][0]["entries"][0]["content"]["text"] = "别的话"
    assert [each.why for each in check_export(orjson.dumps(forged))[1]] == ["changed"]
