"""A server that answers like OpenAI's `/v1/embeddings`: texts that share characters have near vectors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
from aiohttp import web
from aiohttp.test_utils import TestServer
from numpy.typing import NDArray

DIMENSIONS = 1024


def hashed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The characters and pairs of characters of a text, counted in so many buckets."""
    counts = np.zeros(dimensions)
    for gram in [*text, *map("".join, pairwise(text))]:
        counts[int.from_bytes(blake2b(gram.encode(), digest_size=4).digest()) % dimensions] += 1
    return list(counts / np.linalg.norm(counts))


def embed_hashed(texts: list[str]) -> NDArray[np.float32]:
    """The same without a server."""
    return np.array([hashed(text) for text in texts], dtype=np.float32)


class EmbeddingServer:
    """Counts what it is asked. `status`, `dimensions`, `body` and `gate` (closed: it waits) can be set by a test."""

    def __init__(self) -> None:
        self.questions: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.dimensions = 200, DIMENSIONS
        self.body: Callable[[list[str]], Any] = self._in_any_order
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""

    @property
    def texts(self) -> list[str]:
        return [text for question in self.questions for text in question["input"]]

    async def answer(self, request: web.Request) -> web.Response:
        question = await request.json()
        self.questions.append(question)
        self.headers.append(dict(request.headers))
        await self.gate.wait()
        if self.status != 200:
            return web.Response(status=self.status, text="Bearer sk-secret", headers={"Location": "/v1/elsewhere"})
        return web.json_response(self.body(question["input"]))

    def _in_any_order(self, texts: list[str]) -> Any:
        found = [{"index": at, "embedding": hashed(text, self.dimensions)} for at, text in enumerate(texts)]
        return {"object": "list", "model": "m", "data": found[::-1]}


@asynccontextmanager
async def embedding_server() -> AsyncIterator[EmbeddingServer]:
    """One on a free port."""
    server, app = EmbeddingServer(), web.Application()
    app.router.add_post("/v1/embeddings", server.answer)
    running = TestServer(app)
    await running.start_server()
    server.url = str(running.make_url("/v1"))
    try:
        yield server
    finally:
        server.gate.set()
        await running.close()
