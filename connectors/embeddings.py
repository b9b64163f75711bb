"""A sentence model behind an OpenAI-compatible address: `POST {url}/embeddings`.

It is asked from threads (`Embed` of nlu/meaning.py is an ordinary call), so it keeps a loop of its own with one
connection that stays open. What leaves the process tells nobody's name, number or house.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Sequence
from concurrent.futures import CancelledError
from threading import Lock, Thread

import aiohttp
import numpy as np
from circuitbreaker import CircuitBreaker
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from nlu.embedding import EmbeddingUnavailable
from nlu.keeping import MASK, masked

SECONDS = 2.0
"""How long one question may take; many texts at once get `SECONDS_A_TEXT` each."""
SECONDS_A_TEXT = 0.5
FAILURES = 2
PAUSE = 30
"""Seconds in which nothing is asked after so many failures in a row."""


class EmbeddingsUnavailable(EmbeddingUnavailable):
    """The address does not answer, refuses, or has just failed and is left alone for a while."""


class EmbeddingsMalformed(EmbeddingsUnavailable):
    """What the address answers are not the vectors that were asked for."""


class _Embedding(BaseModel):
    index: int
    embedding: list[float]


class _Answer(BaseModel):
    data: list[_Embedding]


class EmbeddingsClient:
    """Asks one address for vectors of one model. `dimensions`: those of the vectors that are kept already, if any."""

    def __init__(
        self, url: str, model: str, key: str = "", dimensions: int | None = None, pause: float = PAUSE,
        seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._url, self._model, self._dimensions = f"{url.rstrip('/')}/embeddings", model, dimensions
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds
        self._breaker = CircuitBreaker(FAILURES, pause, EmbeddingsUnavailable)
        self._thread = _LoopThread(self._headers)

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        """The vectors of texts, of length 1, shape (texts, dimensions). Raises EmbeddingsUnavailable."""
        if self._breaker.opened:
            raise EmbeddingsUnavailable(f"it failed and is asked again in {self._breaker.open_remaining} s")
        with self._breaker:
            return self._checked(self._thread.post(self._url, self._question(texts), self._limit(texts)), len(texts))

    def close(self) -> None:
        """Give up what is being asked and close the connection."""
        self._thread.close()

    def _question(self, texts: Sequence[str]) -> dict[str, object]:
        return {"model": self._model, "input": [masked(text) or MASK for text in texts]}

    def _limit(self, texts: Sequence[str]) -> float:
        return max(self._seconds, SECONDS_A_TEXT * len(texts))

    def _checked(self, body: bytes, expected: int) -> NDArray[np.float32]:
        """The vectors in the order of the texts. Raises EmbeddingsMalformed."""
        vectors = _vectors(body, expected)
        if self._dimensions not in {None, vectors.shape[1]}:
            raise EmbeddingsMalformed(f"it gives vectors of {vectors.shape[1]} numbers, before {self._dimensions}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EmbeddingsMalformed("it gives vectors without a direction")
        self._dimensions = vectors.shape[1]
        return np.asarray(vectors / lengths, dtype=np.float32)


class _LoopThread:
    """An event loop in a thread of its own, begun with the first question, with one HTTP session."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers, self._lock = headers, Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._thread: Thread | None = None

    def post(self, url: str, question: dict[str, object], seconds: float) -> bytes:
        """The body of the answer. Raises EmbeddingsUnavailable."""
        asked = asyncio.run_coroutine_threadsafe(self._post(url, question, seconds), self._running())
        try:
            return asked.result()
        except CancelledError as error:
            raise EmbeddingsUnavailable("it is no longer asked: the program ends") from error

    def close(self) -> None:
        """End the thread and what it waits for; it would begin again with another question."""
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        atexit.unregister(self.close)
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name="embeddings", daemon=True)
                self._thread.start()
                atexit.register(self.close)
            return self._loop

    async def _post(self, url: str, question: dict[str, object], seconds: float) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            # whoever answers is whom the operator named: what is asked and the key go nowhere else
            async with self._session.post(url, json=question, timeout=limit, allow_redirects=False) as response:
                if response.status != 200:
                    raise EmbeddingsUnavailable(f"it answers {response.status}")
                return await response.read()
        except TimeoutError as error:
            raise EmbeddingsUnavailable(f"no answer within {seconds:g} s") from error
        except aiohttp.ClientError as error:
            raise EmbeddingsUnavailable(f"no connection ({type(error).__name__})") from error

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def _vectors(body: bytes, expected: int) -> NDArray[np.float64]:
    """An answer's vectors, by their `index`. Raises EmbeddingsMalformed."""
    try:
        data = sorted(_Answer.model_validate_json(body).data, key=lambda each: each.index)
    except ValidationError:  # not `from`: its text repeats what was answered
        raise EmbeddingsMalformed("its answer has no list of vectors in `data`") from None
    if [each.index for each in data] != list(range(expected)):
        raise EmbeddingsMalformed(f"{len(data)} vectors for {expected} texts")
    if len({len(each.embedding) for each in data}) != 1:
        raise EmbeddingsMalformed("it gives vectors of different lengths")
    return np.array([each.embedding for each in data], dtype=np.float64)
