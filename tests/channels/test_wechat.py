"""The official account: residents in WeChat talk to the whole service, through a platform that enforces its rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MethodType
from typing import Any, cast
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.app import RUNNING, Bangban, create_app
from bot.settings import Settings
from connectors.message import Reply
from connectors.wechat.callbacks import WechatCallbacks
from connectors.wechat.channel import Notices
from connectors.wechat.line import AT_A_TIME, Line
from knowledge.channel_users import Address, ChannelUser
from knowledge.links import NewLink, scene_of
from tests.channels.conftest import settings_of
from tests.fake_wechat import Account, FakeWechat, Seen, Trouble, serving
from tests.pairs import EMBEDDED, fresh_pair

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Town:
    """The service and the platform, each over HTTP."""

    bangban: Bangban
    wechat: FakeWechat
    address: str
    line: Line[Any]

    async def user(self, openid: str) -> ChannelUser:
        found = await self.bangban.channels.users.find(Address("wechat", self.wechat.account.appid, openid))
        assert found is not None
        return found

    async def push(self, openid: str, text: str) -> int:
        user = await self.user(openid)
        return await self.bangban.assistant.push(user.conversation, "system", Reply(text))

    async def post(self, **changed: Any) -> tuple[int, bytes]:
        """One delivery as the platform makes it, with something changed."""
        values = {"ToUserName": self.wechat.account.name, "FromUserName": "oPost", "CreateTime": 1, "MsgType": "text"}
        query, body = self.wechat.sealed({**values, "MsgId": 1, "Content": "低保怎么申请"})
        query |= changed.get("query", {})
        for name in changed.get("without", ()):
            del query[name]
        told = {"params": query, "data": changed.get("body", body)}
        async with aiohttp.ClientSession() as client, client.post(self.address, **told) as response:
            return response.status, await response.read()


def account_settings(account: Account, api: str, **more: Any) -> dict[str, Any]:
    return {
        "wechat_appid": account.appid,
        "wechat_secret": account.secret,
        "wechat_token": account.token,
        "wechat_aes_key": account.aes_key,
        "wechat_url": api,
        "public_url": "https://bb.example.cn",
        **more,
    }


@asynccontextmanager
async def town_of(settings: Callable[[str, Account], Settings], account: Account) -> AsyncIterator[Town]:
    wechat = FakeWechat(account)
    async with serving(wechat) as api:
        app = await create_app(settings(api, account))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/channels/wechat"
        wechat.account = replace(account, callback=address)
        try:
            yield Town(app[RUNNING], wechat, address, line_of(app))
        finally:
            await runner.cleanup()


def line_of(app: web.Application) -> Line[Any]:
    posts = [each for each in app.router.routes() if each.method == "POST"]
    (post,) = [each for each in posts if each.resource is not None and each.resource.canonical == "/channels/wechat"]
    return cast(WechatCallbacks, cast(MethodType, post.handler).__self__)._said


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with fresh_pair(EMBEDDED, tmp_path_factory.mktemp("town")) as pair:

        def settings(api: str, account: Account) -> Settings:
            notices = {"wechat_template": "T1", "wechat_notice_fields": '{"thing1": "{what}", "time2": "{time}"}'}
            return settings_of(pair, model_dir, **account_settings(account, api, **notices))

        async with town_of(settings, Account()) as made:
            yield made


@pytest.fixture
def openid() -> str:
    return f"o{uuid4().hex}"


@pytest.fixture(autouse=True)
def calm(town: Town) -> None:
    town.wechat.troubles.clear()
    town.wechat.junk.clear()
    town.wechat.speaks = True


async def seen(town: Town, openid: str, count: int) -> list[Seen]:
    """What they see, once it is that many."""
    fan = town.wechat.fan(openid)
    async with asyncio.timeout(30):
        while len(fan.seen) < count:
            await asyncio.sleep(0.01)
    assert not town.wechat.junk
    return fan.seen


async def settled(town: Town, openid: str, *states: str) -> None:
    """Each delivery to them has come to that."""
    user = await town.user(openid)
    async with asyncio.timeout(30):
        while True:
            found = await town.bangban.channels.deliveries.of_conversation(user.conversation)
            if [each.state for each in found] == list(states):
                return
            await asyncio.sleep(0.01)


# --- coming and talking ---------------------------------------------------------------------------------------------


async def test_the_address_is_verified(town: Town) -> None:
    query, _ = town.wechat.sealed({})
    async with aiohttp.ClientSession() as client:
        async with client.get(town.address, params={**query, "echostr": "4375120948345356249"}) as response:
            assert (response.status, await response.text()) == (200, "4375120948345356249")
            assert response.content_type == "text/plain"
        async with client.get(town.address, params={**query, "signature": "0" * 40, "echostr": "1"}) as response:
            assert response.status == 403


async def test_a_question_is_answered_at_once(town: Town, openid: str) -> None:
    assert await town.wechat.say(openid, "低保怎么申请") == 1
    (answer,) = await seen(town, openid, 1)
    assert answer.way == "passive"
    assert "低保" in answer.text


async def test_who_follows_is_greeted_once_although_it_is_told_three_times(town: Town, openid: str) -> None:
    values = {"MsgType": "event", "Event": "subscribe", "EventKey": ""}
    await town.wechat.send(openid, values, always=3)
    (greeting,) = await seen(town, openid, 1)
    assert "1. " in greeting.text


async def test_choices_are_links_over_numbers_and_both_choose(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "我要修房子")
    question = (await seen(town, openid, 1))[0].text
    assert 'href="weixin://bizmsgmenu?msgmenucontent=' in question
    assert "1. " in question
    await town.wechat.say(openid, "1")
    by_number = (await seen(town, openid, 2))[1].text
    other = f"o{uuid4().hex}"
    await town.wechat.say(other, "我要修房子")
    from urllib.parse import unquote

    link = (await seen(town, other, 1))[0].text.partition("msgmenuid=")[2].partition('"')[0]
    await town.wechat.tap(other, "1", unquote(link))
    assert (await seen(town, other, 2))[1].text == by_number


async def test_a_message_that_comes_three_times_has_one_effect(town: Town, openid: str) -> None:
    await asyncio.gather(*(town.wechat.say(openid, "低保怎么申请", id=77_001) for _ in range(3)))
    await settled(town, openid, "sent")
    immediate = [each.text for each in town.wechat.fan(openid).seen if each.way == "passive"]
    assert (len(immediate), len(set(immediate))) == (3, 1)
    assert len(town.wechat.fan(openid).seen) == 4, "the second half once"
    user = await town.user(openid)
    lines = await town.bangban.base.conversations.transcript(user.conversation)
    assert sum(line.sender == "resident" for line in lines) == 1


async def test_the_menu_and_scanned_codes_lead_where_they_say(town: Town, openid: str) -> None:
    await town.wechat.event(openid, "CLICK", "find_matter:M001")
    assert (await seen(town, openid, 1))[0].text
    link = await town.bangban.links.links.make(
        NewLink("matter", "M001", "430423101218"), "admin", town.bangban.base.clock()
    )
    newcomer = f"o{uuid4().hex}"
    await town.wechat.event(newcomer, "subscribe", f"qrscene_{scene_of(link.code)}", Ticket="t")
    await town.wechat.event(openid, "SCAN", scene_of(link.code), Ticket="t")
    there = (await seen(town, newcomer, 1))[0].text
    here = (await seen(town, openid, 2))[1].text
    assert "低保" in there
    assert "低保" in here


async def test_what_can_not_be_taken_up_is_said(town: Town, openid: str) -> None:
    for number, (kind, values) in enumerate(
        [("video", {"MediaId": "m"}), ("link", {"Url": "http://x"}), ("location", {"Label": ""})], 1
    ):
        await town.wechat.send(openid, {"MsgType": kind, **values})
        assert "人工" in (await seen(town, openid, number))[-1].text or kind == "location"
    await town.wechat.say(openid, "长" * 301)
    assert "300" in (await seen(town, openid, 4))[-1].text


async def test_what_became_of_a_template_is_nothing_that_they_did(town: Town, openid: str) -> None:
    stranger = f"o{uuid4().hex}"
    await town.wechat.event(stranger, "TEMPLATESENDJOBFINISH", MsgID=1, Status="success")
    assert await town.bangban.channels.users.find(Address("wechat", town.wechat.account.appid, stranger)) is None
    await town.wechat.say(openid, "你好")
    user = await town.user(openid)
    await town.bangban.channels.users.nudged(user.id, user.heard_at, "77")
    await town.wechat.event(openid, "TEMPLATESENDJOBFINISH", MsgID=77, Status="failed:user block")
    after = await town.user(openid)
    assert (after.heard_at, after.nudge_id) == (user.heard_at, None)


async def test_events_that_ask_nothing_are_answered_with_nothing(town: Town, openid: str) -> None:
    for event in ("VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "pic_weixin", "subscribe_msg_change_event", "new_one"):
        assert await town.wechat.event(openid, event, "k") == 1
    assert town.wechat.fan(openid).seen == []


async def test_a_photo_is_fetched_by_its_id(town: Town, openid: str) -> None:
    media_id = town.wechat.add_media("image/jpeg", b"\xff\xd8\xff no real picture")
    await town.wechat.send(openid, {"MsgType": "image", "PicUrl": "http://169.254.169.254/", "MediaId": media_id})
    assert (await seen(town, openid, 1))[0].text
    await town.wechat.send(openid, {"MsgType": "image", "MediaId": "gone"})
    assert "再发一次" in (await seen(town, openid, 2))[1].text


async def test_a_recognised_voice_message_is_what_was_said(town: Town, openid: str) -> None:
    await town.wechat.send(openid, {"MsgType": "voice", "MediaId": "m", "Recognition": "低保怎么申请。"})
    assert "低保" in (await seen(town, openid, 1))[0].text


async def test_who_stops_following_is_forgotten_by_the_channel(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    await town.wechat.event(openid, "unsubscribe")
    address = Address("wechat", town.wechat.account.appid, openid)
    assert await town.bangban.channels.users.find(address) is None
    await town.wechat.event(openid, "subscribe")
    assert len(await seen(town, openid, 2)) == 2


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"without": ["encrypt_type"]}, 403),
        ({"query": {"encrypt_type": "raw"}}, 403),
        ({"query": {"msg_signature": "0" * 40}}, 403),
        ({"without": ["msg_signature"]}, 403),
        ({"query": {"timestamp": str(int(time.time()) - 400)}}, 403),
        ({"query": {"timestamp": "abc"}}, 403),
        ({"body": b"<xml></xml>"}, 403),
        ({"body": b"not xml"}, 400),
        ({"body": b'<!DOCTYPE x [<!ENTITY a "a">]><xml><Encrypt>&a;</Encrypt></xml>'}, 400),
        ({"body": b"<xml>" + b"a" * 70_000 + b"</xml>"}, 413),
    ],
)  # fmt: skip
async def test_what_is_not_the_platforms_is_refused(town: Town, changed: dict[str, Any], status: int) -> None:
    found, body = await town.post(**changed)
    assert (found, body) == (status, b"")


async def test_an_endless_body_is_not_read(town: Town) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 16 * 1024

    with pytest.raises((AssertionError, aiohttp.ClientError, ConnectionError)) as broken:
        status, _ = await town.post(body=endless())
        raise AssertionError(status)
    assert "413" in str(broken.value) or not isinstance(broken.value, AssertionError)


# --- the five seconds, and what follows -----------------------------------------------------------------------------


@asynccontextmanager
async def busy(town: Town, openid: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Their conversation has a turn that takes long; the immediate answer is given up early, to save time."""
    monkeypatch.setattr("connectors.wechat.callbacks.READY_SECONDS", 0.3)
    user = await town.user(openid)
    async with town.bangban.talk.assistant._lock.hold(user.conversation):
        yield
        monkeypatch.setattr("connectors.wechat.callbacks.READY_SECONDS", 4.0)


async def test_a_slow_turn_follows_once_although_its_message_comes_three_times(
    town: Town, openid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.wechat.say(openid, "你好")
    async with busy(town, openid, monkeypatch):
        await town.wechat.say(openid, "低保怎么申请", id=88_001, always=3)
        assert len(town.wechat.fan(openid).seen) == 1
    answer = (await seen(town, openid, 2))[1]
    assert (answer.way, "低保" in answer.text) == ("customer", True)
    await settled(town, openid, "sent")
    before = list(town.wechat.fan(openid).texts)
    assert len(set(before)) == len(before), "nothing was said twice"
    assert await town.wechat.say(openid, "低保怎么申请", id=88_001) == 1
    assert town.wechat.fan(openid).texts == before, "the same message later says nothing anew"


async def test_five_seconds_are_never_exceeded(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    town.wechat.answered.clear()
    user = await town.user(openid)
    async with town.bangban.talk.assistant._lock.hold(user.conversation):
        assert await town.wechat.say(openid, "低保怎么申请") == 1
    assert 3.9 <= town.wechat.answered[0] < 4.7
    assert town.wechat.fan(openid).typing == 1
    assert (await seen(town, openid, 2))[1].way == "customer"


async def test_what_is_too_much_at_once_is_answered_later_and_not_too_late(town: Town, openid: str) -> None:
    crowd = [f"o{uuid4().hex}" for _ in range(AT_A_TIME + 1)]
    await asyncio.gather(*(town.wechat.say(each, "你好") for each in [*crowd, openid]))
    async with AsyncExitStack() as stack:
        for each in crowd:
            conversation = (await town.user(each)).conversation
            await stack.enter_async_context(town.bangban.talk.assistant._lock.hold(conversation))
        talking = [asyncio.create_task(town.wechat.say(each, "低保怎么申请")) for each in crowd]
        while not town.line.is_long:
            await asyncio.sleep(0.01)
        town.wechat.answered.clear()
        assert await town.wechat.say(openid, "低保怎么申请", always=3) == 3
        assert max(town.wechat.answered) < 2, "put off at once, each time"
        newcomer = f"o{uuid4().hex}"
        following = asyncio.create_task(town.wechat.event(newcomer, "subscribe"))
    await asyncio.gather(*talking, following)
    await settled(town, openid, "sent")
    assert {each.way for each in town.wechat.fan(openid).seen[1:]} == {"customer"}
    assert town.wechat.fan(newcomer).seen[0].way == "passive", "a greeting is not put off"
    for each in [*crowd, openid]:
        answers = [told.text for told in await seen(town, each, 2)][1:]
        assert "低保" in answers[0]
        assert len(set(answers)) == len(answers), "everybody is answered once"


async def test_an_account_that_may_not_speak_gives_it_with_the_next_message(
    town: Town, openid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.wechat.speaks = False
    monkeypatch.setattr(town.bangban.channels.joined["wechat"], "_notices", Notices())
    await town.wechat.say(openid, "你好")
    async with busy(town, openid, monkeypatch):
        await town.wechat.say(openid, "要多久", id=88_002)
    await settled(town, openid, "held")
    await town.push(openid, "您的申请办好了。")
    await settled(town, openid, "held", "held")
    await town.wechat.say(openid, "谢谢", id=88_003, always=3)
    _, answer = await seen(town, openid, 2)
    assert answer.way == "passive"
    assert answer.text.index("您的申请办好了。") > 10
    await settled(town, openid, "sent", "sent")
    await town.wechat.say(openid, "谢谢", id=88_003)
    assert town.wechat.fan(openid).texts[-1] == answer.text, "the same message brings the same answer"


async def test_what_is_pushed_comes_by_itself_and_is_delivered(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    number = await town.push(openid, "您的申请办好了。")
    told = (await seen(town, openid, 2))[1]
    assert (told.way, told.text) == ("customer", "您的申请办好了。")
    await settled(town, openid, "sent")
    line = (await town.bangban.base.conversations.lines([number]))[number]
    assert line.delivery == "delivered"


async def test_the_budget_is_kept_and_what_is_over_it_is_told_by_a_template_then_given(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    for number in range(1, 6):
        await town.push(openid, f"第{number}件办好了。")
        await seen(town, openid, 1 + number)
    for number in (6, 7):
        await town.push(openid, f"第{number}件办好了。")
    await settled(town, openid, *["sent"] * 5, "held", "held")
    fan = town.wechat.fan(openid)
    assert [each.way for each in fan.seen[6:]] == ["template"], "told once that something waits"
    assert sum(error.code == 45047 for error in town.wechat.troubles) == 0
    await town.wechat.say(openid, "谢谢")
    answer = (await seen(town, openid, 8))[-1]
    assert answer.text.startswith("第6件办好了。\n\n第7件办好了。")


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("custom/send", status=500, times=3),
        Trouble("custom/send", code=-1, times=4),
        Trouble("custom/send", code=40001, times=1),
        Trouble("custom/send", code=42001, times=1),
    ],
    ids=["500", "-1", "40001", "42001"],
)
async def test_trouble_that_passes_delays_and_loses_nothing(
    town: Town, openid: str, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivering.FIRST", 0.05)
    await town.wechat.say(openid, "你好")
    town.wechat.troubles.append(replace(trouble))
    for text in ("办好了。", "来拿证。"):
        await town.push(openid, text)
    async with asyncio.timeout(30):
        while "来拿证" not in "".join(town.wechat.fan(openid).texts):
            await asyncio.sleep(0.01)
    said = "".join(town.wechat.fan(openid).texts[1:])
    assert said.index("办好了。") < said.index("来拿证。")
    assert (said.count("办好了。"), said.count("来拿证。")) == (1, 1)


async def test_a_count_that_is_over_there_holds_it_until_they_write(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    town.wechat.troubles.append(Trouble("custom/send", code=45047))
    await town.push(openid, "办好了。")
    await settled(town, openid, "held")
    await town.wechat.say(openid, "谢谢")
    assert (await seen(town, openid, 3))[-1].text.startswith("办好了。")


async def test_nothing_is_lost_with_redis(town: Town, openid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivering.FIRST", 0.05)
    await town.wechat.say(openid, "你好")
    town.wechat.troubles.append(Trouble("custom/send", status=503, times=1))
    await town.push(openid, "办好了。")
    await town.bangban.base.redis.flushdb()
    assert (await seen(town, openid, 2))[1].text == "办好了。"


async def test_a_long_text_comes_in_pieces_that_the_platform_takes(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "你好")
    text = "".join(f"第{number}步，去村里的便民服务站交材料，等人审核。" for number in range(1, 100))
    await town.push(openid, text)
    await settled(town, openid, "sent")
    pieces = town.wechat.fan(openid).texts[1:]
    assert len(pieces) > 1
    assert "".join(pieces) == text
    assert all(piece.endswith("。") for piece in pieces)


# --- elsewhere ------------------------------------------------------------------------------------------------------


async def test_a_chat_goes_on_on_the_page_and_comes_back(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "低保怎么申请")
    user = await town.user(openid)
    link = await town.bangban.channels.door.page_link(user.conversation)
    base = town.address.removesuffix("/channels/wechat")
    async with aiohttp.ClientSession(base) as page:
        secret = link.partition("carry=")[2]
        async with page.post("/api/v1/conversations/carried", json={"secret": secret}) as response:
            assert response.status == 201
            carried = await response.json()
        headers = {"Authorization": f"Bearer {carried['token']}"}
        path = f"/api/v1/conversations/{carried['id']}"
        async with page.get(f"{path}/messages", headers=headers) as response:
            assert "低保" in (await response.text())
        async with page.post(f"{path}/messages", headers=headers, json={"id": "p1", "text": "要带什么"}) as response:
            assert response.status == 200
        async with page.post(f"{path}/carry", headers=headers) as response:
            code = await response.json()
        async with page.post("/api/v1/conversations/carried", json={"secret": secret}) as response:
            assert (response.status, (await response.json())["type"]) == (404, "urn:bangban:problem:carry_refused")
    neighbour = f"o{uuid4().hex}"
    await town.wechat.say(neighbour, code["say"])
    assert "接上了" in (await seen(town, neighbour, 1))[0].text
    assert (await town.user(neighbour)).conversation == user.conversation
