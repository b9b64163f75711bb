"""The recogniser's address: what it is asked, what it may answer, and what comes of an address that is ill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.speech.recognition import HOT_CHARACTERS, SpeechRecogniser, hint, plain_words
from connectors.speech.service import Heard, SpeechUnavailable, VoiceRefused
from tests.speech_server import KEY, RECORDINGS, SpeechServer, speech_server

WAV = (RECORDINGS / "voice.wav").read_bytes()


@pytest.fixture
async def server() -> AsyncIterator[SpeechServer]:
    async with speech_server() as running:
        yield running


@pytest.fixture
async def recogniser(server: SpeechServer) -> AsyncIterator[SpeechRecogniser]:
    asked = SpeechRecogniser(server.url, "sensevoice", KEY, seconds=2, pause=0.2)
    yield asked
    await asked.aclose()


async def why(recogniser: SpeechRecogniser) -> str:
    with pytest.raises(SpeechUnavailable) as failed:
        await recogniser.recognise(WAV)
    return str(failed.value)


async def test_the_words_are_heard_and_the_hot_words_told(server: SpeechServer, recogniser: SpeechRecogniser) -> None:
    assert await recogniser.recognise(WAV, ["低保", "危房改造", "低保"]) == Heard("我要修房子")
    (asked,) = server.asked
    assert asked["wav"] == WAV
    assert (asked["model"], asked["language"]) == ("sensevoice", "zh")
    assert asked["prompt"] == asked["hotwords"] == "低保、危房改造"


async def test_a_server_that_knows_no_verbose_json_is_asked_for_plain_json_from_then_on(
    server: SpeechServer, recogniser: SpeechRecogniser
) -> None:
    server.verbose = False
    assert (await recogniser.recognise(WAV)).text == "我要修房子"
    assert (await recogniser.recognise(WAV)).text == "我要修房子"
    assert [asked["response_format"] for asked in server.asked] == ["verbose_json", "json", "json"]


async def test_what_the_recogniser_doubts_is_known(server: SpeechServer, recogniser: SpeechRecogniser) -> None:
    server.segments = [{"avg_logprob": -0.2, "no_speech_prob": 0.1}, {"avg_logprob": -1.4, "no_speech_prob": 0.1}]
    assert not (await recogniser.recognise(WAV)).sure
    server.segments = [{"avg_logprob": -0.3, "no_speech_prob": 0.9}]
    assert (await recogniser.recognise(WAV)).sure


@pytest.mark.parametrize("said", ["", "  ", "。", "🎼", "<|zh|><|EMO_UNKNOWN|><|Speech|><|woitn|>"])
async def test_nothing_said_is_named(server: SpeechServer, recogniser: SpeechRecogniser, said: str) -> None:
    server.hears = said
    with pytest.raises(VoiceRefused) as refused:
        await recogniser.recognise(WAV)
    assert refused.value.reason == "nothing_said"


async def test_what_whisper_invents_over_noise_is_nothing(server: SpeechServer, recogniser: SpeechRecogniser) -> None:
    server.hears, server.segments = "请不吝点赞 订阅 转发", [{"avg_logprob": -1.2, "no_speech_prob": 0.8}]
    with pytest.raises(VoiceRefused):
        await recogniser.recognise(WAV)


def test_what_sensevoice_adds_is_taken_off() -> None:
    assert plain_words("<|zh|><|HAPPY|><|Speech|><|withitn|>我要修房子。😊") == "我要修房子。"
    assert len(plain_words("好" * 900)) == 300


def test_hot_words_stay_within_what_is_read() -> None:
    assert len(hint([f"事项{number}" for number in range(500)])) <= HOT_CHARACTERS


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 302])
async def test_an_address_that_refuses_is_unavailable(
    server: SpeechServer, recogniser: SpeechRecogniser, status: int
) -> None:
    server.status = status
    assert await why(recogniser) == f"down: it answers {status}"


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"words": "secret"}', b'{"text": 5}', b'{"text": null}'])
async def test_an_answer_that_is_none_is_unavailable_and_not_repeated(
    server: SpeechServer, recogniser: SpeechRecogniser, body: bytes
) -> None:
    server.body = body
    assert await why(recogniser) == "down: its answer has no `text`"


async def test_a_wrong_key_is_told_by_its_number_and_never_said(server: SpeechServer) -> None:
    asked = SpeechRecogniser(server.url, "m", "sk-wrong")
    assert await why(asked) == "down: it answers 401"
    await asked.aclose()


async def test_a_slow_address_is_given_up(server: SpeechServer) -> None:
    server.gate.clear()
    asked = SpeechRecogniser(server.url, "m", KEY, seconds=0.1)
    assert await why(asked) == "down: no answer within 0.1 s"
    server.gate.set()
    await asked.aclose()


async def test_an_address_that_failed_is_left_alone_and_asked_again_later(
    server: SpeechServer, recogniser: SpeechRecogniser
) -> None:
    server.status = 500
    for _ in range(3):
        await why(recogniser)
    server.status = 200
    assert "is asked again in" in await why(recogniser)
    assert len(server.asked) == 3
    async with asyncio.timeout(5):
        while True:
            try:
                assert (await recogniser.recognise(WAV)).text == "我要修房子"
                break
            except SpeechUnavailable:
                await asyncio.sleep(0.02)


async def test_no_address_is_no_error_of_anybodys() -> None:
    asked = SpeechRecogniser("", "m")
    assert not asked.is_set
    assert await why(asked) == "not_set"


async def test_nobody_listens_there() -> None:
    asked = SpeechRecogniser("http://127.0.0.1:9/v1", "m", seconds=2)
    assert "no connection" in await why(asked)
    await asked.aclose()
