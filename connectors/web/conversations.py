"""The routes of a conversation: open it, say something, read it again, hear what is pushed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC
from typing import Any

import orjson
from aiohttp import web

from connectors.message import Inbound
from connectors.web.contract import (
    MAX_TEXT,
    HeardRequest,
    MessageRequest,
    OpenRequest,
    SettingsRequest,
    read_file,
    read_json,
)
from connectors.web.problems import Problem
from connectors.web.service import Assistant, Conversations, News, Regions, Starts
from knowledge.conversations import Conversation, Line
from nlu.text import normalise

KEEP_ALIVE_SECONDS = 15
"""A comment on the stream this often; the database is looked at again then too, should Redis have lost the news."""


class ConversationRoutes:
    """`/api/v1/conversations…` of the contract."""

    def __init__(
        self, assistant: Assistant, conversations: Conversations, news: News, regions: Regions, starts: Starts
    ) -> None:
        self._assistant = assistant
        self._starts = starts
        self._conversations = conversations
        self._news = news
        self._regions = regions
        self._closing = asyncio.Event()

    async def close(self, _: web.Application) -> None:
        """End the streams, so that the process can end."""
        self._closing.set()

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        base = "/api/v1/conversations"
        return [
            web.post(base, self.open),
            web.patch(base + "/{id}", self.change),
            web.get(base + "/{id}/messages", self.transcript),
            web.post(base + "/{id}/messages", self.say),
            web.get(base + "/{id}/events", self.events),
            web.post(base + "/{id}/heard", self.heard),
        ]

    async def open(self, request: web.Request) -> web.Response:
        """POST: a new conversation with its token and the greeting."""
        wanted = await read_json(request, OpenRequest) if request.can_read_body else OpenRequest()
        start = await self._starts.of_link(wanted.link) if wanted.link else None
        code = wanted.region or (start.region if start else None)
        opened = await self._assistant.open(wanted.channel, code, wanted.elder or bool(start and start.elder), start)
        region = await self._regions.region(code)
        body: dict[str, Any] = {"id": opened.id, "token": opened.token, "replies": opened.replies, "region": region}
        if start and start.elder:
            body["elder"] = True
        return _json(body, status=201)

    async def say(self, request: web.Request) -> web.Response:
        """POST: one message; the same id again gives the same answer."""
        conversation = await self._admit(request)
        answer = await self._assistant.take(await _inbound(request, conversation))
        return _json({"replies": answer.replies, "mode": answer.mode})

    async def transcript(self, request: web.Request) -> web.Response:
        """GET: the last lines, for a page that comes back."""
        conversation = await self._admitted(request)
        lines = await self._conversations.transcript(conversation.id)
        body = {
            "messages": [_line(line) for line in lines],
            "elder": conversation.elder,
            "mode": conversation.mode,
            "region": await self._regions.region(conversation.region_code),
        }
        return _json(body)

    async def change(self, request: web.Request) -> web.Response:
        """PATCH: 长辈版 on or off."""
        conversation = await self._admitted(request)
        wanted = await read_json(request, SettingsRequest)
        await self._conversations.set_elder(conversation.id, wanted.elder)
        return _json({"elder": wanted.elder})

    async def heard(self, request: web.Request) -> web.Response:
        """POST: the page has what was pushed, up to an event: what staff said is delivered."""
        conversation = await self._admit(request)
        told = await read_json(request, HeardRequest)
        await self._assistant.delivered(conversation, told.number)
        return web.Response(status=204)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET: server-sent events; `Last-Event-ID` resumes after that event."""
        conversation = await self._admitted(request)
        last = _event_number(request)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        with suppress(ConnectionResetError):  # the page is gone; it resumes when it comes back
            await self._stream(response, conversation.id, last)
        return response

    async def _stream(self, response: web.StreamResponse, conversation: str, last: int) -> None:
        async with self._news.listening(conversation) as heard:
            while not self._closing.is_set():
                heard.clear()
                for line in await self._conversations.pushed_after(conversation, last):
                    await response.write(_event(line))
                    last = line.number
                await self._wait(heard)
                await response.write(b": keep\n\n")

    async def _wait(self, heard: asyncio.Event) -> None:
        waits = [asyncio.create_task(heard.wait()), asyncio.create_task(self._closing.wait())]
        await asyncio.wait(waits, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _admitted(self, request: web.Request) -> Conversation:
        """The conversation, for whoever has its token. EventSource has no headers, so `?token=` works too."""
        return await self._conversations.find(request.match_info["id"], token_of(request))

    async def _admit(self, request: web.Request) -> str:
        """The conversation's id, for whoever has its token; nothing else is read of it."""
        await self._conversations.admit(request.match_info["id"], token_of(request))
        return request.match_info["id"]


def token_of(request: web.Request) -> str:
    """The token a request brings, in its header or as `?token=`. Raises Problem `token_missing`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.query.get("token", "")
    if not token:
        raise Problem("token_missing")
    return token.strip()


async def _inbound(request: web.Request, conversation: str) -> Inbound:
    if request.content_type.startswith("multipart/"):
        id, media = await read_file(request)
        return Inbound(conversation, id, media=media)
    message = await read_json(request, MessageRequest)
    text = message.text or ""
    if len(text) > MAX_TEXT and len(normalise(text)) > MAX_TEXT:
        raise Problem("text_too_long", length=len(text), limit=MAX_TEXT)
    return Inbound(conversation, message.id, text, message.choice, spoken=message.spoken and message.choice is None)


def _event_number(request: web.Request) -> int:
    stated = request.headers.get("Last-Event-ID") or request.query.get("after") or "0"
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else 0


def _line(line: Line) -> dict[str, Any]:
    return {
        "seq": line.number,
        "from": line.sender,
        "at": line.sent_at.astimezone(UTC).isoformat(),
        "text": line.text,
        "reply": line.reply,
    } | ({"mode": mode} if (mode := ((line.reply or {}).get("data") or {}).get("mode")) else {})


def _event(line: Line) -> bytes:
    return b"id: %d\nevent: reply\ndata: %s\n\n" % (line.number, orjson.dumps(_line(line)))


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
