"""微信客服: residents write to the county's WeCom account and talk to the whole service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.app import RUNNING, Bangban, create_app
from connectors.message import Reply
from connectors.wecom.customer_service import sent_id
from knowledge.channel_users import Address
from tests.channels.conftest import settings_of
from tests.fake_wechat.troubles import Trouble
from tests.fake_wechat.wecom import ACCOUNT, AES_KEY, CORPID, OVER, SECRET, TOKEN, FakeWecom, Guest, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Town:
    """The service and the platform."""

    bangban: Bangban
    wecom: FakeWecom

    async def seen(self, user: str, holds: Callable[[Guest], bool]) -> Guest:
        async with asyncio.timeout(40):
            while not holds(self.wecom.guest(user)):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)
        return self.wecom.guest(user)

    async def quiet(self) -> None:
        """All that was to be said has been said, and nothing is in a worker's hand."""
        later = self.bangban.base.clock() + timedelta(days=1)
        async with asyncio.timeout(40):
            while await self.bangban.channels.users.anybody(later):
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)

    async def conversation(self, user: str) -> str:
        found = await self.bangban.channels.users.find(Address("wecom", ACCOUNT, user))
        assert found is not None
        return found.conversation

    async def pulled(self) -> None:
        """Everything that happened has been pulled."""
        async with asyncio.timeout(40):
            while not self.wecom.pulls or int(self.wecom.pulls[-1] or 0) + self.wecom.page < len(self.wecom.items):
                await asyncio.sleep(0.02)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    wecom = FakeWecom()
    async with fresh_pair(EMBEDDED, tmp_path_factory.mktemp("wecom")) as pair, serving_wecom(wecom) as api:
        app = await create_app(settings_of(pair, model_dir, **wecom_settings(api)))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wecom.callback = f"http://127.0.0.1:{runner.addresses[0][1]}/channels/wecom"
        yield Town(app[RUNNING], wecom)
        await runner.cleanup()


def wecom_settings(api: str) -> dict[str, Any]:
    return {
        "wecom_corpid": CORPID,
        "wecom_secret": SECRET,
        "wecom_token": TOKEN,
        "wecom_aes_key": AES_KEY,
        "wecom_url": api,
    }


async def test_the_address_is_verified_by_decrypting_what_is_sent(town: Town) -> None:
    async with aiohttp.ClientSession() as client:
        async with client.get(town.wecom.callback, params=town.wecom.echo("1234567890")) as response:
            assert (response.status, await response.text()) == (200, "1234567890")
        forged = town.wecom.echo("1234567890") | {"msg_signature": "0" * 40}
        async with client.get(town.wecom.callback, params=forged) as response:
            assert response.status == 403


async def test_who_opens_the_chat_is_welcomed_once(town: Town) -> None:
    await town.wecom.enter("wmNew")

    guest = await town.seen("wmNew", lambda guest: bool(guest.seen))
    assert guest.seen[0]["kind"] == "welcome"
    assert "帮办" in guest.texts[0]


async def test_a_question_is_answered_and_a_menu_is_tapped(town: Town) -> None:
    await town.wecom.say("wmLi", "我要修房子")
    guest = await town.seen("wmLi", lambda guest: any(each["kind"] == "msgmenu" for each in guest.seen))
    menu = next(each for each in guest.seen if each["kind"] == "msgmenu")

    first = menu["list"][0]["click"]
    before = len(guest.seen)
    await town.wecom.say("wmLi", first["content"], menu_id=first["id"])

    await town.seen("wmLi", lambda guest: len(guest.seen) > before)
    lines = await town.bangban.base.conversations.transcript(await town.conversation("wmLi"))
    assert next(line.text for line in lines if line.sender == "resident") == "我要修房子"


async def test_calls_repeated_and_pages_of_two_give_each_message_one_effect(town: Town) -> None:
    for number in range(5):
        town.wecom._add(
            {"external_userid": "wmMany", "origin": 3, "msgtype": "text", "text": {"content": f"低保怎么申请 {number}"}}
        )
    town.wecom.guest("wmMany").left, town.wecom.guest("wmMany").until = 5, town.wecom.clock() + 1000

    assert await town.wecom.call(times=6) == [200] * 6
    await town.pulled()
    conversation = None
    async with asyncio.timeout(40):
        while True:
            conversation = await town.conversation("wmMany")
            lines = await town.bangban.base.conversations.transcript(conversation)
            if sum(line.sender == "resident" for line in lines) >= 5:
                break
            await town.bangban.channels.worker.wake()
            await asyncio.sleep(0.02)

    said = [line.text[-1] for line in lines if line.sender == "resident"]
    assert said == ["0", "1", "2", "3", "4"]


async def test_what_a_person_in_wecom_has_the_bot_keeps_out_of(town: Town) -> None:
    await town.wecom.say("wmHuman", "低保怎么申请")
    await town.seen("wmHuman", lambda guest: bool(guest.seen))
    await town.quiet()  # the answer has two parts
    await town.wecom.pick_up("wmHuman", "zhang")
    await town.pulled()
    before = len(town.wecom.guest("wmHuman").seen)

    await town.wecom.say("wmHuman", "我跟您讲的那个事")
    await town.pulled()
    assert len(town.wecom.guest("wmHuman").seen) == before

    await town.wecom.hang_up("wmHuman")
    await town.wecom.say("wmHuman", "高龄津贴怎么办")
    await town.seen("wmHuman", lambda guest: any("高龄" in text for text in guest.texts[before:]))


async def test_an_end_that_nobody_told_us_of_leaves_nobody_in_silence(town: Town) -> None:
    await town.wecom.say("wmSilent", "你好")
    await town.seen("wmSilent", lambda guest: bool(guest.seen))
    await town.wecom.pick_up("wmSilent", "zhang")
    await town.pulled()
    await town.wecom.say("wmSilent", "我跟您讲的那个事")
    await town.pulled()
    town.wecom.guest("wmSilent").state = OVER  # and no event says so

    await town.wecom.say("wmSilent", "高龄津贴怎么办")

    guest = await town.seen("wmSilent", lambda guest: any("高龄" in text for text in guest.texts))
    assert not any("那个事" in text for text in guest.texts)


async def test_what_staff_say_arrives_and_a_failure_is_known(town: Town) -> None:
    await town.wecom.say("wmStaff", "你好")
    await town.seen("wmStaff", lambda guest: bool(guest.seen))
    conversation = await town.conversation("wmStaff")
    await town.bangban.assistant.push(conversation, "agent", Reply("我看到您的表了。"))
    guest = await town.seen("wmStaff", lambda guest: any("我看到您的表了" in text for text in guest.texts))

    sent = next(each["msgid"] for each in guest.seen if "我看到您的表了" in each.get("content", ""))
    await town.wecom.event("wmStaff", "msg_send_fail", fail_msgid=sent, fail_type=10)

    async with asyncio.timeout(40):
        while not any(
            each.state == "failed" for each in await town.bangban.channels.deliveries.of_conversation(conversation)
        ):
            await asyncio.sleep(0.02)


async def test_after_five_messages_the_rest_waits_for_their_next(town: Town) -> None:
    await town.wecom.say("wmFive", "你好")
    guest = await town.seen("wmFive", lambda guest: bool(guest.seen))
    guest.left = 0
    conversation = await town.conversation("wmFive")
    for number in range(7):
        await town.bangban.assistant.push(conversation, "system", Reply(f"第{number}条" + "长" * 600))
    await town.bangban.channels.worker.wake()

    town.wecom.clock = lambda: time.time() + 5  # two messages of one second count as one
    await town.wecom.say("wmFive", "还有吗")

    await town.seen("wmFive", lambda guest: any("第0条" in text for text in guest.texts))


async def test_an_expired_token_and_a_busy_platform_lose_nothing(town: Town) -> None:
    town.wecom.troubles[:] = [Trouble(code=42001), Trouble(code=-1)]

    await town.wecom.say("wmTrouble", "低保怎么申请")

    await town.seen("wmTrouble", lambda guest: any("低保" in text for text in guest.texts))


async def test_a_picture_of_theirs_is_fetched_by_its_id(town: Town) -> None:
    town.wecom.media["MEDIA"] = ("image/png", b"\x89PNG not really")

    await town.wecom.send("wmPhoto", {"msgtype": "image", "image": {"media_id": "MEDIA"}})
    await town.wecom.send("wmCard", {"msgtype": "business_card", "business_card": {"userid": "x"}})

    await town.seen("wmPhoto", lambda guest: bool(guest.seen))
    await town.seen("wmCard", lambda guest: any("请用文字说" in text for text in guest.texts))


@pytest.mark.parametrize("body", [b"", b"<xml>", b"<xml><Encrypt>AAAA</Encrypt></xml>", b"x" * 70_000])
async def test_a_call_that_is_not_wecoms_is_refused_without_a_trace(town: Town, body: bytes) -> None:
    async with aiohttp.ClientSession() as client:
        query = town.wecom.signed("other")
        async with client.post(town.wecom.callback, params=query, data=body) as response:
            assert response.status in (400, 403, 413)


async def test_ids_are_as_the_platform_takes_them() -> None:
    assert sent_id("01ABC:2/3" + "x" * 40) == ("01ABC-2-3" + "x" * 40)[-32:]
