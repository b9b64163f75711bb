"""Calls over HTTP: the resident's, the desk's, and the modules that both pages load once a call begins."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Self

import orjson
from aiohttp import web
from pydantic import Field, model_validator

from connectors.desk.session import Sessions, is_own
from connectors.message import Inbound
from connectors.video.line import PROTOCOL, Lines
from connectors.video.service import Taking, VideoDesk
from connectors.video.showing import shown
from connectors.web.contract import Strict, read_file, read_json
from connectors.web.page import PageFiles
from connectors.web.problems import Problem
from connectors.web.service import Conversations
from knowledge.call import Call
from knowledge.calls import Calls

CALL = "/api/v1/conversations/{id}/call"
TOKEN = "token."
"""A WebSocket of a browser has no headers of its own: the token comes as a subprotocol, never in the address."""


class OpenCall(Strict):
    """Open a call in that conversation."""

    conversation: Annotated[str, Field(pattern=r"^[0-9A-Z]{26}\Z")]


class InviteRequest(Strict):
    """Call an office, or one agent, into a call."""

    office: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    staff: int | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Exactly one of `office` and `staff`."""
        if (self.office is None) == (self.staff is None):
            raise ValueError("office 和 staff 要有且只有一个")
        return self


class ResidentCallRoutes:
    """`/api/v1/conversations/{id}/call`, for whoever has the conversation's token."""

    def __init__(self, conversations: Conversations, desk: VideoDesk, calls: Calls, lines: Lines) -> None:
        self._conversations = conversations
        self._desk = desk
        self._calls = calls
        self._lines = lines

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [web.get(CALL, self.call), web.post(CALL, self.open)]

    async def open(self, request: web.Request) -> web.Response:
        """POST: call the person who has the conversation; a call that is open stays the one."""
        conversation = await self._admit(request)
        return _json({"call": _for_resident(await self._desk.open_for_resident(conversation))})

    async def call(self, request: web.Request) -> web.StreamResponse:
        """GET: the conversation's open call, or none; as a WebSocket: the page's line in it."""
        conversation = await self._admit(request)
        call = await self._calls.open_in(conversation, self._lines.clock())
        if not _is_line(request):
            return _json({"call": _for_resident(call) if call else None})
        if call is None:
            raise Problem("call_over")

        async def still_allowed() -> None:
            return None  # a token never changes, and a conversation that is forgotten has no call

        return await self._lines.serve(
            request, call.id, lambda peer: self._desk.join_as_resident(call.id, peer), still_allowed
        )

    async def _admit(self, request: web.Request) -> str:
        token = _token(request)
        if not token:
            raise Problem("token_missing")
        await self._conversations.admit(request.match_info["id"], token)
        return request.match_info["id"]


class DeskCallRoutes:
    """`/desk/api/calls…` and `/desk/call/{id}`, for staff who have the chat, were called in, or supervise."""

    def __init__(self, sessions: Sessions, desk: VideoDesk, lines: Lines, taking: Taking) -> None:
        self._sessions = sessions
        self._desk = desk
        self._lines = lines
        self._taking = taking
        self._files = PageFiles(Path(str(resources.files(__package__).joinpath("page"))))

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/call/{name}", self.file),
            web.get("/desk/call/{id}", self.page),
            web.get("/desk/api/calls", self.listed),
            web.post("/desk/api/calls", self.open),
            web.get("/desk/api/calls/{id}", self.call),
            web.post("/desk/api/calls/{id}/invitations", self.invite),
            web.delete("/desk/api/calls/{id}/invitations", self.decline),
            web.post("/desk/api/calls/{id}/photos", self.photo),
        ]

    async def file(self, request: web.Request) -> web.Response:
        """GET: a module; nothing in them is secret."""
        return self._files.send(request, request.match_info["name"])

    async def page(self, request: web.Request) -> web.Response:
        """GET: a page with nothing but the call; whoever is not logged in is sent there first."""
        try:
            await self._sessions.staff(request)
        except Problem as problem:
            raise web.HTTPSeeOther("/desk/login") from problem
        return self._files.send(request, "desk.html")

    async def listed(self, request: web.Request) -> web.Response:
        """GET: the calls that are open in one's chats, and what rings."""
        return _json(await self._desk.listed(await self._sessions.staff(request)))

    async def open(self, request: web.Request) -> web.Response:
        """POST: call the resident of a chat; a call that is open stays the one."""
        staff = await self._sessions.staff(request)
        wanted = await read_json(request, OpenCall)
        return _json({"call": shown(await self._desk.open_for_staff(wanted.conversation, staff))})

    async def call(self, request: web.Request) -> web.StreamResponse:
        """GET: a call; as a WebSocket: the page's line in it, for a page of our own only."""
        staff = await self._sessions.staff(request)
        call = await self._desk.admit(request.match_info["id"], staff)
        if not _is_line(request):
            return _json({"call": shown(call)})
        if not is_own(request):
            raise Problem("cross_origin")

        async def still_allowed() -> None:
            await self._sessions.staff(request)

        return await self._lines.serve(
            request, call.id, lambda peer: self._desk.join_as_staff(call.id, staff, peer), still_allowed
        )

    async def invite(self, request: web.Request) -> web.Response:
        """POST: 镇村连一连: call an office or a colleague in."""
        staff = await self._sessions.staff(request)
        wanted = await read_json(request, InviteRequest)
        await self._desk.invite(request.match_info["id"], staff, wanted.office, wanted.staff)
        return _json({"invited": wanted.office or wanted.staff})

    async def decline(self, request: web.Request) -> web.Response:
        """DELETE: whoever was called in does not come."""
        await self._desk.decline(request.match_info["id"], await self._sessions.staff(request))
        return web.Response(status=204)

    async def photo(self, request: web.Request) -> web.Response:
        """POST: a photo that staff took in the call: into the case, as if the resident had sent it."""
        call = await self._desk.admit(request.match_info["id"], await self._sessions.staff(request))
        if call.ended_at is not None or call.conversation_id is None:
            raise Problem("call_over")
        id, media = await read_file(request)
        if media.kind != "image":
            raise Problem("media_not_supported")
        answer = await self._taking.take(Inbound(call.conversation_id, id, media=media))
        return _json({"replies": answer.replies, "mode": answer.mode})


def _for_resident(call: Call) -> dict[str, Any]:
    return {name: value for name, value in shown(call).items() if name != "conversation"}


def _token(request: web.Request) -> str:
    """From the header, or from the WebSocket's subprotocols."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    offered = [each.strip() for each in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if PROTOCOL not in offered:  # aiohttp would log what was offered
        return ""
    return next((each.removeprefix(TOKEN) for each in offered if each.startswith(TOKEN)), "")


def _is_line(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _json(body: Any) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)
