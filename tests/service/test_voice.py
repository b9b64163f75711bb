"""Voice messages over HTTP: real recordings, a stand-in for the recogniser, the real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bot.app import RUNNING, create_app
from bot.settings import Settings
from tests.service.conftest import Resident, arrive, texts
from tests.service.test_contract import holds
from tests.speech_server import KEY, RECORDINGS, SpeechServer, speech_server


@dataclass
class Speaker(Resident):
    """A resident who speaks. The recogniser hears what the test says."""

    server: SpeechServer | None = None

    async def speak(self, words: str = "", file: str = "voice.amr", id: str = "", content: bytes = b"") -> Any:
        if self.server and words:
            self.server.hears = words
        form = aiohttp.FormData()
        form.add_field("id", id or str(uuid4()))
        form.add_field("file", content or (RECORDINGS / file).read_bytes(), filename=file, content_type="audio/amr")
        async with self.client.post(self.path, headers=self.headers, data=form) as response:
            assert response.status == 200, await response.text()
            answer = await response.json()
        holds("Answer", answer)
        return answer


pytestmark = pytest.mark.asyncio(loop_scope="module")

Client = TestClient[Any, Any]


@asynccontextmanager
async def service(model_dir: Path, folder: Path, **more: Any) -> AsyncIterator[Client]:
    (folder / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    async with TestClient(TestServer(await create_app(Settings(data_dir=folder, papers=False, **more)))) as talking:
        yield talking


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def server(standing: SpeechServer) -> SpeechServer:
    """The one server, as good as new."""
    standing.asked.clear()
    standing.read.clear()
    standing.hears, standing.segments, standing.status, standing.body = "我要修房子", None, 200, None
    return standing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def able(
    standing: SpeechServer, model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    """A service that has a recogniser and a voice."""
    speech = {"speech_url": standing.url, "speech_key": KEY, "reading_url": standing.url, "reading_key": KEY}
    async with service(model_dir, tmp_path_factory.mktemp("able"), **speech) as talking:
        yield talking


@pytest_asyncio.fixture(loop_scope="module")
async def unwell(server: SpeechServer, model_dir: Path, tmp_path: Path) -> AsyncIterator[Speaker]:
    """Someone at a service of its own, whose recogniser and voice will fail."""
    speech = {"speech_url": server.url, "speech_key": KEY, "reading_url": server.url, "reading_key": KEY}
    async with service(model_dir, tmp_path, speech_timeout=2, **speech) as talking:
        yield await speaking(talking, server)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unable(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A service without either."""
    async with service(model_dir, tmp_path_factory.mktemp("unable")) as talking:
        yield talking


async def speaking(client: Client, server: SpeechServer | None = None) -> Speaker:
    arrived = await arrive(client)
    return Speaker(client, arrived.id, arrived.token, arrived.greeting, server)


@pytest_asyncio.fixture(loop_scope="module")
async def speaker(able: Client, server: SpeechServer) -> Speaker:
    """Someone who speaks and listens."""
    return await speaking(able, server)


@pytest_asyncio.fixture(loop_scope="module")
async def deaf(unable: Client) -> Speaker:
    """Someone at a service without a recogniser and a voice."""
    return await speaking(unable)


async def test_what_is_spoken_is_said_back_and_answered_and_kept_as_spoken(speaker: Speaker) -> None:
    answer = await speaker.speak("我要修房子。")
    heard, asked = answer["replies"][0], answer["replies"][-1]
    assert heard["text"] == "我听到的是：“我要修房子”。不对就说“听错了”。"
    assert heard["choices"] == [{"id": "misheard", "label": "听错了"}]
    assert heard["data"] == {"heard": "我要修房子"}
    assert "危房" in asked["text"] and asked["choices"]
    lines = await speaker.transcript()
    assert [line["text"] for line in lines if line["from"] == "resident"] == ["[语音] 我要修房子。"]


@pytest.mark.parametrize("file", sorted(each.name for each in RECORDINGS.iterdir()))
async def test_a_recording_of_every_kind_is_understood(speaker: Speaker, file: str) -> None:
    assert "低保" in texts(await speaker.speak("低保怎么申请", file))
    assert speaker.server and speaker.server.asked[-1]["wav"].startswith(b"RIFF")


async def test_the_numbers_of_the_question_stay_its_own(speaker: Speaker) -> None:
    """2 means the second choice of the question, and not of what stands around the hearing."""
    asked = await speaker.speak("我要修房子")
    second = asked["replies"][-1]["choices"][1]["label"].partition("：")[0]
    assert second in texts(await speaker.speak("第二个"))


async def test_the_same_recording_again_is_the_same_answer_and_is_recognised_once(speaker: Speaker) -> None:
    first = await speaker.speak("我要修房子", id="m1")
    again = await speaker.speak("低保", id="m1")
    assert again == first
    assert speaker.server and len(speaker.server.asked) == 1


async def test_misheard_words_have_no_effect_and_the_question_stands_again(speaker: Speaker) -> None:
    await speaker.say("我要修房子")
    await speaker.speak("低保怎么申请")
    taken_back = await speaker.choose("misheard")
    assert taken_back["replies"][0]["text"].startswith("对不起，没听准，刚才那句不算。")
    assert any("危房" in choice["label"] for choice in taken_back["replies"][1]["choices"])
    assert "危房" in texts(await speaker.say("2"))  # still the choices of 修房子
    said = [line["text"] for line in await speaker.transcript() if line["from"] == "resident"]
    assert said[2] == "听错了"


async def test_it_is_said_in_words_and_by_voice_too(speaker: Speaker) -> None:
    await speaker.speak("低保怎么申请")
    assert "不算" in texts(await speaker.speak("你听错了。"))
    await speaker.speak("低保怎么申请")
    second = await speaker.say("听错了")
    assert "不算" in texts(second)


async def test_after_two_mishearings_a_person_is_offered(speaker: Speaker) -> None:
    await speaker.speak("低保怎么申请")
    assert "人工" not in texts(await speaker.choose("misheard"))
    await speaker.speak("低保怎么申请")
    again = await speaker.choose("misheard")
    assert "人工" in texts(again)
    assert again["replies"][0]["choices"][0]["id"] == "ask_person"


async def test_a_late_tap_on_misheard_undoes_nothing(speaker: Speaker) -> None:
    await speaker.speak("低保怎么申请")
    await speaker.say("要带什么")
    assert "已经过去了" in texts(await speaker.choose("misheard"))
    assert "最低生活保障" in texts(await speaker.say("能领多少钱"))


async def test_a_field_that_was_misheard_is_asked_again_and_its_value_is_gone(speaker: Speaker) -> None:
    await speaker.say("我要申请高龄津贴")
    await speaker.say("帮我填表")
    asked = await speaker.say("不同意，我自己填")
    question = asked["replies"][-1]["text"]
    applications = speaker.client.server.app[RUNNING].services.applications
    before = await applications.latest(speaker.id)
    answered = await speaker.speak("李建国")
    assert (await applications.latest(speaker.id)).values != before.values
    assert question not in texts(answered)
    taken_back = await speaker.choose("misheard")
    assert taken_back["replies"][-1]["text"] == question
    after = await applications.latest(speaker.id)
    assert (after.values, after.notes, after.step) == (before.values, before.notes, before.step)
    assert question not in texts(await speaker.say("王秀英"))
    assert "王秀英" in str((await applications.latest(speaker.id)).values)


async def test_words_in_doubt_are_asked_back_before_anything_is_done(speaker: Speaker) -> None:
    assert speaker.server
    speaker.server.segments = [{"avg_logprob": -1.6}]
    asked = await speaker.speak("低保怎么申请")
    assert texts(asked) == "我听到的是：“低保怎么申请”。对吗？\n1. 对\n2. 听错了"
    assert "低保" in texts(await speaker.say("1"))
    await speaker.speak("高龄津贴")
    assert "不算" in texts(await speaker.choose("misheard"))
    await speaker.speak("高龄津贴")
    speaker.server.segments = None
    assert "残疾" in texts(await speaker.speak("残疾证怎么办"))  # said anew instead of 对


async def test_a_person_and_danger_are_never_asked_back(speaker: Speaker) -> None:
    assert speaker.server
    speaker.server.segments = [{"avg_logprob": -1.6}]
    assert "119" in texts(await speaker.speak("屋里起火了"))
    assert "对吗" not in texts(await speaker.speak("转人工"))


async def test_what_sounds_alike_is_understood_all_the_same(speaker: Speaker) -> None:
    """Errors of recognisers: the words' sounds are right, their characters are not."""
    for heard, meant in (
        ("我要休房子", "宅基地"),
        ("高零津贴", "高龄津贴"),
        ("地保怎么申请", "低保"),
        ("转人公", "人"),
    ):
        assert meant in texts(await speaker.speak(heard)), heard


async def test_an_identity_number_that_is_heard_is_shown_masked(speaker: Speaker) -> None:
    answer = await speaker.speak("我的身份证是430423194811020033")
    assert "430423194811020033" not in str(answer)
    assert "430423194811020033" not in str(await speaker.transcript())


async def test_the_choices_on_the_screen_are_the_first_hot_words(speaker: Speaker) -> None:
    await speaker.say("我要修房子")
    await speaker.speak("第一个")
    assert speaker.server
    told = speaker.server.asked[-1]["prompt"].split("、")
    assert any("危房" in word for word in told[:4])
    assert len(told) > 10


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "格式"),
        (b"#!AMR\n" + b"\xff" * 400, "坏了"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "坏了"),
    ],
)
async def test_what_can_not_be_played_is_told_with_a_way_on(speaker: Speaker, content: bytes, words: str) -> None:
    answer = await speaker.speak(content=content)
    assert words in texts(answer) and "打字" in texts(answer) and "人工" in texts(answer)
    assert answer["replies"][0]["choices"] == [{"id": "ask_person", "label": "找工作人员"}]
    assert "低保" in texts(await speaker.say("低保怎么申请"))


async def test_a_recogniser_that_is_down_slow_or_talks_nonsense_is_told_and_the_talk_goes_on(unwell: Speaker) -> None:
    assert unwell.server
    unwell.server.status = 500
    assert "连不上" in texts(await unwell.speak())
    unwell.server.status, unwell.server.body = 200, b"nonsense"
    assert "连不上" in texts(await unwell.speak())
    unwell.server.body = None
    unwell.server.gate.clear()
    assert "连不上" in texts(await unwell.speak())
    unwell.server.gate.set()
    assert "低保" in texts(await unwell.say("低保怎么申请"))


async def test_nothing_said_is_told(speaker: Speaker) -> None:
    assert speaker.server
    speaker.server.hears = "。"
    assert "没听清" in texts(await speaker.speak())


async def test_without_a_recogniser_it_is_said_kindly_once_and_then_shortly(deaf: Speaker) -> None:
    first = texts(await deaf.speak())
    assert first.startswith("对不起，语音我现在还听不了。") and "打几个字" in first and "人工" in first
    await deaf.say("低保怎么申请")
    assert texts(await deaf.speak()) == "语音还是听不了。请打字，或者回“人工”。"


async def test_the_recording_is_kept_for_nobody_but_the_person_who_has_the_chat(speaker: Speaker) -> None:
    database = speaker.client.server.app[RUNNING].base.database
    await speaker.speak("我要修房子")
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM stored_file")) == 0


async def test_figures_tell_what_became_of_recordings(speaker: Speaker) -> None:
    await speaker.speak("我要修房子")
    await speaker.speak(content=b"%PDF-1.7")
    await read_aloud(speaker, speaker.greeting[0]["id"])
    async with speaker.client.get("/metrics") as response:
        figures = await response.text()
    assert 'bangban_voices_total{what="heard"}' in figures
    assert 'bangban_voices_total{what="kind_unknown"}' in figures
    assert 'bangban_read_aloud_total{what="' in figures


async def read_aloud(resident: Resident, reply: str, more: str = "") -> tuple[int, bytes]:
    path = f"/api/v1/conversations/{resident.id}/speech/{reply}{more}"
    async with resident.client.get(path, headers=resident.headers) as response:
        return response.status, await response.read()


async def test_a_reply_is_read_aloud_in_its_spoken_form(speaker: Speaker) -> None:
    answer = await speaker.say("我要修房子")
    status, made = await read_aloud(speaker, answer["replies"][-1]["id"])
    assert speaker.server
    assert (status, made) == (200, speaker.server.recording)
    (asked,) = speaker.server.read
    assert asked["speed"] == 0.9
    assert "可以选" in asked["input"] and not any(letter.isdigit() for letter in asked["input"])


async def test_after_slower_it_is_read_slower(speaker: Speaker) -> None:
    answer = await speaker.say("低保怎么申请")
    await speaker.say("慢一点")
    status, words = await read_aloud(speaker, answer["replies"][0]["id"], "/words")
    assert status == 200
    assert b'"speed":0.72' in words


async def test_what_two_residents_are_read_is_made_once(speaker: Speaker) -> None:
    for _ in range(3):
        each = await arrive(speaker.client)
        answer = await each.say("残疾证怎么办")
        assert (await read_aloud(each, answer["replies"][-1]["id"]))[0] == 200
    assert speaker.server and len(speaker.server.read) == 2


async def test_a_voice_that_fails_is_told_and_without_one_too(unwell: Speaker, deaf: Speaker) -> None:
    assert unwell.server
    unwell.server.status = 500
    for each in (unwell, deaf):
        answer = await each.say("低保怎么申请")
        status, body = await read_aloud(each, answer["replies"][0]["id"])
        assert (status, "看屏幕" in body.decode()) == (503, True)


async def test_only_who_has_the_token_is_read_their_replies(speaker: Speaker) -> None:
    other = await arrive(speaker.client)
    for reply in (speaker.greeting[0]["id"], "999999", "0", "x", "9" * 30):
        assert (await read_aloud(other, reply))[0] == 404
    other.token = speaker.token
    assert (await read_aloud(other, speaker.greeting[0]["id"]))[0] == 401


async def test_what_is_offered_is_told(speaker: Speaker, deaf: Speaker) -> None:
    for each, able in ((speaker, (True, True)), (deaf, (False, False))):
        async with each.client.get("/api/v1/speech") as response:
            told = await response.json()
        assert (told["hears"], told["reads"], told["seconds"]) == (*able, 60)
