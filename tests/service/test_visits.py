"""A home visit from the wish to the mark, and the flying service's rounds, over HTTP."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from knowledge.working_days import CHINA
from tests.service.conftest import Resident, arrive, texts
from tests.service.test_after import supervising
from tests.service.test_desk import Client, account, bangban, browser, log_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

VILLAGE = "430423101218"


def today(client: Client) -> Any:
    return bangban(client).base.clock().astimezone(CHINA).date()


async def wishing(client: Client, whom: str = "王桂英") -> tuple[Resident, str]:
    """A resident who asked for a visit, and its reference."""
    resident = await arrive(client)
    for said in ("我走不动了，能不能来屋里办", whom, "三组祠堂旁边"):
        await resident.say(said)
    answer = await resident.say("13900000001")
    return resident, answer["replies"][-1]["data"]["visit"]


async def team(session: Any) -> int:
    body = {"name": f"红色便民服务队{uuid4().hex[:5]}", "region": "430423101000", "telephone": "0734-5000001"}
    async with session.post("/desk/api/visits/teams", json=body) as response:
        assert response.status == 201, await response.text()
        return int((await response.json())["id"])


async def seen(session: Any) -> dict[str, Any]:
    async with session.get("/desk/api/visits") as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        return dict(await response.json())


async def planned(session: Any, references: list[str], crew: int, day: Any, status: int = 204) -> None:
    body = {"references": references, "team": crew, "day": str(day), "part": "上午"}
    async with session.post("/desk/api/visits/tours", json=body) as response:
        assert response.status == status, await response.text()


async def last(resident: Resident) -> str:
    return str((await resident.transcript())[-1]["text"])


async def test_from_the_wish_to_the_mark(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first, reference = await wishing(client)
    second, other = await wishing(client, "我爹")
    desk, day = bangban(client).visits.desk, today(client) + timedelta(days=3)
    async with supervising(client) as session:
        waiting = {each["reference"]: each for each in (await seen(session))["waiting"]}
        shown = waiting[reference]
        assert (shown["village"], shown["whom"], shown["address"]) == ("岳北村", "王桂英", "三组祠堂旁边")
        crew = await team(session)
        await planned(session, [reference, other], crew, day)
        for resident in (first, second):
            told = await last(resident)
            assert f"{day.month}月{day.day}日" in told
            assert "上午" in told
            assert "0734-5000001" in told
        eve = datetime.combine(day - timedelta(days=1), time(17, 1), CHINA)
        monkeypatch.setattr(desk, "_clock", lambda: eve)
        assert await desk.remind() >= 2
        assert "明天上午" in await last(first)
        assert await desk.remind() == 0
        monkeypatch.undo()
        moved = await second.say("换个日子")
        assert "重新定了日子" in texts(moved)
        assert other in [each["reference"] for each in (await seen(session))["waiting"]]
        done = {"record": "低保的材料收齐了，已经带回镇上"}
        async with session.post(f"/desk/api/visits/{reference}/record", json=done) as response:
            assert response.status == 204
        async with session.post(f"/desk/api/visits/{reference}/record", json=done) as response:
            assert response.status == 409, "once"
    lines = [line["text"] for line in await first.transcript()]
    assert any("低保的材料收齐了" in line for line in lines)
    assert "上门服务，您满意吗" in lines[-1]
    assert "记下了：非常满意" in texts(await first.say("1"))


async def test_it_is_called_off_by_either_side_and_the_other_hears_of_it(client: Client) -> None:
    resident, reference = await wishing(client)
    ours, mine = await wishing(client)
    async with supervising(client) as session:
        crew = await team(session)
        await planned(session, [reference, mine], crew, today(client) + timedelta(days=2))
        async with session.delete(
            f"/desk/api/visits/{reference}", json={"reason": "这件事要本人去县里刷脸"}
        ) as response:
            assert response.status == 204
        told = await last(resident)
        assert "要本人去县里刷脸" in told
        assert "人工" in told
        assert "上门取消了" in texts(await ours.say("不用来了"))
        states = {each["reference"]: each["state"] for each in (await seen(session))["planned"]}
        assert (states[reference], states[mine]) == ("cancelled", "cancelled")
        await planned(session, [mine], crew, today(client) + timedelta(days=2), status=409)


async def test_a_tour_is_planned_whole_or_not_at_all(client: Client) -> None:
    resident, reference = await wishing(client)
    before = len(await resident.transcript())
    async with supervising(client) as session:
        crew = await team(session)
        await planned(session, [reference, "SM-0000-AAAA"], crew, today(client) + timedelta(days=2), status=409)
        await planned(session, [reference], crew, today(client) - timedelta(days=1), status=422)
        await planned(session, [reference], 10**6, today(client) + timedelta(days=2), status=422)
        await planned(session, [reference], crew, "2026-02-30", status=422)
        assert reference in [each["reference"] for each in (await seen(session))["waiting"]]
    assert len(await resident.transcript()) == before, "nobody was told anything"


async def test_residents_of_a_village_are_told_when_the_service_comes(client: Client) -> None:
    day = today(client) + timedelta(days=4)
    stop = {
        "region": VILLAGE,
        "day": str(day),
        "place": "村部",
        "since": "09:00",
        "until": "11:30",
        "brings": "带补社保卡的机子",
    }
    async with supervising(client) as session:
        crew = await team(session)
        async with session.post("/desk/api/visits/rounds", json=stop | {"team": crew}) as response:
            assert response.status == 201
            made = await response.json()
        async with session.post("/desk/api/visits/rounds", json=stop | {"team": crew, "until": "08:00"}) as response:
            assert response.status == 422
        said = texts(await (await arrive(client)).say("流动服务什么时候来我们村"))
        assert f"{day.month}月{day.day}日" in said
        assert "上午9点到上午11点半，岳北村村部" in said
        assert "带补社保卡的机子" in said
        async with session.delete(f"/desk/api/visits/rounds/{made['id']}") as response:
            assert response.status == 204
        async with session.delete(f"/desk/api/visits/rounds/{made['id']}") as response:
            assert response.status == 404


async def test_another_county_sees_and_changes_nothing(client: Client) -> None:
    _, reference = await wishing(client)
    accounts, name = bangban(client).base.accounts, f"主管{uuid4().hex[:6]}"
    await accounts.add(name, "supervisor", "correct horse battery", "510811000000")
    async with browser(client) as session:
        async with session.post(
            "/desk/api/session", json={"name": name, "password": "correct horse battery"}
        ) as response:
            assert response.status == 200
        told = await seen(session)
        assert reference not in [each["reference"] for each in told["waiting"]]
        async with session.delete(f"/desk/api/visits/{reference}", json={"reason": "不归我们"}) as response:
            assert response.status == 409
        body = {"name": "别处的队", "region": "430423101000"}
        async with session.post("/desk/api/visits/teams", json=body) as response:
            assert response.status == 403
    async with browser(client) as session:
        await log_in(session, await account(client, "admin"))
        async with session.get("/desk/api/visits") as response:
            assert response.status == 403
