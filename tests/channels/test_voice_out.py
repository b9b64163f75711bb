"""Replies read aloud in WeChat and WeCom: a voice message after the text, as each platform takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio

from connectors.speech.decoding import Decoder
from knowledge.ticket import Taking
from tests.channels.speaking import Town, speaking_town
from tests.fake_wechat.voices import check_voice
from tests.speech.test_decoding import tone

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with speaking_town(model_dir, tmp_path_factory.mktemp("voices")) as made:
        yield made


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


async def test_a_screen_without_a_voice_is_given_a_recording_of_the_call_made_once(town: Town) -> None:
    base, tickets = town.bangban.base, town.bangban.services.tickets
    office = next(each for each in await base.catalogue.offices() if each.windows)
    rules, now = town.bangban.services.ticket_rules(office.region), base.clock()
    await tickets.take(office, Taking(), rules, timedelta(), now)
    called = await tickets.call_next(office, office.windows[0].name, None, rules, None, now)
    assert called
    screen = f"{town.address}/hall/{office.code}/calls"

    async with aiohttp.ClientSession() as hall:
        async with hall.get(screen) as response:
            shown = await response.json()
        assert shown["reads"] is True
        for _ in range(2):
            async with hall.get(f"{screen}/{shown['calls'][0]['id']}") as response:
                assert (response.status, response.content_type) == (200, "audio/mpeg")
                assert await response.read() == town.speech.recording

    assert [each["input"] for each in town.speech.read] == [shown["calls"][0]["words"]]
