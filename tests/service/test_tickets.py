"""Tickets over the HTTP contract, with the clock set: taken, called, told, not there, refused, shown in the hall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.spoken_numbers import by_digit
from knowledge.office import Window
from tests.service.conftest import Resident, texts
from tests.service.test_appointments import TOWN, Town, as_it_was, heard, town

__all__ = ["as_it_was", "town"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, TWO = "1号综合窗口", "2号综合窗口"
PASSWORD = "correct-horse-battery"


class Desk:
    """A clerk's session."""

    def __init__(self, town: Town, headers: dict[str, str]) -> None:
        self._town, self._headers = town, headers

    async def act(self, act: str, status: int = 200, **wanted: Any) -> dict[str, Any]:
        body = {"office": TOWN, "window": ONE, **wanted}
        url = f"/desk/api/tickets/{act}"
        async with self._town.client.post(url, json=body, headers=self._headers) as response:
            assert response.status == status, await response.text()
            return dict(await response.json())

    async def next(self, window: str = ONE, after: int | None = None) -> dict[str, Any]:
        """What is at the window then."""
        told = await self.act("next", window=window, number=after)
        found = next(each for each in told["windows"] if each["name"] == window)["ticket"]
        return dict(found) if found else {}


@pytest_asyncio.fixture(loop_scope="module")
async def desk(town: Town) -> AsyncIterator[Desk]:
    name = f"clerk{uuid4().hex[:6]}"
    await town.bangban.base.accounts.add(name, "clerk", PASSWORD)
    body = {"name": name, "password": PASSWORD}
    headers = {"Origin": str(town.client.make_url("/")).rstrip("/")}
    async with town.client.post("/desk/api/session", json=body, headers=headers) as response:
        assert response.status < 300, await response.text()
    yield Desk(town, headers)


async def with_ticket(town: Town) -> tuple[Resident, str]:
    """Somebody with a ticket, and its label."""
    resident = await town.somebody()
    answer = await resident.say("我想取个号")
    assert "取好了" in texts(answer)
    return resident, answer["replies"][-1]["data"]["ticket"]["label"]


async def screen(town: Town) -> dict[str, Any]:
    async with town.client.get(f"/hall/{TOWN}/calls") as response:
        return dict(await response.json())


async def test_the_same_message_five_times_is_one_ticket(town: Town) -> None:
    resident = await town.somebody()
    labels = {(await resident.say("我想取个号"))["replies"][-1]["data"]["ticket"]["label"] for _ in range(5)}
    assert labels == {"A001"}
    assert (await screen(town))["waiting"] == 1


async def test_who_is_next_is_told_and_who_is_called_too(town: Town, desk: Desk) -> None:
    residents = [(await with_ticket(town))[0] for _ in range(6)]
    town.now += timedelta(minutes=1)
    assert (await desk.next())["label"] == "A001"
    assert (await heard(residents[0]))[-1].startswith("叫到您了：A001号，请到白果镇便民服务中心1号综合窗口")
    near = [any("快到您了" in line for line in await heard(each)) for each in residents]
    assert near == [False, True, True, True, True, False]
    await desk.next(TWO)
    assert "前面还有3个人" in (await heard(residents[5]))[-1]
    assert len([line for line in await heard(residents[4]) if "快到您了" in line]) == 1
    assert "请到" in texts(await residents[0].say("轮到我没有"))
    shown = await screen(town)
    assert {(each["label"], each["window"]) for each in shown["calls"]} == {("A001", ONE), ("A002", TWO)}
    assert shown["next"] == ["A003", "A004", "A005", "A006"]


async def test_who_is_not_there_falls_back_once_then_it_ends(town: Town, desk: Desk) -> None:
    late, _ = await with_ticket(town)
    for _ in range(4):
        town.now += timedelta(minutes=1)
        await with_ticket(town)
    assert (await desk.next())["label"] == "A001"
    await desk.act("again", number=1)
    await desk.act("absent", number=1)
    assert "往后排了3位" in (await heard(late))[-1]
    assert (await screen(town))["next"] == ["A002", "A003", "A004", "A001", "A005"]
    after = None
    for label in ("A002", "A003", "A004", "A001"):
        found = await desk.next(after=after)
        assert found["label"] == label
        after = found["number"]
    await desk.act("absent", number=1)
    assert "过了" in (await heard(late))[-1]
    await desk.act("absent", status=409, number=1)
    assert (await late.say("我想取个号"))["replies"][-1]["data"]["ticket"]["label"] == "A006"


async def test_a_booked_visit_goes_before_walk_ins_and_is_marked_as_arrived(town: Town, desk: Desk) -> None:
    booked = await town.somebody()
    await booked.say("今天上午十点半去办")
    assert "约好了" in texts(await booked.say("1"))
    (made,) = await town.bangban.services.appointments.to_come([booked.id], town.now)
    town.now = made.starts_at - timedelta(minutes=15)
    await with_ticket(town)
    town.now += timedelta(minutes=10)
    label = (await booked.say("我到了，取个号"))["replies"][-1]["data"]["ticket"]["label"]
    assert label == "B002"
    assert (await town.bangban.services.appointments.find(made.reference)).state == "arrived"
    assert (await desk.next())["label"] == label


async def test_tickets_are_refused_with_what_to_do(town: Town, desk: Desk) -> None:
    resident = await town.somebody()
    morning = town.now
    town.now = morning + timedelta(hours=11)
    shut = await resident.say("我想取个号")
    assert "不放号" in texts(shut) and "约个时间" in texts(shut)
    town.now = morning
    for window in (ONE, TWO):
        await desk.act("close", window=window)
    assert "今天" in texts(await resident.say("我想取个号"))
    assert (await screen(town))["waiting"] == 0


async def test_a_window_that_closes_tells_those_whom_nobody_else_serves(town: Town, desk: Desk) -> None:
    await town.change(windows=(Window(ONE, ("M100",)), Window(TWO, ("M005",))))
    resident, _ = await with_ticket(town)
    await desk.next(TWO)
    await desk.act("close")
    assert "今天不办了" in (await heard(resident))[-1]
    assert (await screen(town))["waiting"] == 0


async def test_who_has_no_telephone_takes_a_ticket_at_the_counter_and_goes_first_if_old(town: Town, desk: Desk) -> None:
    await with_ticket(town)
    told = await desk.act("take", first=True)
    assert [each["label"] for each in told["waiting"]] == ["Y002", "A001"]
    await desk.act("take", status=404, reference="YY-0101-AAAA")
    await desk.act("next", status=422, window="9号窗口")


async def test_leaving_and_only_asking(town: Town) -> None:
    resident = await town.somebody()
    assert "没有人在排队" in texts(await resident.say("现在大厅人多不多，前面排了多少个"))
    await resident.say("我想取个号")
    assert "不排了" in texts(await resident.choose("take_ticket:leave"))
    assert (await screen(town))["waiting"] == 0


async def test_a_code_at_the_door_offers_a_ticket_of_that_hall(town: Town) -> None:
    resident = await town.somebody()
    answer = await resident.choose(f"arrive:{TOWN}")
    assert f"take_ticket:{TOWN}" in [each["id"] for each in answer["replies"][-1]["choices"]]
    assert "白果镇" in texts(await resident.choose(f"take_ticket:{TOWN}"))


async def test_each_call_has_words_to_be_said_and_another_name_when_it_is_called_again(town: Town, desk: Desk) -> None:
    await with_ticket(town)
    number = (await desk.next())["number"]
    (once,) = (await screen(town))["calls"]
    assert once["words"] == f"请A {by_digit(f'{number:03d}')}号到一号综合窗口。"
    assert (await screen(town))["calls"] == [once]
    await desk.act("again", number=number)
    (again,) = (await screen(town))["calls"]
    await desk.act("absent", number=number)
    await desk.next()
    (later,) = (await screen(town))["calls"]
    assert len({once["id"], again["id"], later["id"]}) == 3
    assert later["words"] == once["words"]


async def test_a_hall_without_a_voice_says_so_and_says_no_call_that_is_over(town: Town, desk: Desk) -> None:
    await with_ticket(town)
    number = (await desk.next())["number"]
    shown = await screen(town)
    assert shown["reads"] is False
    said = f"/hall/{TOWN}/calls/{shown['calls'][0]['id']}"
    assert await problem(town, said) == (503, "no_voice")
    await desk.act("done", number=number)
    assert await problem(town, said) == (409, "ticket_not_called")
    assert await problem(town, "/hall/nowhere/calls/20261127-1-0-1") == (422, "office_unknown")


async def problem(town: Town, url: str) -> tuple[int, str]:
    """What is refused there, and why."""
    async with town.client.get(url) as response:
        return response.status, str((await response.json())["type"]).rsplit("/", 1)[-1].rsplit(":", 1)[-1]


async def test_a_hall_that_is_not_there_has_no_screen(town: Town) -> None:
    async with town.client.get("/hall/nowhere") as response:
        assert response.status == 422
    async with town.client.get(f"/hall/{TOWN}") as response:
        assert response.status == 200
        assert "正在叫号" in await response.text()
