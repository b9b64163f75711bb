"""Reading aloud: what the address is asked, what is kept and what never is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.reading_aloud import is_personal
from connectors.message import Choice, Reply
from connectors.speech.kept import KeptRecordings, key_of
from connectors.speech.reading import SpeechReader
from connectors.speech.service import SpeechUnavailable
from tests.speech_server import KEY, SpeechServer, speech_server


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


@pytest.fixture
async def reader(server: SpeechServer) -> AsyncIterator[SpeechReader]:
    asked = SpeechReader(server.url, "cosyvoice", "xiaoxiao", KEY, seconds=2)
    yield asked
    await asked.aclose()


async def test_words_become_a_recording(server: SpeechServer, reader: SpeechReader) -> None:
    assert await reader.read("您好。", 0.9) == server.recording
    assert server.read == [
        {"model": "cosyvoice", "voice": "xiaoxiao", "input": "您好。", "response_format": "mp3", "speed": 0.9}
    ]


@pytest.mark.parametrize("body", [b"", b'{"error": "quota"}', b"<html>"])
async def test_what_is_no_recording_is_refused(server: SpeechServer, reader: SpeechReader, body: bytes) -> None:
    server.body = body
    with pytest.raises(SpeechUnavailable):
        await reader.read("您好。", 1)


@pytest.mark.parametrize("status", [401, 404, 422, 500])
async def test_an_address_that_refuses_is_unavailable(server: SpeechServer, reader: SpeechReader, status: int) -> None:
    server.status = status
    with pytest.raises(SpeechUnavailable) as failed:
        await reader.read("您好。", 1)
    assert str(failed.value) == f"down: it answers {status}"


async def test_only_what_two_conversations_were_read_is_kept(tmp_path: Path) -> None:
    kept, key = KeptRecordings(tmp_path), key_of("v", 0.9, "您好。")
    await kept.put(key, "one", b"mp3")
    await kept.put(key, "one", b"mp3")
    assert await kept.get(key) is None
    await kept.put(key, "other", b"mp3")
    assert await kept.get(key) == b"mp3"
    assert await KeptRecordings(tmp_path).get(key) == b"mp3"
    assert [file.name for file in tmp_path.iterdir()] == [f"{key}.mp3"]


async def test_what_is_for_everybody_is_kept_at_once(tmp_path: Path) -> None:
    kept, key = KeptRecordings(tmp_path), key_of("v", 0.9, "请A 零零一号到二号窗口。")
    await kept.put(key, None, b"mp3")
    assert await kept.get(key) == b"mp3"


async def test_the_folder_stays_small_and_the_oldest_go_first(tmp_path: Path) -> None:
    import os

    kept = KeptRecordings(tmp_path, most=250)
    keys = [key_of("v", 1, str(number)) for number in range(4)]
    for age, key in enumerate(keys):
        for who in ("one", "other"):
            await kept.put(key, who, bytes(100))
        if (tmp_path / f"{key}.mp3").exists():
            os.utime(tmp_path / f"{key}.mp3", (1000 + age, 1000 + age))
    assert [await kept.get(key) is not None for key in keys] == [False, False, True, True]


def test_another_voice_or_speed_is_another_recording() -> None:
    assert len({key_of("a", 1, "x"), key_of("b", 1, "x"), key_of("a", 0.9, "x"), key_of("a", 1, "y")}) == 4


@pytest.mark.parametrize(
    ("reply", "personal"),
    [
        (Reply("要带身份证。"), False),
        (Reply("您要办哪一件？", "choices", (Choice("a", "低保"),)), False),
        (Reply("打0734-1234567问。"), False),
        (Reply("电话是13800138000，对吗？"), True),
        (Reply("请核对。", "form", data={"values": [1]}), True),
        (Reply("请看看。", "text", data={"values": [{"label": "姓名"}]}), True),
        (Reply("表填好了", "file", data={"file": {}}), True),
        (Reply("我听到的是：“修房子”。", data={"heard": "修房子"}), True),
    ],
)
def test_what_tells_of_a_resident_is_known(reply: Reply, personal: bool) -> None:
    assert is_personal(reply.as_dict()) is personal
