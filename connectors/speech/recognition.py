"""Recognition behind an OpenAI-compatible address: `POST {url}/audio/transcriptions`.

FunASR's and SenseVoice's servers, faster-whisper's (speaches) and OpenAI speak it. What they give besides is used where
it is there: `segments` with `avg_logprob` and `no_speech_prob` of Whisper's kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import aiohttp
from pydantic import BaseModel, ValidationError

from connectors.speech.client import PAUSE, FieldsRefused, SpeechAddress
from connectors.speech.service import Heard, SpeechUnavailable, VoiceRefused

MOST_CHARACTERS = 300
"""As of a written message."""
HOT_CHARACTERS = 180
"""Of hot words in all: Whisper reads 224 tokens of a prompt."""
DOUBTFUL, NOBODY = -1.0, 0.6
"""Whisper's own thresholds for a segment that it doubts, and for one without speech."""
TAGS = re.compile(r"<\|[^|>]*\|>|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
"""What SenseVoice adds: <|zh|><|HAPPY|>, or the same as emoji."""


class _Segment(BaseModel):
    avg_logprob: float | None = None
    no_speech_prob: float | None = None


class _Answer(BaseModel):
    text: str
    segments: list[_Segment] | None = None


class SpeechRecogniser:
    """A Recogniser at one address. `seconds`: what an answer may take."""

    def __init__(self, url: str, model: str, key: str = "", seconds: float = 12.0, pause: float = PAUSE) -> None:
        self._address = SpeechAddress(url, key, seconds, pause)
        self._model = model
        self._formats = ["verbose_json", "json"]

    @property
    def is_set(self) -> bool:
        """Whether there is an address."""
        return self._address.is_set

    async def aclose(self) -> None:
        """Close the connections."""
        await self._address.aclose()

    async def recognise(self, wav: bytes, hot_words: Sequence[str] = ()) -> Heard:
        """What is said in a WAV file. Raises VoiceRefused (nothing_said), SpeechUnavailable."""
        heard = heard_in(await self._asked(wav, hint(hot_words)))
        if not heard.text:
            raise VoiceRefused("nothing_said")
        return heard

    async def _asked(self, wav: bytes, hint: str) -> bytes:
        try:
            return await self._address.post("audio/transcriptions", data=self._form(wav, hint))
        except FieldsRefused:
            if len(self._formats) == 1:
                raise
            self._formats.pop(0)  # it knows no verbose_json: not asked for again
        return await self._address.post("audio/transcriptions", data=self._form(wav, hint))

    def _form(self, wav: bytes, hint: str) -> aiohttp.FormData:
        form = aiohttp.FormData()
        form.add_field("file", wav, filename="voice.wav", content_type="audio/wav")
        fields = {"model": self._model, "language": "zh", "response_format": self._formats[0]}
        fields |= {"prompt": hint, "hotwords": hint} if hint else {}
        for name, value in fields.items():
            form.add_field(name, value)
        return form


def heard_in(body: bytes) -> Heard:
    """The words of an answer. Raises SpeechUnavailable."""
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:  # not `from`: its text repeats what was said
        raise SpeechUnavailable("down", "its answer has no `text`") from None
    segments = answer.segments or []
    if segments and all((each.no_speech_prob or 0) > NOBODY and _doubted(each) for each in segments):
        return Heard("")
    return Heard(plain_words(answer.text), not any(map(_doubted, segments)))


def plain_words(text: str) -> str:
    """The words alone, on one line, at most as many as can be written."""
    words = " ".join(TAGS.sub("", text).split())
    return words[:MOST_CHARACTERS] if re.search(r"\w", words) else ""


def hint(hot_words: Sequence[str]) -> str:
    """As many of the words as a recogniser reads, the first first."""
    taken: list[str] = []
    for word in dict.fromkeys(hot_words):
        if sum(map(len, taken)) + len(taken) + len(word) > HOT_CHARACTERS:
            break
        taken.append(word)
    return "、".join(taken)


def _doubted(segment: _Segment) -> bool:
    return segment.avg_logprob is not None and segment.avg_logprob < DOUBTFUL
