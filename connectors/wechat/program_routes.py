"""`/channels/miniprogram/…`: what the mini program asks beside the HTTP contract (/openapi.json), which it uses too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from aiohttp import web
from pydantic import Field

from connectors.channels.service import Door, Starts
from connectors.message import Inbound, Start
from connectors.web.contract import Strict, read_json
from connectors.web.conversations import token_of
from connectors.wechat.program import NAME, MiniProgram
from knowledge.carrying import CarryRefused, code_said
from knowledge.channel_users import Address, ChannelUser, ChannelUsers
from knowledge.conversations import Conversations

CODE = r"^[A-Za-z0-9_.:/+=-]{1,256}\Z"


class Entering(Strict):
    """wx.login's code; `link`: the code of a poster that was scanned."""

    code: str = Field(pattern=CODE)
    elder: bool = False
    link: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{1,12}\Z")
    region: str | None = Field(default=None, pattern=r"^[0-9]{12}\Z")


class Elder(Strict):
    """Whether 长辈版 is on in that conversation."""

    conversation: str = Field(pattern=r"^[A-Za-z0-9]{1,40}\Z")
    elder: bool


class Tapped(Strict):
    """getPhoneNumber's code, tapped in that conversation."""

    conversation: str = Field(pattern=r"^[A-Za-z0-9]{1,40}\Z")
    code: str = Field(pattern=CODE)


class SaidCode(Strict):
    """A code that was said in that conversation: whoever says it goes on in another."""

    conversation: str = Field(max_length=26)
    id: str = Field(pattern=r"^[\w.:-]{1,64}\Z")
    text: str = Field(max_length=40)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What lets people of the mini program in."""

    program: MiniProgram
    door: Door
    conversations: Conversations
    starts: Starts
    users: ChannelUsers
    clock: Callable[[], datetime]
    appid: str


class ProgramRoutes:
    """The routes. They raise what the problems of the contract are for."""

    def __init__(self, entrance: Entrance) -> None:
        self._in = entrance

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        base = "/channels/miniprogram"
        return [
            web.post(f"{base}/session", self.enter),
            web.post(f"{base}/elder", self.elder),
            web.post(f"{base}/telephone", self.telephone),
            web.post(f"{base}/carried", self.carried),
        ]

    async def enter(self, request: web.Request) -> web.Response:
        """POST: whose conversation this is. Raises CodeRefused, ApiUnavailable, ApiRefused."""
        wanted = await read_json(request, Entering)
        openid = await self._in.program.openid(wanted.code)
        start = await self._start(wanted)
        arrived = await self._in.door.arrived(Address(NAME, self._in.appid, openid), None, start)
        user = arrived.user
        if start is not None and start.choice is not None and not arrived.greeting:
            await self._begin_there(user, wanted, start.choice)
        token = await self._in.conversations.another_token(user.conversation, self._in.clock())
        conversation = await self._in.conversations.find(user.conversation)
        body = {"id": user.conversation, "token": token, "elder": conversation.elder, "replies": list(arrived.greeting)}
        return _json(body, 201)

    async def elder(self, request: web.Request) -> web.Response:
        """POST: 长辈版 on or off; wx.request can't send the contract's PATCH. Raises TokenRefused."""
        told = await read_json(request, Elder)
        await self._in.conversations.admit(told.conversation, token_of(request))
        await self._in.conversations.set_elder(told.conversation, told.elder)
        return _json({"elder": told.elder})

    async def carried(self, request: web.Request) -> web.Response:
        """POST: 接着聊 1234 5678 was said: the conversation of that code with a token, or why not, with the one before.

        Raises TokenRefused, CarryRefused.
        """
        told = await read_json(request, SaidCode)
        await self._in.conversations.admit(told.conversation, token_of(request))
        here = await self._in.users.of_conversation(told.conversation)
        user = next((each for each in here if each.address.channel == NAME), None)
        if user is None or code_said(told.text) is None:
            raise CarryRefused
        answer = await self._in.door.take(user, Inbound("", told.id, told.text))
        now = await self._in.users.get(user.id) or user
        token = await self._in.conversations.another_token(now.conversation, self._in.clock())
        return _json({"id": now.conversation, "token": token, "replies": answer.replies, "mode": answer.mode}, 201)

    async def telephone(self, request: web.Request) -> web.Response:
        """POST: the number of who tapped the button, for their next message: nothing is kept here.

        Raises CodeRefused, TokenRefused, ApiUnavailable, ApiRefused.
        """
        told = await read_json(request, Tapped)
        await self._in.conversations.admit(told.conversation, token_of(request))
        return _json({"telephone": await self._in.program.telephone(told.code)})

    async def _start(self, wanted: Entering) -> Start | None:
        found = await self._in.starts.of_scene(f"q.{wanted.link}", NAME) if wanted.link else None
        return found or (Start(None, wanted.region, wanted.elder) if wanted.region or wanted.elder else None)

    async def _begin_there(self, user: ChannelUser, wanted: Entering, choice: str) -> None:
        """Somebody who was here before scans a poster: the conversation goes on at what hangs there."""
        await self._in.door.take(user, Inbound("", f"scan:{wanted.code[:50]}", choice=choice))


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
