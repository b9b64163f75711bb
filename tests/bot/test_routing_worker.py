"""The worker of the queue and the relay: timers that run out, what the resident is told, nothing done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.coordination import open_redis
from bot.handoff_words import told
from bot.metrics import Metrics
from bot.news import News
from bot.people import People
from bot.promising import Promising
from bot.routing import RoutingWorker
from bot.settings import Settings
from connectors.message import Reply
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.handoff import Handoff, HandoffTaken
from knowledge.staff import StaffAccounts
from tests.store.cases import KEYRING, Clock
from tests.store.desk import OTHER_VILLAGE, TOWN, VILLAGE, a_handoff, an_agent, some_offices

MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)  # Monday, 10:00 in China


@dataclass
class Desk:
    """The parts, and a clock that only a test moves."""

    database: Database
    people: People
    worker: RoutingWorker
    clock: Clock

    async def wanted(self) -> Handoff:
        return await a_handoff(self.database, self.people.handoffs, self.clock.time)

    async def agent(self, name: str, office: str = VILLAGE, **more: Any) -> int:
        return await an_agent(self.database, name, office, seen_at=self.clock.time, **more)

    async def pass_by(self, *awake: int, **time: float) -> None:
        """Time passes, the desks of those who are awake are heard of, the worker looks."""
        self.clock.pass_by(**time)
        for staff in awake:
            await self.people.agents.seen(staff, self.clock.time)
        await self.worker.round()

    async def now(self, handoff: Handoff) -> Handoff:
        return await self.people.handoffs.find(handoff.id)

    async def said(self, handoff: Handoff) -> list[tuple[str, str]]:
        lines = await Conversations(self.database).transcript(handoff.conversation_id)
        return [(line.sender, line.text) for line in lines]

    async def mode(self, handoff: Handoff) -> str:
        return (await Conversations(self.database).find(handoff.conversation_id)).mode


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    await some_offices(database)
    clock, redis = Clock(), open_redis("")
    clock.time = MORNING
    catalogue, news = Catalogue(database), News(redis)
    people = People.of(Settings(), database, KEYRING, catalogue, news, clock)
    parts = (database, people.handoffs, people.agents, catalogue, people.relay, Promising(database, catalogue), news)
    worker = RoutingWorker(*parts, clock, Metrics())
    clock.pass_by(minutes=5)
    yield Desk(database, people, worker, clock)
    await redis.aclose()


async def test_an_offer_that_passes_goes_to_the_next_office_then_up_and_there_again(desk: Desk) -> None:
    here, neighbour, town = await desk.agent("a"), await desk.agent("b", OTHER_VILLAGE), await desk.agent("c", TOWN)
    wanted = await desk.wanted()
    await desk.worker.round()
    assert (await desk.now(wanted)).offered_to == here
    await desk.pass_by(here, neighbour, town, seconds=61)
    assert (await desk.now(wanted)).offered_to == neighbour
    await desk.pass_by(here, neighbour, town, seconds=60)
    up = await desk.now(wanted)
    assert (up.tier, up.state) == ("镇", "waiting")
    assert (await desk.said(wanted))[-1][1].startswith("这一级的工作人员都在忙，已经帮您转到白果镇便民服务中心排队")
    await desk.worker.round()
    assert (await desk.now(wanted)).offered_to == town
    await desk.pass_by(town, seconds=61)
    assert (await desk.now(wanted)).offered_to == town, "there is nobody above: they are asked again"
    assert (await desk.now(wanted)).entered_at == wanted.entered_at


async def test_those_who_came_first_are_offered_first_and_nobody_more_than_they_can(desk: Desk) -> None:
    staff = await desk.agent("a", capacity=2)
    waiting = [await desk.wanted() for _ in range(3)]
    await desk.worker.round()
    assert [(await desk.now(each)).offered_to for each in waiting] == [staff, staff, None]


async def test_ten_workers_do_what_is_due_once(desk: Desk) -> None:
    await desk.agent("a")
    wanted = await desk.wanted()
    await desk.worker.round()
    desk.clock.pass_by(seconds=61)
    await asyncio.gather(*(desk.worker.round() for _ in range(10)))
    whats = [event.what for event in await desk.people.handoffs.log.of(wanted.id)]
    assert whats.count("missed") == 1


async def test_a_silent_agent_is_warned_then_the_chat_returns_and_the_resident_is_told(desk: Desk) -> None:
    staff = await desk.agent("a")
    wanted = await desk.wanted()
    await desk.people.relay.take(wanted.id, staff)
    assert await desk.mode(wanted) == "human"
    assert (await desk.said(wanted))[-1][1].startswith("岳北村便民服务站1号坐席接到您了，现在是岳北村")
    await desk.pass_by(staff, seconds=181)
    assert (await desk.now(wanted)).warned_at == desk.clock.time
    await desk.pass_by(staff, seconds=61)
    again = await desk.now(wanted)
    assert (again.offered_to, again.entered_at) == (staff, wanted.entered_at), "there is nobody else"
    assert await desk.mode(wanted) == "waiting"
    assert ("system", told("returned").text) in await desk.said(wanted)


async def test_who_answers_keeps_the_chat_and_a_message_goes_out_once(desk: Desk) -> None:
    staff, other = await desk.agent("a"), await desk.agent("b")
    wanted = await desk.wanted()
    await desk.people.relay.take(wanted.id, staff)
    said = [await desk.people.relay.say(wanted.id, staff, "m1", Reply("您好，我是小王")) for _ in range(2)]
    assert said[0] == said[1]
    assert [text for sender, text in await desk.said(wanted) if sender == "agent"] == ["您好，我是小王"]
    with pytest.raises(HandoffTaken):
        await desk.people.relay.say(wanted.id, other, "m1", Reply("我来"))
    await desk.pass_by(staff, minutes=10)
    assert (await desk.now(wanted)).state == "taken", "the resident has been answered: nobody is silent"


@pytest.mark.parametrize("jump", [{"hours": -3}, {"hours": 3}], ids=["back", "forward"])
async def test_a_clock_that_jumps_loses_no_chat_and_no_place(desk: Desk, jump: dict[str, float]) -> None:
    staff = await desk.agent("a", capacity=1, hours={"mon-sun": ["00:00-24:00"]})
    first, second = await desk.wanted(), await desk.wanted()
    await desk.people.relay.take(first.id, staff)
    await desk.pass_by(staff, **jump)
    await desk.people.relay.say(first.id, staff, "m1", Reply("还在"))
    for _ in range(3):
        await desk.pass_by(staff, seconds=30)
    now = [await desk.now(each) for each in (first, second)]
    assert [each.state for each in now] == ["taken", "waiting"]
    assert [each.entered_at for each in now] == [first.entered_at, second.entered_at]
    assert await desk.people.handoffs.position(now[1]) == 1
    await desk.people.relay.end(first.id, staff, "solved")
    await desk.pass_by(staff, seconds=1)
    assert (await desk.now(second)).offered_to == staff


async def test_a_disabled_accounts_chats_return_at_once(desk: Desk) -> None:
    staff = await desk.agent("a")
    wanted = await desk.wanted()
    await desk.people.relay.take(wanted.id, staff)
    await StaffAccounts(desk.database, desk.clock).disable("a")
    other = await desk.agent("b")
    await desk.worker.round()
    assert (await desk.now(wanted)).offered_to == other


async def test_when_everybody_has_gone_home_a_call_back_is_promised(desk: Desk) -> None:
    await desk.agent("a")
    wanted = await desk.wanted()
    await desk.pass_by(hours=2)  # 12:05: lunch
    ended = await desk.now(wanted)
    assert (ended.state, ended.outcome) == ("ended", "callback")
    (callback,) = await desk.people.callbacks.waiting()
    assert callback.region_code == "430423101218"
    assert f"编号是{callback.reference}，岳北村便民服务站的人会在今天下午2点半前" in (await desk.said(wanted))[-1][1]
    assert await desk.mode(wanted) == "bot"
    await desk.pass_by(hours=2.3)
    (event,) = [each for each in await desk.people.handoffs.log.after(0) if each.handoff_id is None]
    assert (event.what, event.details["reference"]) == ("callback_due", callback.reference)


async def test_for_a_minute_after_its_start_a_process_gives_nobody_up(desk: Desk) -> None:
    wanted = await desk.wanted()
    desk.worker._started_at = desk.clock.time
    await desk.worker.round()
    assert (await desk.now(wanted)).state == "waiting"
    desk.clock.pass_by(seconds=61)
    await desk.worker.round()
    assert (await desk.now(wanted)).outcome == "callback"


async def test_what_the_person_did_is_known_to_the_bot_afterwards(desk: Desk) -> None:
    staff = await desk.agent("a")
    wanted = await desk.wanted()
    await desk.people.relay.take(wanted.id, staff)
    for _ in range(2):
        await desk.people.relay.end(wanted.id, staff, "solved", "低保的表填好了。")
    assert await desk.mode(wanted) == "bot"
    last = [text for sender, text in await desk.said(wanted) if sender == "bot"]
    (told_once,) = last
    assert "刚才工作人员给您办的是：低保的表填好了。还有什么要办的" in told_once


async def test_the_worker_runs_by_itself_and_stops(desk: Desk) -> None:
    staff = await desk.agent("a")
    async with desk.worker.running():
        wanted = await desk.wanted()
        async with asyncio.timeout(10):
            while (await desk.now(wanted)).offered_to != staff:
                await asyncio.sleep(0.05)
    assert timedelta(0) <= desk.clock.time - MORNING


async def test_after_a_restart_with_an_emptied_redis_the_timers_go_on(desk: Desk, second_database: Database) -> None:
    staff = await desk.agent("a")
    wanted = await desk.wanted()
    await desk.people.relay.take(wanted.id, staff)
    await desk.pass_by(staff, seconds=181)
    redis, catalogue = open_redis(""), Catalogue(second_database)
    people = People.of(Settings(), second_database, KEYRING, catalogue, News(redis), desk.clock)
    parts = (
        people.handoffs,
        people.agents,
        catalogue,
        people.relay,
        Promising(second_database, catalogue),
        people.news,
    )
    after = RoutingWorker(second_database, *parts, desk.clock, Metrics())
    desk.clock.pass_by(seconds=61)
    await after.round()
    again = await desk.now(wanted)
    assert (again.taken_by, again.entered_at) == (None, wanted.entered_at)
    assert await desk.mode(wanted) == "waiting"
    await redis.aclose()
