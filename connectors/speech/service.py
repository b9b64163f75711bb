"""What the assistant asks of the speech services, and what may come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST_SECONDS = 60
"""Of a recording, in and out."""


class VoiceRefused(Exception):
    """Nothing can be heard in the recording, now or ever. `reason`: a key of `refused` in bot/voice.yml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SpeechUnavailable(Exception):
    """Speech can't be recognised or made here or now. `reason`: a key of `unavailable` in bot/voice.yml."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(f"{reason}: {why}" if why else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded recording: 16 kHz, mono, 16 bits, as a WAV file. `seconds`: how long it is."""

    wav: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What was recognised. `sure` False: the recogniser itself doubts it."""

    text: str
    sure: bool = True


class Recogniser(Protocol):
    """Turns a recording into words."""

    @property
    def is_set(self) -> bool:
        """Whether there is one at all."""
        ...

    async def recognise(self, wav: bytes, hot_words: Sequence[str] = ()) -> Heard:
        """`hot_words`: what is likely said, the likeliest first. Raises VoiceRefused, SpeechUnavailable."""
        ...


class Reader(Protocol):
    """Turns words into a recording."""

    @property
    def is_set(self) -> bool:
        """Whether there is one at all."""
        ...

    async def read(self, text: str, speed: float) -> bytes:
        """An MP3 of these words. `speed`: 1 is the voice's own. Raises SpeechUnavailable."""
        ...
