"""Replies read aloud in WeChat and WeCom: a voice message after the text, as each platform takes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import SecretStr

from bot.app import RUNNING, Bangban, create_app
from connectors.speech.decoding import Decoder
from tests.channels.conftest import settings_of
from tests.channels.test_wechat import account_settings
from tests.channels.test_wecom import wecom_settings
from tests.fake_wechat import Account, FakeWechat, serving
from tests.fake_wechat.voices import check_voice
from tests.fake_wechat.wecom import FakeWecom, serving_wecom
from tests.pairs import EMBEDDED, fresh_pair
from tests.speech.test_decoding import tone
from tests.speech_server import KEY, RECORDINGS, SpeechServer, speech_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Town:
    """The service, both platforms, and the voice."""

    bangban: Bangban
    wechat: FakeWechat
    wecom: FakeWecom
    speech: SpeechServer

    async def holds(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not condition():
                await self.bangban.channels.worker.wake()
                await asyncio.sleep(0.02)

    def voices(self, openid: str) -> list[dict[str, Any]]:
        return [seen.details for seen in self.wechat.fan(openid).seen if seen.kind == "voice"]

    async def speak(self, openid: str, heard: str) -> None:
        """They say it aloud."""
        self.speech.hears = heard
        recording = self.wechat.add_media("audio/amr", (RECORDINGS / "voice.amr").read_bytes())
        await self.wechat.send(openid, {"MsgType": "voice", "MediaId": recording, "Format": "amr"})

    async def quiet(self, openid: str) -> None:
        """Nothing waits for them any more."""
        async with asyncio.timeout(40):
            while await self.bangban.channels.users.anybody(self.bangban.base.clock()):
                await self.bangban.channels.worker.round()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    wechat, wecom, account = FakeWechat(Account()), FakeWecom(), Account()
    async with (
        fresh_pair(EMBEDDED, tmp_path_factory.mktemp("voices")) as pair,
        serving(wechat) as wechat_api,
        serving_wecom(wecom) as wecom_api,
        speech_server() as speech,
    ):
        settings = {**account_settings(account, wechat_api), **wecom_settings(wecom_api)}
        settings |= {"speech_url": speech.url, "speech_key": SecretStr(KEY), "reading_speed": 0.9}
        settings |= {"reading_url": speech.url, "reading_key": SecretStr(KEY)}
        app = await create_app(settings_of(pair, model_dir, **settings))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        wechat.account = replace(wechat.account, callback=f"{address}/channels/wechat")
        wecom.callback = f"{address}/channels/wecom"
        yield Town(app[RUNNING], wechat, wecom, speech)
        await runner.cleanup()


@pytest.fixture
def openid() -> str:
    return f"o{uuid4().hex}"


@pytest.fixture(autouse=True)
def voice(town: Town) -> None:
    town.speech.status = 200
    town.speech.read.clear()


async def test_who_speaks_in_wechat_hears_the_answer_too(town: Town, openid: str) -> None:
    await town.speak(openid, "低保怎么申请")
    await town.holds(lambda: bool(town.voices(openid)))

    kinds = [seen.kind for seen in town.wechat.fan(openid).seen]
    assert kinds.index("text") < kinds.index("voice"), "the words first"
    _, stored = town.wechat.find_media(town.voices(openid)[0]["media_id"])
    assert check_voice(stored, ("mp3",)) <= 60
    said = town.speech.read[-1]
    assert "低保" in said["input"]
    assert not any(letter.isdigit() for letter in said["input"]), "numbers as people say them"
    assert said["speed"] == 0.9


async def test_who_types_is_not_read_to_unless_they_ask(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "高龄津贴怎么办")
    await town.quiet(openid)
    assert town.voices(openid) == []

    await town.wechat.say(openid, "念给我听")
    await town.holds(lambda: bool(town.voices(openid)))

    assert any("念给您听" in text for text in town.wechat.fan(openid).texts)
    assert "津贴" in town.speech.read[-1]["input"], "the answer before is read"


async def test_slower_where_somebody_asked_for_it(town: Town, openid: str) -> None:
    await town.speak(openid, "低保怎么申请")
    await town.holds(lambda: len(town.voices(openid)) == 1)
    await town.speak(openid, "慢一点")
    await town.holds(lambda: len(town.voices(openid)) == 2)

    assert town.speech.read[-1]["speed"] == 0.72


async def test_in_large_text_every_answer_is_read_aloud(town: Town, openid: str) -> None:
    await town.wechat.say(openid, "长辈版")
    await town.wechat.say(openid, "低保")

    await town.holds(lambda: bool(town.voices(openid)))


async def test_a_long_recording_is_cut_to_what_the_platform_takes(town: Town, openid: str) -> None:
    before, town.speech.recording = town.speech.recording, await Decoder().converted(tone(75), "mp3", longest=75)
    try:
        await town.speak(openid, "医保怎么交")
        await town.holds(lambda: bool(town.voices(openid)))
    finally:
        town.speech.recording = before

    _, stored = town.wechat.find_media(town.voices(openid)[0]["media_id"])
    assert 58 < check_voice(stored, ("mp3",)) <= 60


async def test_without_a_voice_the_words_are_there_all_the_same(town: Town, openid: str) -> None:
    town.speech.hears = "残疾证怎么办"
    await town.wechat.say(openid, "长辈版")
    town.speech.status = 500
    await town.wechat.say(openid, "残疾证怎么办")
    await town.quiet(openid)

    assert any("残疾" in text for text in town.wechat.fan(openid).texts)
    assert town.voices(openid) == []
    user = (await town.bangban.channels.users.claim("look", town.bangban.base.clock(), 1)) or []
    assert user == [], "nothing waits for a voice"


async def test_when_nothing_more_may_be_sent_the_recording_is_left_and_nobody_is_nudged(
    town: Town, openid: str
) -> None:
    await town.wechat.say(openid, "长辈版")
    await town.quiet(openid)
    voices = town.voices(openid)
    speaks, town.wechat.speaks = town.wechat.speaks, False
    try:
        await town.wechat.say(openid, "低保")
        await town.quiet(openid)
    finally:
        town.wechat.speaks = speaks

    assert any("您要办的是" in text for text in town.wechat.fan(openid).texts)
    assert town.voices(openid) == voices
    assert not any(seen.way == "template" for seen in town.wechat.fan(openid).seen)


async def test_in_wecom_it_is_amr(town: Town) -> None:
    await town.wecom.say("wmVoice", "低保怎么申请")
    await town.holds(lambda: bool(town.wecom.guest("wmVoice").seen))
    await town.wecom.say("wmVoice", "念给我听")

    await town.holds(lambda: any(each["kind"] == "voice" for each in town.wecom.guest("wmVoice").seen))
    sent = next(each for each in town.wecom.guest("wmVoice").seen if each["kind"] == "voice")
    _, stored = town.wecom.file(sent["media_id"])
    assert check_voice(stored, ("amr",)) <= 60
