"""Reading aloud by an OpenAI-compatible address: `POST {url}/audio/speech`, an MP3."""

from __future__ import annotations

from connectors.speech.client import PAUSE, SpeechAddress
from connectors.speech.kinds import kind_of
from connectors.speech.service import SpeechUnavailable


class SpeechReader:
    """A Reader at one address. `voice`: the name of a voice there. `seconds`: what an answer may take."""

    def __init__(
        self, url: str, model: str, voice: str, key: str = "", seconds: float = 20.0, pause: float = PAUSE
    ) -> None:
        self._address = SpeechAddress(url, key, seconds, pause)
        self._model, self._voice = model, voice

    @property
    def is_set(self) -> bool:
        """Whether there is an address."""
        return self._address.is_set

    @property
    def name(self) -> str:
        """What tells its recordings from another's: the model and the voice."""
        return f"{self._model}/{self._voice}"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._address.aclose()

    async def read(self, text: str, speed: float) -> bytes:
        """A recording of these words, an MP3 or what the address gives instead. Raises SpeechUnavailable."""
        wanted = {"model": self._model, "voice": self._voice, "input": text, "response_format": "mp3", "speed": speed}
        made = await self._address.post("audio/speech", json=wanted)
        if kind_of(made) is None:
            raise SpeechUnavailable("down", "its answer is no recording")
        return made
