"""One conversation over three channels: begun in WeChat by voice, gone on with on the page, ended with a person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import SecretStr

import knowledge.working_days
from bot.app import RUNNING, Bangban, create_app
from bot.clock import now
from connectors.message import Reply
from knowledge.channel_users import Address
from tests.channels.conftest import settings_of
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account, FakeWechat, serving
from tests.fake_wechat.wecom import ACCOUNT, FakeWecom, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair
from tests.speech_server import KEY, RECORDINGS, SpeechServer, speech_server

VILLAGE = "O-430423101218"
ALWAYS = {"mon-sun": ["00:00-24:00"]}
WECHAT, WECOM = "oLiYuLan", "wmLiYuLan"


@dataclass
class Town:
    """The service, both platforms and the recogniser."""

    bangban: Bangban
    wechat: FakeWechat
    wecom: FakeWecom
    speech: SpeechServer
    page: aiohttp.ClientSession

    async def holds(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)

    async def conversation(self, address: Address) -> str:
        user = await self.bangban.channels.users.find(address)
        assert user is not None
        return user.conversation


@pytest_asyncio.fixture
async def town(model_dir: Path, tmp_path: Path) -> AsyncIterator[Town]:
    wechat, wecom, account = FakeWechat(Account()), FakeWecom(), Account()
    async with (
        fresh_pair(EMBEDDED, tmp_path) as pair,
        serving(wechat) as wechat_api,
        serving_wecom(wecom) as wecom_api,
        speech_server() as speech,
    ):
        settings = {**account_settings(account, wechat_api), **wecom_settings(wecom_api)}
        settings |= {"speech_url": speech.url, "speech_key": SecretStr(KEY)}
        app = await create_app(settings_of(pair, model_dir, **settings))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        wechat.account = replace(wechat.account, callback=f"{address}/channels/wechat")
        wecom.callback = f"{address}/channels/wecom"
        async with aiohttp.ClientSession(address) as page:
            yield Town(app[RUNNING], wechat, wecom, speech, page)
        await runner.cleanup()


async def test_begun_by_voice_in_wechat_gone_on_with_on_the_page_ended_in_wecom_with_a_person(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knowledge.working_days, "is_public_holiday", lambda day: False)
    agent = await _agent(town.bangban)

    # WeChat: she speaks
    town.speech.hears = "屋里老人满八十了高龄津贴怎么办"
    recording = town.wechat.add_media("audio/amr", (RECORDINGS / "voice.amr").read_bytes())
    await town.wechat.send(WECHAT, {"MsgType": "voice", "MediaId": recording, "Format": "amr"})
    await town.holds(lambda: any("高龄津贴" in text for text in town.wechat.fan(WECHAT).texts))
    conversation = await town.conversation(Address("wechat", town.wechat.account.appid, WECHAT))
    assert len(town.speech.asked) == 1

    # the page: her son opens the link and asks on; the assistant knows what it is about
    link = await town.bangban.channels.door.page_link(conversation)
    opened = await _post(town.page, "/api/v1/conversations/carried", {"secret": link.partition("carry=")[2]})
    assert opened["id"] == conversation
    asked = await _say(town.page, opened, "要带什么材料")
    assert "身份证" in " ".join(reply["text"] for reply in asked["replies"])
    code = await _post(town.page, f"/api/v1/conversations/{conversation}/carry", None, opened["token"])

    # WeCom: it goes on there, and a person is wanted
    await town.wecom.say(WECOM, code["say"])
    await town.holds(lambda: bool(town.wecom.guest(WECOM).seen))
    assert await town.conversation(Address("wecom", ACCOUNT, WECOM)) == conversation
    await town.wecom.say(WECOM, "找个活人")
    await town.holds(lambda: any("排" in text for text in town.wecom.guest(WECOM).texts))
    handoff = await town.bangban.people.handoffs.open_in(conversation)
    assert handoff is not None

    # the person answers in the very chat that the voice message began
    chat = await town.bangban.people.relay.take(handoff.id, agent)
    said = "奶奶您好，津贴的表我帮您填好了。"
    await town.bangban.people.relay.say(chat.id, agent, str(uuid4()), Reply(said))
    await town.holds(lambda: any(said in text for text in town.wecom.guest(WECOM).texts))
    assert not any(said in text for text in town.wechat.fan(WECHAT).texts), "said where she is, not where she was"
    await town.bangban.people.relay.end(chat.id, agent, "solved", "填好了高龄津贴的表")
    await town.wecom.say(WECOM, "低保怎么申请")
    await town.holds(lambda: any("低保" in text for text in town.wecom.guest(WECOM).texts))
    lines = await town.bangban.base.conversations.transcript(conversation)
    heard = [line.text for line in lines if line.sender == "resident"]
    assert "高龄津贴" in heard[0]
    assert "要带什么材料" in heard


async def _agent(bangban: Bangban) -> int:
    name = str(uuid4())
    await bangban.base.accounts.add(name, "agent", "long enough a password")
    staff = next(each.id for each in await bangban.base.accounts.listed() if each.name == name)
    await bangban.people.agents.make(staff, VILLAGE, capacity=20, hours=ALWAYS)
    await bangban.people.agents.set_duty(staff, True, now())
    return staff


async def _say(page: aiohttp.ClientSession, key: dict[str, Any], text: str) -> dict[str, Any]:
    path = f"/api/v1/conversations/{key['id']}/messages"
    return await _post(page, path, {"id": str(uuid4()), "text": text}, key["token"])


async def _post(page: aiohttp.ClientSession, path: str, body: Any, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with page.post(path, json=body, headers=headers) as response:
        assert response.status in (200, 201), await response.text()
        answer: dict[str, Any] = await response.json()
        return answer
