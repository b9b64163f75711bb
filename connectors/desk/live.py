"""`/desk/api/live`: a WebSocket on which everything that changes comes, numbered, nothing missed after a drop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from connectors.desk.access import Viewer
from connectors.desk.chat_service import ChatsDesk, FeedItem, LiveFeed
from connectors.desk.chats import DeskRoutes, number
from connectors.desk.login import shown
from connectors.desk.session import Sessions, is_own
from connectors.web.problems import Problem

PING_SECONDS = 20
CHECK_SECONDS = 15
"""How often is looked whether the session still holds: an account that was disabled hears nothing longer than that."""
SIGN_IN_AGAIN = 4401
LONGEST_FRAME = 4_096
MOST_MISSED = 5_000
"""Whoever missed more events reads the lists anew instead."""


class LiveRoutes(DeskRoutes):
    """The live feed."""

    def __init__(self, sessions: Sessions, chats: ChatsDesk, feed: LiveFeed) -> None:
        super().__init__(sessions, chats)
        self._feed = feed
        self._open: WeakSet[web.WebSocketResponse] = WeakSet()

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get("/desk/api/live", self.live)]

    async def close(self, _: web.Application) -> None:
        """End the feeds, so that the process can end; the pages come back with the number that they have."""
        for socket in list(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """GET: the WebSocket; `?after=` resumes after that event."""
        if not is_own(request):  # a page elsewhere could open it in this browser's name
            raise Problem("cross_origin")
        viewer, after = await self._answering(request), number(request, "after")
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=LONGEST_FRAME)
        await socket.prepare(request)
        self._open.add(socket)
        async with self._feed.listening():
            begun = _Desk(socket, viewer, self._feed.position if after is None else after)
            tasks = [asyncio.create_task(each) for each in (self._send(begun), self._check(begun, request))]
            try:
                await self._hear(begun)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _send(self, desk: _Desk) -> None:
        me = {**shown(desk.viewer.staff), "setup_needed": False, "agent": await self._chats.agent(desk.viewer)}
        await desk.tell({"type": "hello", "seq": desk.seq, "me": me})
        if self._feed.position - desk.seq > MOST_MISSED:
            desk.seq = self._feed.position
            await desk.tell({"type": "reload", "seq": desk.seq})
        desk.caught_up_at = self._feed.position
        with suppress(ConnectionResetError):
            while not desk.socket.closed:
                for item in await self._feed.after(desk.seq):
                    await desk.hear(item)
                await self._feed.wait(desk.seq)

    async def _check(self, desk: _Desk, request: web.Request) -> None:
        """Close it when the session has ended; take up what changed of the account."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                desk.viewer = await self._answering(request)
            except Problem as problem:
                with suppress(ConnectionResetError):
                    await desk.tell({"type": "end", "reason": problem.name})
                await desk.socket.close(code=SIGN_IN_AGAIN)
                return

    async def _hear(self, desk: _Desk) -> None:
        await self._chats.here(desk.viewer)
        async for message in desk.socket:
            if message.type is WSMsgType.TEXT and _is_here(message.data):
                await self._chats.here(desk.viewer)
                with suppress(ConnectionResetError):
                    await desk.tell({"type": "here", "seq": desk.seq})


class _Desk:
    """One open page: how far it has heard, and which chats it shows."""

    def __init__(self, socket: web.WebSocketResponse, viewer: Viewer, seq: int) -> None:
        self.socket = socket
        self.viewer = viewer
        self.seq = seq
        self.caught_up_at = 0
        self._shown: set[str] = set()

    async def hear(self, item: FeedItem) -> None:
        """Send an event as far as it may be seen. Of a chat that it showed before it hears that it sees it no more."""
        if _may_hear(item, self.viewer):
            if item.chat is not None:
                self._shown.add(item.chat.id)
            await self.socket.send_str(item.full.decode())
        elif item.chat is not None and item.what != "whisper" and self._may_show(item.chat.id, item.seq):
            self._shown.discard(item.chat.id)
            await self.socket.send_str(item.bare.decode())
        self.seq = item.seq

    def _may_show(self, chat: str, seq: int) -> bool:
        """Whether the page may still show that chat: it came here, or before this connection."""
        return chat in self._shown or seq <= self.caught_up_at

    async def tell(self, body: dict[str, Any]) -> None:
        """Send what is no event."""
        await self.socket.send_str(orjson.dumps(body).decode())


def _may_hear(item: FeedItem, viewer: Viewer) -> bool:
    """Whether they get the whole event. A whisper is for whoever has the chat and for supervisors."""
    if item.chat is None:
        return viewer.may("answer") or viewer.may("supervise")
    sees = viewer.sees(item.chat, item.asides)
    return sees in ("agent", "supervisor") if item.what == "whisper" else sees is not None


def _is_here(data: str) -> bool:
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and told.get("type") == "here"
