"""Voice becomes words before the engine: decoded outside the event loop, recognised, never stored by this."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import structlog
import yaml

from actions.choices import person
from bot.hot_words import HotWords
from bot.metrics import Metrics
from bot.rasa.tracker_store import State
from connectors.message import Inbound, Media, Reply
from connectors.speech.decoding import Decoder
from connectors.speech.service import Heard, Recogniser, SpeechUnavailable, VoiceRefused
from knowledge.conversations import Conversation
from nlu.text import is_blank

log = structlog.get_logger()

TOLD = "told_no_voice"
"""The slot that remembers that voice can't be heard here: said at length only once."""


@dataclass(frozen=True, slots=True)
class Listened:
    """A recording as it was heard: the message with its words, or what to tell the resident instead, and the state."""

    inbound: Inbound
    told: Reply | None = None
    state: State | None = None


class Voice:
    """Listens to recordings."""

    def __init__(self, decoder: Decoder, recogniser: Recogniser, hot_words: HotWords, metrics: Metrics) -> None:
        self._decoder = decoder
        self._recogniser = recogniser
        self._hot_words = hot_words
        self._metrics = metrics

    @property
    def hears(self) -> bool:
        """Whether recordings are understood here at all."""
        return self._recogniser.is_set

    async def listen(self, conversation: Conversation, inbound: Inbound) -> Listened:
        """The words of a recording. What the platform heard already is taken as it is."""
        if not is_blank(inbound.text):
            self._metrics.voice("platform")
            return Listened(replace(inbound, spoken=True))
        assert inbound.media is not None
        started = time.perf_counter()
        try:
            heard = await self._heard(inbound.media, conversation.tracker)
        except (VoiceRefused, SpeechUnavailable) as error:
            self._metrics.voice(error.reason)
            return self._unheard(inbound, error, conversation.tracker)
        self._metrics.voice("heard")
        log.info("voice_heard", conversation=conversation.id, ms=round((time.perf_counter() - started) * 1000))
        return Listened(replace(inbound, text=heard.text, spoken=True, doubtful=not heard.sure))

    async def _heard(self, media: Media, state: State | None) -> Heard:
        if not self._recogniser.is_set:
            raise SpeechUnavailable("not_set")
        recording = await self._decoder.decode(media.content)
        return await self._recogniser.recognise(recording.wav, await self._hot_words.of(state))

    @staticmethod
    def _unheard(inbound: Inbound, error: VoiceRefused | SpeechUnavailable, state: State | None) -> Listened:
        kind = "refused" if isinstance(error, VoiceRefused) else "unavailable"
        reason = error.reason
        if reason == "not_set" and state is not None:
            again = state["slots"].get(TOLD)
            state = {**state, "slots": {**state["slots"], TOLD: True}}
            reason = "not_set_again" if again else reason
        return Listened(inbound, Reply(words()[kind][reason], "notice", (person(),)), state)


def is_recording(media: Media | None) -> bool:
    """Whether a file is one to be listened to."""
    return media is not None and media.kind == "audio"


@cache
def words() -> Mapping[str, Any]:
    """What is said about spoken messages (voice.yml)."""
    loaded: Mapping[str, Any] = yaml.safe_load(resources.files("bot").joinpath("voice.yml").read_text(encoding="utf-8"))
    return loaded
