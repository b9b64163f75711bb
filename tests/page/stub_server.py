"""A server of the page's HTTP contract with a few fixed answers, that fails as a test tells it to.

The real server can't be made to drop an answer at a certain moment; this one can.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from aiohttp import web

PAGE = Path(__file__).parents[2] / "connectors/web/page"
ANSWERS = yaml.safe_load(Path(__file__).with_name("stub_answers.yml").read_text("utf-8"))
CHOICES = [choice for reply in ANSWERS["replies"].values() for choice in reply.get("choices", [])]
LABELS = {choice["id"]: choice["label"] for choice in CHOICES}
PLACE = {"code": "430423105213", "name": "衡山县白果镇岳北村"}
RECORDINGS = Path(__file__).parents[1] / "speech/recordings"
SECURITY = {"Content-Security-Policy": "default-src 'self'"}


@dataclass
class Talk:
    """One conversation: its transcript in the contract's form, and the answers given by message id."""

    elder: bool
    entries: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, sender: str, text: str, reply: dict[str, Any] | None = None) -> None:
        """Appends an entry and wakes the event streams."""
        at = datetime.now(UTC).isoformat()
        self.entries.append({"seq": len(self.entries) + 1, "from": sender, "at": at, "text": text, "reply": reply})
        self.changed.set()
        self.changed = asyncio.Event()


class StubServer:
    """The conversations, what was received, and the failures to come."""

    def __init__(self) -> None:
        self.talks: dict[str, Talk] = {}
        self.received: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.event_ids: list[str] = []
        self.refusals: list[web.Response] = []
        self.lose_answers = 0
        self.events_are_down = False
        self.speech = {"hears": False, "reads": False, "seconds": 60}
        self.recordings: list[bytes] = []
        self.spoken: dict[str, Any] | None = None
        self.asked_to_read: list[str] = []
        self.streams: set[asyncio.Task[Any]] = set()

    def app(self) -> web.Application:
        """The routes of the contract that the page uses."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/page/{name}", self.page),
                web.post("/api/v1/conversations", self.open),
                web.patch("/api/v1/conversations/{id}", self.change),
                web.get("/api/v1/conversations/{id}/messages", self.transcript),
                web.post("/api/v1/conversations/{id}/messages", self.message),
                web.get("/api/v1/conversations/{id}/events", self.events),
                web.get("/api/v1/speech", self.offered_speech),
                web.get("/api/v1/conversations/{id}/speech/{reply}", self.recording),
                web.get("/api/v1/conversations/{id}/speech/{reply}/words", self.spoken_form),
            ]
        )
        return app

    def refuse_next(self, status: int, times: int = 1, detail: str = "") -> None:
        """The next `times` messages get this status and are not taken."""
        content = {"body": json.dumps({"status": status, "detail": detail}), "content_type": "application/problem+json"}
        self.refusals += [web.Response(status=status, **content) for _ in range(times)]  # type: ignore[arg-type]

    def push(self, text: str, sender: str = "agent") -> None:
        """Staff say something in every conversation."""
        for talk in self.talks.values():
            talk.add(sender, text, {"id": str(uuid4()), "kind": "text", "text": text, "choices": [], "data": {}})

    def cut_events(self) -> None:
        """Every event stream breaks off."""
        for task in self.streams:
            task.cancel()

    def counts(self) -> Counter[str]:
        """How often each message id was received."""
        return Counter(message["id"] for message in self.received)

    async def page(self, request: web.Request) -> web.FileResponse:
        """The page's own files, under the real server's security header."""
        return web.FileResponse(PAGE / request.match_info.get("name", "index.html"), headers=SECURITY)

    async def open(self, request: web.Request) -> web.Response:
        """A new conversation with the greeting."""
        body = await request.json()
        self.opened.append(body)
        talk, name = Talk(body.get("elder", False)), str(uuid4())
        self.talks[name] = talk
        replies = [reply_of("greeting")]
        talk.add("bot", replies[0]["text"], replies[0])
        return web.json_response({"id": name, "token": f"t-{name}", "replies": replies, "region": PLACE}, status=201)

    async def change(self, request: web.Request) -> web.Response:
        """Stores the elder setting."""
        self.talk(request).elder = (await request.json())["elder"]
        return web.json_response({})

    async def offered_speech(self, request: web.Request) -> web.Response:
        """Whether it hears and reads."""
        return web.json_response(self.speech)

    async def recording(self, request: web.Request) -> web.StreamResponse:
        """A reply read aloud: always the same words."""
        self.asked_to_read.append(request.match_info["reply"])
        return web.FileResponse(RECORDINGS / "voice.mp3")

    async def spoken_form(self, request: web.Request) -> web.Response:
        """What a voice should say."""
        return web.json_response(self.spoken or {}, status=200 if self.spoken else 404)

    async def _body(self, request: web.Request) -> dict[str, Any]:
        """A message; a recording says 我要修房子, as long as it is one."""
        if not request.content_type.startswith("multipart/"):
            return dict(await request.json())
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        self.recordings.append(file.file.read())
        file.file.close()
        return {"id": form["id"], "text": "我要修房子", "media_type": file.content_type}

    async def transcript(self, request: web.Request) -> web.Response:
        """The last 100 entries."""
        talk = self.talk(request)
        return web.json_response({"messages": talk.entries[-100:], "elder": talk.elder, "mode": "bot", "region": PLACE})

    async def message(self, request: web.Request) -> web.Response:
        """Answers a message once; the same id again gets the same answer."""
        talk, body = self.talk(request), await self._body(request)
        self.received.append(body)
        if self.refusals:
            return self.refusals.pop(0)
        if body["id"] not in talk.answers:
            talk.answers[body["id"]] = answer(talk, body)
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(talk.answers[body["id"]])

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What staff said after Last-Event-ID, and then as it comes."""
        talk, last = self.talk(request), request.headers.get("Last-Event-ID", "0")
        if self.events_are_down:
            raise web.HTTPServiceUnavailable
        self.event_ids.append(last)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        task = asyncio.ensure_future(feed(stream, talk, int(last)))
        self.streams.add(task)
        try:
            await task
        except (asyncio.CancelledError, ConnectionResetError):
            task.cancel()
        finally:
            self.streams.discard(task)
        return stream

    def talk(self, request: web.Request) -> Talk:
        """The conversation of the request. Raises 404 and 401 as the contract does."""
        name = request.match_info["id"]
        token = request.query.get("token") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        if name not in self.talks:
            raise web.HTTPNotFound
        if token != f"t-{name}":
            raise web.HTTPUnauthorized
        return self.talks[name]


async def feed(stream: web.StreamResponse, talk: Talk, last: int) -> None:
    """Writes what staff say after entry `last`, for ever."""
    await stream.write(b": hello\n\n")
    while True:
        changed = talk.changed
        for entry in talk.entries[last:]:
            last = entry["seq"]
            if entry["from"] in ("agent", "system"):
                await stream.write(f"id: {last}\nevent: reply\ndata: {json.dumps(entry)}\n\n".encode())
        await changed.wait()


def answer(talk: Talk, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to {id, text} or {id, choice}: found by word, or an echo."""
    said = body.get("text") or body["choice"]
    talk.add("resident", LABELS.get(said, said))
    name = next((name for word, name in ANSWERS["found_by"].items() if word in said), None)
    reply = reply_of(name) if name else {**reply_of("echo"), "text": f"您说的是：{said}"}
    talk.add("bot", reply["text"], reply)
    return {"replies": [reply], "mode": "bot"}


def reply_of(name: str) -> dict[str, Any]:
    """A prepared reply under an id of its own."""
    return {"id": str(uuid4()), "choices": [], "data": {}, **ANSWERS["replies"][name]}
