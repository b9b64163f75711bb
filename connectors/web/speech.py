"""`/api/v1/speech` and `/api/v1/conversations/{id}/speech/{reply}`: what can be heard here, and replies read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import orjson
from aiohttp import web

from connectors.speech.service import LONGEST_SECONDS
from connectors.web.conversations import token_of
from connectors.web.problems import Problem
from connectors.web.service import Conversations


class Hearing(Protocol):
    """What listens to recordings."""

    @property
    def hears(self) -> bool: ...


class ReadingAloud(Protocol):
    """What reads replies aloud."""

    @property
    def reads(self) -> bool: ...
    async def words(self, conversation: str, number: int, opened: Sequence[int] = ()) -> tuple[str, float]: ...
    async def recording(self, conversation: str, number: int, opened: Sequence[int] = ()) -> bytes: ...


class SpeechRoutes:
    """Speech of the contract."""

    def __init__(self, conversations: Conversations, hearing: Hearing, reading: ReadingAloud) -> None:
        self._conversations = conversations
        self._hearing = hearing
        self._reading = reading

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        reply = "/api/v1/conversations/{id}/speech/{reply}"
        return [
            web.get("/api/v1/speech", self.offered),
            web.get(reply, self.recording),
            web.get(reply + "/words", self.words),
        ]

    async def offered(self, _: web.Request) -> web.Response:
        """GET: whether recordings are understood here, and whether there is a voice."""
        able = {"hears": self._hearing.hears, "reads": self._reading.reads, "seconds": LONGEST_SECONDS}
        return web.Response(body=orjson.dumps(able), content_type="application/json")

    async def recording(self, request: web.Request) -> web.Response:
        """GET: a reply as an MP3."""
        made = await self._reading.recording(*await self._wanted(request))
        headers = {"Cache-Control": "private, max-age=600", "Referrer-Policy": "no-referrer"}
        return web.Response(body=made, content_type="audio/mpeg", headers=headers)

    async def words(self, request: web.Request) -> web.Response:
        """GET: what a voice of the telephone's own should say, and how fast."""
        text, speed = await self._reading.words(*await self._wanted(request))
        return web.Response(body=orjson.dumps({"text": text, "speed": speed}), content_type="application/json")

    async def _wanted(self, request: web.Request) -> tuple[str, int, list[int]]:
        conversation, reply = request.match_info["id"], request.match_info["reply"]
        await self._conversations.admit(conversation, token_of(request))
        if not (reply.isascii() and reply.isdigit() and len(reply) < 19):
            raise Problem("reply_not_found")
        opened = [int(each) for each in request.query.get("open", "").split(",") if each.isascii() and each.isdigit()]
        return conversation, int(reply), opened[:20]
