"""Recordings of every kind → 16 kHz, mono, WAV: by ffmpeg in a process of its own, with little memory and time."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import sys
import tempfile
import wave
from asyncio.subprocess import DEVNULL, PIPE
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import structlog

from connectors.speech.kinds import SILK, kind_of
from connectors.speech.service import LONGEST_SECONDS, Recording, SpeechUnavailable, VoiceRefused

log = structlog.get_logger()

RATE = 16_000
SAMPLE = 2
"""Bytes."""
MEGABYTES, CPU_SECONDS = 1024, 10
SHORTEST, GRACE = 0.3, 0.5
"""Seconds: below it a button was only touched; that much over a minute is the telephone's own slowness."""
QUIET = 100
"""Of 32,767: what a room without anybody who speaks stays below."""
AT_ONCE = 2
EMPTY = 200
"""Bytes: less is a file without a sound."""
HERE = Path(__file__).parent


class Decoder:
    """Decodes recordings, few at once. `seconds`: after which one is given up."""

    def __init__(self, seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)

    async def decode(self, content: bytes) -> Recording:
        """Raises VoiceRefused (empty, kind_unknown, damaged, too_long, too_short, silent), SpeechUnavailable."""
        if not content:
            raise VoiceRefused("empty")
        kind = kind_of(content)
        if kind is None:
            raise VoiceRefused("kind_unknown")
        async with self._places:
            return recording_of(await self._ran(_to_pcm(kind), content))

    async def converted(self, recording: bytes, kind: str, longest: float = LONGEST_SECONDS) -> bytes:
        """The same as `mp3` (telephones, WeChat) or `amr` (WeCom), cut after `longest` seconds. Raises as `decode`."""
        async with self._places:
            made = await self._ran(_to(kind, kind_of(recording) or "mp3", longest), recording)
        if len(made) < EMPTY:
            raise VoiceRefused("damaged")
        return made

    async def _ran(self, command: list[str], content: bytes) -> bytes:
        """What the program makes of a file with that content. Raises VoiceRefused: damaged."""
        descriptor, name = tempfile.mkstemp(prefix="bangban-voice-")  # M4A is read from its end: no pipe
        try:
            await asyncio.to_thread(_write, descriptor, content)
            made = await self._output([part.replace("{file}", name) for part in command])
        finally:
            Path(name).unlink()
        if not made:
            raise VoiceRefused("damaged")
        return made

    async def _output(self, command: list[str]) -> bytes:
        confined = [sys.executable, "-I", str(HERE / "confined.py"), str(MEGABYTES), str(CPU_SECONDS), *command]
        process = await asyncio.create_subprocess_exec(*confined, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
        try:
            async with asyncio.timeout(self._seconds):
                made, _ = await process.communicate()
        except TimeoutError as error:
            log.warning("voice_too_slow")
            raise VoiceRefused("damaged") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return made


def recording_of(pcm: bytes) -> Recording:
    """A recording from its samples. Raises VoiceRefused: too_long, too_short, silent."""
    seconds = len(pcm) / (RATE * SAMPLE)
    if seconds > LONGEST_SECONDS + GRACE:
        raise VoiceRefused("too_long")
    if seconds < SHORTEST:
        raise VoiceRefused("too_short")
    if is_silent(pcm):
        raise VoiceRefused("silent")
    return Recording(as_wav(pcm), seconds)


def is_silent(pcm: bytes) -> bool:
    """Whether nobody speaks in it: less than a tenth of a second is louder than a quiet room."""
    samples = np.frombuffer(pcm[: len(pcm) // SAMPLE * SAMPLE], dtype="<i2").astype(np.float32)
    step = RATE // 50
    parts = samples[: len(samples) // step * step].reshape(-1, step)
    loudness = np.sqrt((parts**2).mean(axis=1))
    return bool((loudness > QUIET).sum() < 5)


def as_wav(pcm: bytes) -> bytes:
    """16 kHz, mono, 16 bits, as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(SAMPLE)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return file.getvalue()


@cache
def ffmpeg() -> str | None:
    """The program: the system's, else the extra's; None: neither is here."""
    if found := shutil.which("ffmpeg"):
        return found
    extra = find_spec("imageio_ffmpeg")
    folder = Path(extra.origin).parent / "binaries" if extra and extra.origin else None
    return next((str(file) for file in sorted(folder.glob("ffmpeg-*"))), None) if folder else None


def _to_pcm(kind: str) -> list[str]:
    if kind == SILK:
        if find_spec("pysilk") is None:
            raise SpeechUnavailable("not_installed", "silk-python")
        return [sys.executable, str(HERE / "unsilk.py"), "{file}"]
    most = str(LONGEST_SECONDS + 1)
    return [*_reading(kind), "-t", most, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"]


MADE = {
    "mp3": ["-ar", "24000", "-b:a", "48k", "-f", "mp3"],
    "amr": ["-ar", "8000", "-c:a", "libopencore_amrnb", "-b:a", "12.2k", "-f", "amr"],
}
"""A minute is 360 kB of MP3, 95 kB of AMR; both platforms take 2 MB."""


def _to(wanted: str, kind: str, longest: float) -> list[str]:
    return [*_reading(kind), "-t", f"{longest:g}", "-ac", "1", *MADE[wanted], "pipe:1"]


def _reading(kind: str) -> list[str]:
    """ffmpeg reads one file as that kind, and nothing that the file may name."""
    program = ffmpeg()
    if program is None:
        raise SpeechUnavailable("not_installed", "ffmpeg")
    quietly = ["-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"]
    only = ["-protocol_whitelist", "file,pipe", "-format_whitelist", kind if kind != "matroska" else "matroska,webm"]
    return [program, *quietly, *only, "-f", kind, "-i", "file:{file}", "-map", "0:a:0", "-map_metadata", "-1"]


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
