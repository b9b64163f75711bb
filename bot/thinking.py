"""Thinking twice: the sentence model, where there is one, asked before the engine needs what it says."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from pathlib import Path
from typing import Self

import structlog

from bot.settings import Settings
from connectors.embeddings import EmbeddingsClient
from nlu import embedding
from nlu.embedding import EmbeddingUnavailable
from nlu.linking import link
from nlu.meaning import SHIPPED, Vectors
from nlu.second_opinion import SecondOpinion
from nlu.vector_file import VectorFile

log = structlog.get_logger()

PATIENCE = 0.5
"""Seconds that a turn waits for a second opinion; then the first one stands."""

SELDOM = 60.0
"""Seconds between two lines in the log that it didn't come."""


def second_opinion(settings: Settings, *, at_once: bool = False, shipped: bool = False) -> SecondOpinion | None:
    """The second opinion, or None: it isn't wanted, or there is neither an address nor a model that can run here.

    `at_once`: for commands. `shipped`: vectors of the installed model that are learnt go into the project's own file.
    """
    if not settings.meaning:
        return None
    if settings.embeddings_url:
        return _by_address(settings, at_once)
    if not embedding.available():
        return None
    vectors = Vectors.load()
    place = SHIPPED if shipped else _place(settings, vectors.model, vectors.mean.tobytes())
    file = VectorFile(place)
    _take_kept(vectors, file)
    return SecondOpinion(vectors, embedding.embed, at_once=at_once, file=file)


class Thinking:
    """What a turn awaits before the engine: the engine itself must not wait ten milliseconds on the event loop."""

    def __init__(self, opinion: SecondOpinion | None, patience: float = PATIENCE, seldom: float = SELDOM) -> None:
        self.opinion = opinion
        self._patience, self._seldom = patience, seldom
        self._said = -seldom

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.opinion is not None:
            await asyncio.to_thread(self.opinion.close)

    async def consider(self, text: str) -> None:
        """Make ready what understanding the text needs; without it the first opinion stands."""
        if self.opinion is None:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self.opinion.consider(text, link)
        except TimeoutError:
            self._say(f"it took longer than {self._patience:g} s")
        except EmbeddingUnavailable as error:
            self._say(str(error))

    def _say(self, reason: str) -> None:
        if time.monotonic() - self._said >= self._seldom:
            self._said = time.monotonic()
            log.warning("second_opinion_missing", reason=reason)


def _by_address(settings: Settings, at_once: bool) -> SecondOpinion:
    url, model = settings.embeddings_url, settings.embeddings_model
    vectors, file = Vectors.none_of(f"{url} {model}"), VectorFile(_place(settings, url, model.encode()))
    _take_kept(vectors, file)
    client = EmbeddingsClient(url, model, settings.embeddings_key.get_secret_value(), len(vectors.mean) or None)
    return SecondOpinion(vectors, client.embed, at_once=at_once, file=file, end_model=client.close)


def _take_kept(vectors: Vectors, file: VectorFile) -> None:
    if kept := file.read():
        vectors.take(kept)


def _place(settings: Settings, model: str, kind: bytes) -> Path:
    """The file of a model's vectors; those of another model, address or mean are in another one."""
    return settings.data_dir / f"vectors-{sha256(model.encode() + b' ' + kind).hexdigest()[:16]}.npz"
