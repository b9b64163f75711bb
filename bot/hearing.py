"""Hearing put together, by the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from bot.hot_words import HotWords
from bot.metrics import Metrics
from bot.settings import Settings
from bot.voice import Voice
from connectors.speech.decoding import Decoder
from connectors.speech.recognition import SpeechRecogniser
from knowledge.catalogue import Catalogue


@asynccontextmanager
async def hearing(settings: Settings, catalogue: Catalogue, metrics: Metrics) -> AsyncIterator[Voice]:
    """What listens to recordings, until the end."""
    key = settings.speech_key.get_secret_value()
    asked = SpeechRecogniser(settings.speech_url, settings.speech_model, key, settings.speech_timeout)
    async with aclosing(asked):
        yield Voice(Decoder(), asked, HotWords(catalogue), metrics)
