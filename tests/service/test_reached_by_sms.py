"""Who does not see what is said in the chat is told by a short message, last of all, once, by day, if they agreed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from knowledge.office import Closure
from knowledge.office_store import put_offices
from knowledge.working_days import CHINA
from tests.pairs import Pair
from tests.service.conftest import Resident, texts
from tests.service.sms_town import SmsTown, sms_town

TOWN = "O-430423101000"


@pytest.fixture
async def town(pair: Pair, data_dir: Path) -> AsyncIterator[SmsTown]:
    async with sms_town(pair, data_dir) as made:
        yield made


async def booked(town: SmsTown, resident: Resident, words: str = "后天上午十点去办") -> str:
    """A visit on Wednesday at ten; its reference."""
    await resident.say(words)
    answer = await resident.say("1")
    assert "约好了" in texts(answer)
    return str(answer["replies"][0]["data"]["appointment"]["reference"])


async def test_a_visit_is_reminded_of_a_day_and_two_hours_before_over_a_restart(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        other = await town.somebody(agrees=False)
        reference = await booked(town, resident)
        await booked(town, other)
        await town.pass_by(hours=25)  # ten on the day before
        assert town.keys() == [], "the chat comes first"
    async with town.running():
        await town.pass_by(hours=3, minutes=59)
        assert town.keys() == []
        await town.pass_by(minutes=2)
        assert town.keys() == ["visit_remind"], "the one who said no gets none"
        told = town.sent()[0][1]
        assert told["reference"] == reference
        assert told["when"] == "11月25日（星期三）上午10点"
        await town.pass_by(hours=17, minutes=59)  # eight on the day itself
        await town.pass_by(minutes=40)
    async with town.running():
        await town.round()
        assert town.keys() == ["visit_remind"] * 2
        await town.pass_by(hours=6)
        assert town.keys() == ["visit_remind"] * 2


async def test_who_moves_the_visit_is_reminded_anew_and_not_of_the_old_time(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        reference = await booked(town, resident)
        await town.pass_by(hours=25)
        await town.pass_by(hours=4, minutes=1)
        assert town.keys() == ["visit_remind"]
        services = town.bangban.services
        (made,) = await services.appointments.to_come([resident.id], town.now)
        office = next(each for each in await town.bangban.base.catalogue.offices() if each.code == TOWN)
        later = replace(made.slot, start=made.starts_at + timedelta(days=2), end=made.ends_at + timedelta(days=2))
        await services.appointments.move(
            office, reference, [resident.id], later, services.visits.of(office.region), town.now
        )
        await town.pass_by(hours=43)  # nine on the day before the new one
        await town.pass_by(hours=1)
        await town.pass_by(hours=4, minutes=1)
        assert [told["when"] for _, told in town.sent()] == [
            "11月25日（星期三）上午10点",
            "11月27日（星期五）上午10点",
        ]


async def test_who_calls_it_off_elsewhere_is_not_reminded_of_it(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        reference = await booked(town, resident)
        await town.pass_by(hours=25)
        queued = await town.bangban.texting.queue.of_conversation(resident.id)
        assert [each.state for each in queued] == ["waiting"]
        await town.bangban.services.appointments.cancel(reference, [resident.id], town.now)
        await town.pass_by(hours=5)
        (dropped,) = await town.bangban.texting.queue.of_conversation(resident.id)
        assert ((dropped.state, dropped.reason), town.keys()) == (("dropped", "changed"), [])


async def test_who_reads_it_on_the_page_gets_no_message(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        await booked(town, resident)
        await town.pass_by(hours=25)
        assert "给您留着" in texts(await resident.say("1"))
        await town.pass_by(hours=5)
        assert town.keys() == []


async def test_stop_ends_the_reminders_too(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        await booked(town, resident)
        await town.pass_by(hours=25)
        telephone = "13800000001"
        assert await town.bangban.texting.queue.contacts.opt_out(telephone, "reply", town.now)
        await town.pass_by(hours=5)
        await town.pass_by(hours=17)
        assert town.keys() == []


async def test_an_offer_of_the_waiting_list_is_told_in_time_and_not_when_it_is_over(town: SmsTown) -> None:
    async with town.running():
        base = town.bangban.base
        office = next(each for each in await base.catalogue.offices() if each.code == TOWN)
        few = replace(office, windows=office.windows[:1], hours={"tue": ("14:00-14:20",)})
        await put(town, few)
        first, second = await town.somebody(), await town.somebody()
        await booked(town, first, "明天下午去办")
        told = await second.say("明天下午去办")
        assert "候补" in texts(told)
        wait = next(each["id"] for reply in told["replies"] for each in reply["choices"] if "wait" in each["id"])
        await second.choose(wait)
        await first.say("取消预约")
        assert "取消了" in texts(await first.say("1"))
        await town.round()
        await town.pass_by(minutes=29)
        assert town.keys() == []
        await town.pass_by(minutes=2)
        assert town.keys() == ["visit_offer"]
        assert town.sent()[0][1]["until"] == "11月23日上午11点"


async def test_who_booked_before_the_office_closed_is_told(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        await booked(town, resident)
        base = town.bangban.base
        office = next(each for each in await base.catalogue.offices() if each.code == TOWN)
        day = datetime(2026, 11, 25, tzinfo=UTC).date()
        await put(town, replace(office, closures=(Closure(day, day, "停电检修"),)))
        await town.round()
        await town.pass_by(hours=4, minutes=1)
        assert town.keys() == ["visit_displaced"]
        assert town.sent()[0][1] == {
            "when": "11月25日（星期三）上午10点",
            "office": office.name,
            "reference": town.sent()[0][1]["reference"],
        }


async def test_nothing_goes_in_the_night_nor_when_it_would_come_too_late(town: SmsTown) -> None:
    async with town.running():
        town.now = MIDDAY
        resident = await town.somebody()
        queue = town.bangban.texting.queue
        night = datetime(2026, 11, 23, 14, tzinfo=UTC)  # 22:00
        dawn = datetime(2026, 11, 24, 0, tzinfo=UTC)
        assert await queue.queue(resident.id, "visit_lapsed", {}, night, not_after=dawn) is None, "eight is too late"
        town.now = night
        for until in (dawn + timedelta(hours=1), dawn + timedelta(minutes=1)):
            assert await queue.queue(resident.id, "visit_lapsed", {}, night, not_after=until)
        await town.round()
        assert town.keys() == []
        town.now = dawn + timedelta(minutes=1)
        await town.round()
        assert town.keys() == ["visit_lapsed"]
        states = [(each.state, each.reason) for each in await queue.of_conversation(resident.id)]
        assert states == [("sent", ""), ("dropped", "too_late")]


MIDDAY = datetime(2026, 11, 23, 4, tzinfo=UTC)


async def put(town: SmsTown, office: Any) -> None:
    """A supervisor changes it; until the service answers from it."""
    release = await put_offices(town.bangban.base.database, [office])
    while await town.bangban.base.catalogue.release() != release.number:
        await asyncio.sleep(0.05)


async def test_a_home_visit_is_told_when_it_is_planned_moved_near_and_called_off(town: SmsTown) -> None:
    async with town.running(), town.desk() as post:
        resident = await town.somebody()
        for said in ("我走不动了，能不能来屋里办", "王桂英", "三组祠堂旁边"):
            await resident.say(said)
        answer = await resident.say("13800000001")
        reference = answer["replies"][0]["data"]["visit"]
        team = await post("visits/teams", 201, name="红色便民服务队", region="430423101000", telephone="0734-5000001")
        tour = {"references": [reference], "team": team["id"], "part": "下午"}
        await post("visits/tours", 204, **tour, day="2026-11-25")
        await town.pass_by(hours=1)
        await post("visits/tours", 204, **tour, day="2026-11-26")
        await town.pass_by(hours=4, minutes=1)
        assert [(key, told["day"]) for key, told in town.sent()] == [("home_visit_planned", "11月26日，星期四下午")]
        town.now = datetime(2026, 11, 25, 17, 1, tzinfo=CHINA)
        await town.round()
        assert await town.bangban.visits.desk.remind() == 0
    async with town.running():
        town.now = datetime(2026, 11, 25, 20, 59, tzinfo=CHINA)
        await town.round()
        assert town.keys() == ["home_visit_planned"]
        town.now = datetime(2026, 11, 26, 8, 0, tzinfo=CHINA)
        await town.round()
        assert town.keys() == ["home_visit_planned", "home_visit_remind"]
        async with town.desk() as post:
            await post(f"visits/{reference}", 204, "delete", reason="车坏在路上了")
        await town.pass_by(hours=2)
        assert town.keys() == ["home_visit_planned", "home_visit_remind", "home_visit_off"]


async def test_a_ticket_three_places_away_is_told_within_a_minute_and_once(town: SmsTown) -> None:
    async with town.running(), town.desk() as post:
        away, reading = await town.somebody(), await town.somebody()
        for _ in range(2):
            await (await town.somebody(agrees=False)).say("我想取个号")
        await away.say("我想取个号")
        await reading.say("我想取个号")
        town.now += timedelta(minutes=1)
        await post("tickets/next", 200, office=TOWN, window="1号综合窗口")
        assert "快到您了" in (await away.transcript())[-1]["text"]
        await reading.say("轮到我没有")
        await town.pass_by(seconds=59)
        assert town.keys() == []
        await town.pass_by(seconds=2)
        assert town.keys() == ["ticket_near"]
        town.now += timedelta(minutes=1)
        await post("tickets/next", 200, office=TOWN, window="2号综合窗口")
        await town.pass_by(minutes=5)
        assert town.keys() == ["ticket_near"]


async def test_who_gives_a_number_for_a_visit_is_asked_about_messages(town: SmsTown) -> None:
    async with town.running():
        resident = await town.somebody()
        await resident.say("我走不动了，能不能来屋里办")
        for said in ("王桂英", "三组祠堂旁边"):
            await resident.say(said)
        asked = texts(await resident.say(f"139{uuid4().int % 10**8:08}"))
        assert "发条短信，好不好" in asked
        assert "晚上不发" in texts(await resident.say("好"))
