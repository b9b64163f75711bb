"""A server that answers like OpenAI's `/v1/audio/transcriptions` and `/v1/audio/speech`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

RECORDINGS = Path(__file__).parent / "speech" / "recordings"
KEY = "sk-right"


class SpeechServer:
    """`hears`: what it recognises. `verbose` False: it refuses verbose_json. `gate` closed: it waits."""

    def __init__(self) -> None:
        self.hears: Any = "我要修房子"
        self.segments: list[dict[str, float]] | None = None
        self.status, self.verbose = 200, True
        self.body: bytes | None = None
        self.asked: list[dict[str, Any]] = []
        self.read: list[dict[str, Any]] = []
        self.recording = (RECORDINGS / "voice.mp3").read_bytes()
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""

    async def transcribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        question = {name: value for name, value in form.items() if name != "file"} | {"wav": file.file.read()}
        file.file.close()
        self.asked.append(question)
        if refused := await self._refused(request):
            return refused
        if question["response_format"] == "verbose_json" and not self.verbose:
            return web.json_response({"error": "response_format"}, status=400)
        segments = {"segments": self.segments} if self.segments else {}
        return web.json_response({"text": self.hears, **segments})

    async def speak(self, request: web.Request) -> web.Response:
        self.read.append(await request.json())
        return await self._refused(request) or web.Response(body=self.recording, content_type="audio/mpeg")

    async def _refused(self, request: web.Request) -> web.Response | None:
        await self.gate.wait()
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": "sk-secret is wrong"}, status=401)
        if self.body is not None:
            return web.Response(body=self.body, content_type="application/json")
        return web.Response(status=self.status, text="broken") if self.status != 200 else None


@asynccontextmanager
async def speech_server() -> AsyncIterator[SpeechServer]:
    """One on a free port."""
    server, app = SpeechServer(), web.Application(client_max_size=16 * 2**20)
    app.router.add_post("/v1/audio/transcriptions", server.transcribe)
    app.router.add_post("/v1/audio/speech", server.speak)
    running = TestServer(app)
    await running.start_server()
    server.url = str(running.make_url("/v1"))
    try:
        yield server
    finally:
        server.gate.set()
        await running.close()
