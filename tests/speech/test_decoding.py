"""Recordings of every kind become 16 kHz WAV; what is none is refused, and named."""

from __future__ import annotations

import asyncio
import io
import os
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.speech import decoding
from connectors.speech.decoding import RATE, Decoder, as_wav
from connectors.speech.kinds import kind_of
from connectors.speech.service import SpeechUnavailable, VoiceRefused
from tests.speech_server import RECORDINGS

FILES = sorted(file.name for file in RECORDINGS.iterdir())
KINDS = {
    "voice.aac": "aac",
    "voice.amr": "amr",
    "voice_wide.amr": "amr",
    "voice.m4a": "mov",
    "voice.mp3": "mp3",
    "voice.ogg": "ogg",
    "voice.silk": "silk",
    "voice.spx": "ogg",
    "voice.wav": "wav",
    "voice.webm": "matroska",
}


def tone(seconds: float, loudness: float = 3000.0) -> bytes:
    at = np.arange(int(seconds * RATE)) / RATE
    return as_wav((np.sin(at * 440 * 2 * np.pi) * loudness).astype("<i2").tobytes())


async def refusal(content: bytes) -> str:
    with pytest.raises(VoiceRefused) as refused:
        await Decoder().decode(content)
    return refused.value.reason


def test_there_is_a_recording_of_every_kind() -> None:
    assert set(FILES) == set(KINDS)


@pytest.mark.parametrize("name", FILES)
async def test_a_recording_of_every_kind_is_decoded(name: str) -> None:
    content = (RECORDINGS / name).read_bytes()
    recording = await Decoder().decode(content)
    assert kind_of(content) == KINDS[name]
    assert 2.3 < recording.seconds < 2.6
    with wave.open(io.BytesIO(recording.wav)) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth()) == (RATE, 1, 2)
        assert read.getnframes() == round(recording.seconds * RATE)


@pytest.mark.parametrize("name", FILES)
async def test_all_say_the_same(name: str) -> None:
    """The loudness over time of each agrees with that of the plain one."""

    async def course(file: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        wav = (await Decoder().decode((RECORDINGS / file).read_bytes())).wav
        samples = np.frombuffer(wav[44:], "<i2").astype(float)[: RATE * 2]
        return np.sqrt((samples.reshape(-1, RATE // 50) ** 2).mean(axis=1))

    plain, other = await course("voice.wav"), await course(name)
    assert max(np.corrcoef(plain, np.roll(other, by))[0, 1] for by in range(-10, 11)) > 0.8


async def test_a_recording_that_is_called_something_else_is_what_it_is() -> None:
    """Nothing looks at the name or the media type: a WAV in an AMR's clothes is decoded as WAV."""
    assert (await Decoder().decode((RECORDINGS / "voice.wav").read_bytes())).seconds > 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 not a recording", "kind_unknown"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 500, "kind_unknown"),
        (b"<html>errcode</html>", "kind_unknown"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret", "kind_unknown"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "kind_unknown"),
        (b"#!AMR\n" + b"\xff" * 400, "damaged"),
        (b"OggS" + b"\x07" * 4000, "damaged"),
        (b"\x02#!SILK_V3" + b"\x01" * 5, "damaged"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged"),
        (tone(0.1), "too_short"),
        (tone(61), "too_long"),
        (tone(5, loudness=30), "silent"),
        (as_wav(bytes(RATE * 2 * 3)), "silent"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
async def test_what_can_not_be_heard_is_named(content: bytes, reason: str) -> None:
    assert await refusal(content) == reason


async def test_a_minute_is_heard_and_a_telephones_slowness_forgiven() -> None:
    assert round((await Decoder().decode(tone(60.3))).seconds, 1) == 60.3


async def test_half_a_recording_is_heard_as_far_as_it_goes() -> None:
    """The line broke off: what came is understood, or refused by name."""
    whole = (RECORDINGS / "voice.amr").read_bytes()
    assert 1 < (await Decoder().decode(whole[: len(whole) // 2])).seconds < 1.5


async def test_a_recording_without_its_table_is_refused() -> None:
    """An M4A whose end, where the table is, never came."""
    assert await refusal((RECORDINGS / "voice.m4a").read_bytes()[:9000]) == "damaged"


async def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await Decoder().decode((RECORDINGS / "voice.webm").read_bytes())
    assert await refusal(b"OggS" + b"\x07" * 400) == "damaged"
    assert list(tmp_path.iterdir()) == []


async def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "pid"
    hanging = tmp_path / "ffmpeg"
    os.mkfifo(told)
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(decoding, "ffmpeg", lambda: str(hanging))
    with pytest.raises(VoiceRefused):
        await asyncio.wait_for(Decoder(seconds=0.3).decode(tone(1)), 10)


async def test_a_decoder_may_not_write_nor_take_all_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    greedy = tmp_path / "ffmpeg"
    greedy.write_text(f"#!/bin/sh\necho stolen > {tmp_path}/written\nulimit -v\nulimit -f\n")
    greedy.chmod(0o755)
    monkeypatch.setattr(decoding, "ffmpeg", lambda: str(greedy))
    made = await Decoder()._output([str(greedy)])
    written = tmp_path / "written"
    assert not written.exists() or written.stat().st_size == 0
    assert made.split()[-2:] == [str(decoding.MEGABYTES << 10).encode(), b"0"] or made == b""


async def test_without_ffmpeg_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "ffmpeg", lambda: None)
    with pytest.raises(SpeechUnavailable) as missing:
        await Decoder().decode(tone(1))
    assert missing.value.reason == "not_installed"


async def test_the_wheels_ffmpeg_serves_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("imageio_ffmpeg")
    monkeypatch.setattr("shutil.which", lambda _: None)
    decoding.ffmpeg.cache_clear()
    try:
        assert "imageio_ffmpeg" in str(decoding.ffmpeg())
        for name in FILES:
            assert 2.3 < (await Decoder().decode((RECORDINGS / name).read_bytes())).seconds < 2.6, name
    finally:
        decoding.ffmpeg.cache_clear()


async def test_a_recording_becomes_an_mp3_for_wechat() -> None:
    made = await Decoder().converted(tone(3), "mp3", longest=2)
    assert kind_of(made) == "mp3"
    assert 1.9 < (await Decoder().decode(made)).seconds < 2.2


async def test_a_recording_becomes_an_amr_for_wecom_and_is_cut_at_its_limit() -> None:
    made = await Decoder().converted(tone(3), "amr", longest=2)
    assert made.startswith(b"#!AMR\n")
    assert 1.9 < (await Decoder().decode(made)).seconds < 2.2


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_heard_or_refused_by_name(data: st.DataObject) -> None:
    """Bytes of real recordings, changed anywhere: never another error."""
    content = bytearray((RECORDINGS / data.draw(st.sampled_from(FILES))).read_bytes()[:4000])
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert asyncio.run(Decoder().decode(bytes(content))).seconds > 0
    except VoiceRefused as refused:
        assert refused.reason
