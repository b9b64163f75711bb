"""微信客服 with `BANGBAN_WECOM_PEOPLE=wecom`: whoever wants a person gets one in WeCom, and the bot keeps out of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from bot.app import RUNNING, Bangban, create_app
from bot.desk_cards import Cards
from connectors.message import Inbound, Reply
from connectors.wecom.channel import WecomChannel
from knowledge.channel_users import Address
from knowledge.handoff import Handoff, HandoffNotYours
from knowledge.working_days import CHINA
from tests.channels.conftest import settings_of
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat.wecom import ACCOUNT, OVER, POOL, SERVICER, FakeWecom, Guest, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEDNESDAY_MORNING = datetime(2026, 11, 25, 10, 0, tzinfo=CHINA)
EVENING = timedelta(hours=11)


@dataclass
class Clock:
    """A working morning that goes on; `later` moves it."""

    began: float
    later: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        gone = timedelta(seconds=time.monotonic() - self.began)
        return (WEDNESDAY_MORNING + gone + self.later).astimezone(UTC)


@dataclass
class Town:
    """The service and the platform, at one time."""

    bangban: Bangban
    wecom: FakeWecom
    clock: Clock

    async def seen(self, user: str, holds: Callable[[Guest], bool]) -> Guest:
        async with asyncio.timeout(40):
            while not holds(self.wecom.guest(user)):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)
        return self.wecom.guest(user)

    async def told(self, user: str, words: str) -> Guest:
        return await self.seen(user, lambda guest: any(words in text for text in guest.texts))

    async def pulled(self) -> None:
        async with asyncio.timeout(40):
            while not self.wecom.pulls or int(self.wecom.pulls[-1] or 0) + self.wecom.page < len(self.wecom.items):
                await asyncio.sleep(0.02)

    async def conversation(self, user: str) -> str:
        found = await self.bangban.channels.users.find(Address("wecom", ACCOUNT, user))
        assert found is not None
        return found.conversation

    async def handoff(self, user: str, holds: Callable[[Handoff | None], bool]) -> Handoff | None:
        """Their open hand-off, once it is so."""
        talk = await self.conversation(user)
        async with asyncio.timeout(40):
            while not holds(found := await self.bangban.people.handoffs.open_in(talk)):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)
        return found

    async def look(self) -> None:
        """As the service looks each minute, once all that was passed on is known to be."""
        users = self.bangban.channels.users
        async with asyncio.timeout(40):
            while await users.anybody(self.clock()):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)
        channel = self.bangban.channels.joined["wecom"]
        assert isinstance(channel, WecomChannel)
        assert channel._people is not None
        await channel._people.look()

    async def happened(self, handoff: str) -> list[str]:
        return [each.what for each in await self.bangban.people.handoffs.log.of(handoff)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    clock = Clock(time.monotonic())
    wecom = FakeWecom(lambda: clock().timestamp())
    async with fresh_pair(EMBEDDED, tmp_path_factory.mktemp("wecom")) as pair, serving_wecom(wecom) as api:
        settings = settings_of(pair, model_dir, **wecom_settings(api), wecom_people="wecom", wecom_servicer="wang")
        app = await create_app(settings, clock)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wecom.callback = f"http://127.0.0.1:{runner.addresses[0][1]}/channels/wecom"
        yield Town(app[RUNNING], wecom, clock)
        await runner.cleanup()


@pytest.fixture(autouse=True)
def morning(town: Town) -> None:
    town.clock.later = timedelta(0)
    town.wecom.servicers = {"wang": 0, "li": 0}
    town.wecom.broken.clear()


async def test_a_person_in_wecom_takes_over_and_the_bot_comes_back_when_they_have_ended(town: Town) -> None:
    await town.wecom.say("wmZhang", "高龄津贴怎么办")
    await town.told("wmZhang", "高龄津贴")
    await town.wecom.say("wmZhang", "转人工")
    guest = await town.told("wmZhang", "转工作人员")

    await town.seen("wmZhang", lambda guest: guest.state == SERVICER)
    assert town.wecom.transfers[-1] == ("wmZhang", SERVICER, "wang"), "first whom the setting names"
    handoff = await town.handoff("wmZhang", lambda found: found is not None)
    assert handoff is not None
    assert (handoff.state, handoff.offered_to, handoff.taken_by) == ("elsewhere", None, None)

    await town.wecom.pick_up("wmZhang", "wang")
    await town.handoff("wmZhang", lambda found: found is not None and found.taken_at is not None)
    before = len(guest.seen)
    await town.wecom.say("wmZhang", "那个低保怎么申请")
    await town.wecom.send("wmZhang", {"msgtype": "text", "text": {"content": "您把身份证拍给我"}}, origin=5)
    await town.pulled()
    await town.bangban.channels.worker.round()
    assert len(guest.seen) == before, "while a person there has it the bot keeps silent"

    await town.wecom.hang_up("wmZhang")
    await town.told("wmZhang", "我是帮办，接着为您服务")
    assert guest.state == OVER
    assert await town.handoff("wmZhang", lambda found: found is None) is None
    assert [each for each in await town.happened(handoff.id) if each != "delivered"] == [
        *("entered", "passed_elsewhere", "taken_elsewhere", "ended")
    ]
    await town.wecom.say("wmZhang", "低保怎么申请")
    await town.told("wmZhang", "低保")


async def test_who_is_named_but_not_receiving_leaves_it_to_the_queue(town: Town) -> None:
    town.wecom.servicers["wang"] = 1

    await town.wecom.say("wmQueue", "转人工")

    await town.seen("wmQueue", lambda guest: guest.state == POOL)
    assert town.wecom.transfers[-1] == ("wmQueue", POOL, "")


async def test_nobody_receiving_is_a_call_back_with_a_time(town: Town) -> None:
    town.wecom.servicers = {"wang": 1, "li": 1}

    await town.wecom.say("wmNobody", "转人工")

    guest = await town.told("wmNobody", "给您回电话")
    assert guest.state == 0
    assert await town.bangban.people.callbacks.open_in(await town.conversation("wmNobody")) is not None
    assert await town.handoff("wmNobody", lambda found: found is None) is None


async def test_outside_the_hours_nobody_is_passed_on(town: Town) -> None:
    town.clock.later = EVENING
    before = len(town.wecom.transfers)

    await town.wecom.say("wmEvening", "转人工")

    await town.told("wmEvening", "给您回电话")
    assert len(town.wecom.transfers) == before


async def test_what_the_states_forbid_ends_in_a_call_back_and_not_in_silence(town: Town) -> None:
    town.wecom.broken["trans"] = [95016, 95016]

    await town.wecom.say("wmForbidden", "转人工")

    guest = await town.told("wmForbidden", "给您回电话")
    assert guest.state == 0


async def test_a_busy_platform_gets_it_when_it_answers_again(town: Town) -> None:
    town.wecom.broken["get"] = [-1, -1, -1, -1]

    await town.wecom.say("wmBusy", "转人工")

    guest = await town.seen("wmBusy", lambda guest: guest.state == SERVICER)
    assert sum("转工作人员" in text for text in guest.texts) == 1, "said once"


async def test_a_platform_that_is_down_for_minutes_does_not_keep_them_waiting(town: Town) -> None:
    town.wecom.broken["get"] = [-1] * 100
    await town.wecom.say("wmDown", "转人工")
    await town.told("wmDown", "转工作人员")

    town.clock.later = timedelta(minutes=6)

    await town.told("wmDown", "给您回电话")
    town.wecom.broken.clear()


async def test_what_comes_meanwhile_waits_until_they_write_to_the_bot_again(town: Town) -> None:
    await town.wecom.say("wmNews", "转人工")
    await town.seen("wmNews", lambda guest: guest.state == SERVICER)
    talk = await town.conversation("wmNews")
    await town.bangban.assistant.push(talk, "system", Reply("您的件办好了。"))
    async with asyncio.timeout(40):
        while not any(each.state == "held" for each in await town.bangban.channels.deliveries.of_conversation(talk)):
            await town.bangban.channels.worker.wake()
            await asyncio.sleep(0.02)
    assert not any("办好了" in text for text in town.wecom.guest("wmNews").texts)

    await town.wecom.hang_up("wmNews")
    await town.wecom.say("wmNews", "低保怎么申请")
    await town.told("wmNews", "您的件办好了")


async def test_asked_again_on_the_page_they_are_told_where_the_person_is(town: Town) -> None:
    await town.wecom.say("wmPage", "转人工")
    await town.seen("wmPage", lambda guest: guest.state == SERVICER)
    answer = await town.bangban.assistant.take(Inbound(await town.conversation("wmPage"), "p1", "转人工"))

    assert "回到微信" in answer.replies[0]["text"]
    assert answer.mode == "waiting"


async def test_the_desk_sees_it_and_can_not_take_it(town: Town) -> None:
    await town.wecom.say("wmDesk", "转人工")
    await town.seen("wmDesk", lambda guest: guest.state == SERVICER)
    handoff = await town.handoff("wmDesk", lambda found: found is not None)
    assert handoff is not None
    people = town.bangban.people
    assert handoff.id in {each.id for each in await people.handoffs.elsewhere()}
    assert handoff.id not in {each.id for each in await people.handoffs.waiting()}
    card = await Cards(people, town.bangban.services.residents, town.bangban.base.accounts, town.clock).card(handoff)
    assert (card["state"], card["position"]) == ("elsewhere", None)
    await town.bangban.base.accounts.add("wecom-chief", "supervisor", "long enough a password")
    staff = next(each.id for each in await town.bangban.base.accounts.listed() if each.name == "wecom-chief")
    for take in (people.relay.take, people.relay.take_over):
        with pytest.raises(HandoffNotYours):
            await take(handoff.id, staff)


async def test_an_end_that_was_not_told_leaves_nobody_without_an_answer(town: Town) -> None:
    await town.wecom.say("wmLost", "转人工")
    guest = await town.seen("wmLost", lambda guest: guest.state == SERVICER)
    await town.handoff("wmLost", lambda found: found is not None)
    await town.wecom.say("wmLost", "您还在不")
    await town.pulled()
    guest.state = OVER  # 48 hours are over, and no event came

    await town.look()

    assert await town.handoff("wmLost", lambda found: found is None) is None
    await town.wecom.say("wmLost", "高龄津贴怎么办")
    await town.told("wmLost", "高龄津贴")


async def test_who_waits_long_in_the_queue_is_given_to_somebody_who_receives(town: Town) -> None:
    town.wecom.servicers = {"wang": 1, "li": 0}
    await town.wecom.say("wmLong", "转人工")
    guest = await town.seen("wmLong", lambda guest: guest.state == POOL)
    await town.look()
    assert guest.state == POOL, "others come first for a while"

    town.clock.later = timedelta(minutes=4)
    await town.look()
    assert (guest.state, guest.servicer) == (SERVICER, "li")
    await town.look()
    handoff = await town.handoff("wmLong", lambda found: found is not None and found.taken_at is not None)
    assert handoff is not None, "and the desk sees that it was taken"


async def test_a_look_takes_nothing_back_that_is_only_to_be_passed(town: Town) -> None:
    town.wecom.broken["get"] = [-1] * 12
    await town.wecom.say("wmSoon", "转人工")
    await town.told("wmSoon", "转工作人员")
    assert await town.handoff("wmSoon", lambda found: found is not None)

    await town.look()

    await town.seen("wmSoon", lambda guest: guest.state == SERVICER)
