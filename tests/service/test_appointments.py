"""Visits over the HTTP contract, with the clock set: booked, full, waited for, reminded of, closed after booking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar

from bot.app import RUNNING, Bangban, create_app
from bot.appointments import AppointmentWorker
from bot.reaching import Push, Reach, Short
from bot.settings import Settings
from connectors.message import Reply
from knowledge.office import Closure, Market, Office
from knowledge.office_store import put_offices
from tests.pairs import EMBEDDED, SERVERS, fresh_pair, missing
from tests.service.conftest import Resident, arrive, texts

pytestmark = pytest.mark.asyncio(loop_scope="module")

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TOWN = "O-430423101000"


def by_push(push: Push) -> Reach:
    """A line of the conversation, and nothing else."""

    async def reach(conversation: str, reply: Reply, short: Short | None) -> None:
        await push(conversation, "system", reply)

    return reach


@dataclass
class Town:
    """The service with a clock that stands still, and the worker of visits."""

    client: Any
    bangban: Bangban
    now: datetime = MONDAY
    begun: datetime = MONDAY

    async def round(self) -> None:
        """What time does, until nothing is left to do."""
        base = self.bangban.base
        await AppointmentWorker(base, self.bangban.services, by_push(self.bangban.assistant.push)).round()

    async def office(self) -> Office:
        return next(each for each in await self.bangban.base.catalogue.offices() if each.code == TOWN)

    async def change(self, **values: Any) -> None:
        """A supervisor changes the town's office."""
        await self.put(replace(await self.office(), **values))

    async def put(self, office: Office) -> None:
        """The same; until the service answers from it, which is within seconds."""
        release = await put_offices(self.bangban.base.database, [office])
        while await self.bangban.base.catalogue.release() != release.number:
            await asyncio.sleep(0.05)

    async def somebody(self) -> Resident:
        """Somebody of 岳北村 who was told about 分户."""
        resident = await arrive(self.client)
        await resident.say("我是岳北村的，我要分户")
        return resident


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=[EMBEDDED, SERVERS])
async def town(
    request: pytest.FixtureRequest, model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    if reason := missing(request.param):
        pytest.skip(reason)
    async with fresh_pair(request.param, tmp_path_factory.mktemp("visits")) as pair:
        settings = Settings(data_dir=model_dir, database_url=pair.database_url, redis_url=pair.redis_url)
        told: dict[str, Town] = {}
        app = await create_app(settings, lambda: told["town"].now if told else MONDAY)
        async with TestClient(TestServer(app)) as client:
            told["town"] = Town(client, app[RUNNING])
            yield told["town"]


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def as_it_was(town: Town) -> AsyncIterator[None]:
    """Each test finds the office as the starter has it, at nine on a Monday of its own."""
    town.begun += timedelta(days=28)
    town.now = town.begun
    before = await town.office()
    yield
    if await town.office() != before:
        await town.put(before)


def day_of(town: Town, ahead: int) -> date:
    return (town.now + timedelta(hours=8)).date() + timedelta(days=ahead)


async def heard(resident: Resident) -> list[str]:
    """What was pushed, the newest last."""
    return [line["text"] for line in await resident.transcript() if line["from"] == "system"]


async def test_a_visit_is_booked_with_a_code_and_a_calendar_entry(town: Town) -> None:
    resident = await town.somebody()
    await resident.say("明天上午九点去办")
    answer = await resident.say("1")
    assert "约好了" in texts(answer)
    kinds = [reply["kind"] for reply in answer["replies"]]
    assert kinds == ["text", "file", "file"]
    files = {}
    for reply in answer["replies"][1:]:
        async with town.client.get(reply["data"]["file"]["url"], headers=resident.headers) as response:
            assert response.status == 200
            files[reply["data"]["file"]["media_type"]] = await response.read()
    assert files["image/png"].startswith(b"\x89PNG")
    (event,) = Calendar.from_ical(files["text/calendar"]).walk("VEVENT")
    made = answer["replies"][0]["data"]["appointment"]
    assert event["dtstart"].dt == datetime.fromisoformat(made["starts_at"])
    assert len(event.walk("VALARM")) == 2
    assert made["reference"] in str(event["description"])


async def test_the_same_choice_five_times_is_one_appointment(town: Town) -> None:
    resident = await town.somebody()
    offered = await resident.say("明天上午九点去办")
    choice = offered["replies"][-1]["choices"][0]["id"]
    references = set()
    for _ in range(5):
        answer = await resident.choose(choice)
        references.add(answer["replies"][0]["data"]["appointment"]["reference"])
    assert len(references) == 1
    services = town.bangban.services
    assert len(await services.appointments.to_come([resident.id], town.now)) == 1


async def test_a_full_day_offers_the_nearest_and_a_waiting_list_that_answers_in_time(town: Town) -> None:
    office = await town.office()
    await town.change(windows=office.windows[:1], hours={"tue": ("09:00-09:20",), "fri": ("09:00-10:00",)})
    first, second, third = [await town.somebody() for _ in range(3)]
    await first.say("明天上午去办")
    assert "约好了" in texts(await first.say("1"))
    for waiting in (second, third):
        told = await waiting.say("明天上午去办")
        assert "约满了" in texts(told)
        assert "星期五" in texts(told)
        choice = next(each for each in told["replies"][-1]["choices"] if each["id"].startswith("book:wait"))
        assert "候补" in texts(await waiting.choose(choice["id"]))
    await first.say("取消预约")
    assert "取消了" in texts(await first.say("1"))
    full = await (await town.somebody()).say("明天上午去办")
    assert "约满了" in texts(full)  # it is held for who waited
    await town.round()
    (offer,) = await heard(second)
    assert "有位子了" in offer
    assert await heard(third) == []
    town.now += timedelta(hours=2, minutes=1)
    await town.round()
    await town.round()
    assert "没等到您答复" in (await heard(second))[-1]
    assert "有位子了" in (await heard(third))[-1]
    assert "约好了" in texts(await third.say("1"))
    held = await town.bangban.services.appointments.last([second.id])
    assert held is not None
    late = await second.choose(f"book:yes:{held.reference}")
    assert "过了答复的时间" in texts(late)


async def test_reminders_come_a_day_and_two_hours_before_once_each(town: Town) -> None:
    resident = await town.somebody()
    await resident.say("后天上午十点去办")
    await resident.say("1")
    await town.round()
    assert await heard(resident) == []
    town.now += timedelta(hours=25)  # ten on the day before
    await town.round()
    await town.round()
    assert len(await heard(resident)) == 1
    assert "提醒您" in (await heard(resident))[0]
    town.now += timedelta(hours=22)
    await town.round()
    await town.round()
    assert len(await heard(resident)) == 2
    assert "给您留着" in texts(await resident.say("1"))
    town.now += timedelta(hours=5)
    await town.round()
    assert len(await heard(resident)) == 2
    assert "没有预约" in texts(await resident.say("取消预约"))


async def test_an_office_that_closes_after_booking_tells_all_and_offers_another_time(town: Town) -> None:
    residents = [await town.somebody() for _ in range(2)]
    for resident in residents:
        await resident.say("明天上午去办")
        assert "约好了" in texts(await resident.say("1"))
    await town.round()
    await town.change(closures=(Closure(day_of(town, 1), day_of(town, 1), "停电"),))
    await town.round()
    await town.round()
    for resident in residents:
        (told,) = await heard(resident)
        assert "停电" in told
        again = await resident.say("1")
        assert "约好了" in texts(again)
        made = again["replies"][0]["data"]["appointment"]
        assert datetime.fromisoformat(made["starts_at"]).date() != day_of(town, 1)


async def test_market_day_is_the_towns(town: Town) -> None:
    market = Market("solar", ("1", "4", "7"), ("08:00-12:00",))
    await town.change(market=market)
    on = market.next_after(day_of(town, 1))
    assert on is not None
    told = texts(await (await town.somebody()).say("赶场那天去办行不行"))
    assert f"{on.month}月{on.day}日" in told


async def test_a_place_that_goes_while_one_thinks_is_not_given_twice(town: Town) -> None:
    office = await town.office()
    await town.change(windows=office.windows[:1])
    quick, slow = await town.somebody(), await town.somebody()
    choices = [(await each.say("明天上午九点去办"))["replies"][-1]["choices"][0]["id"] for each in (quick, slow)]
    assert choices[0] == choices[1]
    assert "约好了" in texts(await quick.choose(choices[0]))
    told = texts(await slow.choose(choices[1]))
    assert "刚刚被人约走了" in told
    assert "约好了" not in told


async def test_a_place_kept_for_who_goes_first_is_offered_to_them_and_to_nobody_else(town: Town) -> None:
    office = await town.office()
    await town.change(windows=(replace(office.windows[0], capacity=1, reserved=1),))
    anybody, lame = await town.somebody(), await town.somebody()
    assert "约满了" in texts(await anybody.say("后天上午九点去办"))
    assert "约满了" not in texts(await lame.say("我腿脚不好，后天上午九点去办"))
    answer = await lame.say("1")
    assert "约好了" in texts(answer)
    made = datetime.fromisoformat(answer["replies"][0]["data"]["appointment"]["starts_at"])
    assert made.date() == day_of(town, 2)


async def test_who_did_not_come_three_times_is_told_until_when_and_what_to_do(town: Town) -> None:
    resident = await town.somebody()
    for _ in range(3):
        await resident.say("明天上午九点去办")
        reference = (await resident.say("1"))["replies"][0]["data"]["appointment"]["reference"]
        town.now += timedelta(days=1, hours=3)
        await town.bangban.services.appointments.mark(reference, "missed", None, town.now)
    last = day_of(town, 0)
    await resident.say("明天上午九点去办")
    told = texts(await resident.say("1"))
    until = last + timedelta(days=30)
    assert "您有3次约了没来" in told
    assert f"{until.month}月{until.day}日" in told
    assert "取号" in told
    town.now += timedelta(days=31)
    await resident.say("明天上午九点去办")
    assert "约好了" in texts(await resident.say("1"))
