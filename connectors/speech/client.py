"""One POST to an OpenAI-compatible address, with a time limit and a breaker: what both directions of speech share."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import structlog
from circuitbreaker import CircuitBreaker

from connectors.speech.service import SpeechUnavailable

log = structlog.get_logger()

FAILURES, PAUSE = 3, 30
"""After so many failures in a row nothing is asked for so many seconds."""
MOST = 4 * 2**20
"""Bytes of an answer: a minute of MP3 is 1 MB at most, words are less."""
FIELDS_REFUSED = {400, 415, 422}


class FieldsRefused(SpeechUnavailable):
    """The address is there, but does not take what it was sent."""


class SpeechAddress:
    """Asks one address. `url`: up to and with `/v1`; empty: every call raises SpeechUnavailable."""

    def __init__(self, url: str, key: str, seconds: float, pause: float = PAUSE) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds = seconds
        self._breaker = CircuitBreaker(FAILURES, pause, SpeechUnavailable)
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is an address at all."""
        return bool(self._url)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, path: str, **options: Any) -> bytes:
        """The body of a good answer. Raises SpeechUnavailable, FieldsRefused."""
        if not self._url:
            raise SpeechUnavailable("not_set")
        if self._breaker.opened:
            raise SpeechUnavailable("down", f"it failed and is asked again in {self._breaker.open_remaining} s")
        started = time.perf_counter()
        try:
            with self._breaker:
                return await self._within_time(path, options)
        except SpeechUnavailable as error:
            log.warning(
                "speech_call_failed", call=path, why=str(error), ms=round((time.perf_counter() - started) * 1000)
            )
            raise

    async def _within_time(self, path: str, options: dict[str, Any]) -> bytes:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._once(path, options)
        except TimeoutError as error:
            raise SpeechUnavailable("down", f"no answer within {self._seconds:g} s") from error
        except aiohttp.ClientError as error:
            raise SpeechUnavailable("down", f"no connection ({type(error).__name__})") from error

    async def _once(self, path: str, options: dict[str, Any]) -> bytes:
        # what is said and the key go to whom the operator named, and nowhere else
        async with self._open().post(f"{self._url}/{path}", allow_redirects=False, **options) as response:
            if response.status in FIELDS_REFUSED:
                raise FieldsRefused("down", f"it answers {response.status}")
            if response.status != 200:
                raise SpeechUnavailable("down", f"it answers {response.status}")
            return await _read(response)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=None))
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > MOST:
            raise SpeechUnavailable("down", "its answer is too long")
    return bytes(body)
