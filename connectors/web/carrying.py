"""`…/{id}/carry` and `…/carried` below `/api/v1/conversations`: a chat goes on in another channel, or on a page."""

from __future__ import annotations

from typing import Any, Protocol

import orjson
from aiohttp import web
from pydantic import Field

from connectors.web.contract import Strict, read_json
from connectors.web.conversations import token_of
from connectors.web.service import Conversations
from knowledge.carrying import Carried, said_as


class Carrier(Protocol):
    """Who gives codes and takes links."""

    async def offer_code(self, conversation: str) -> Carried: ...
    async def page_link(self, conversation: str) -> str: ...
    async def carried_to_page(self, secret: str) -> tuple[str, str]: ...


class CarriedRequest(Strict):
    """The last part of the link."""

    secret: str = Field(pattern=r"^[\w-]{8,64}\Z")


class CarryRoutes:
    """What the page asks."""

    def __init__(self, conversations: Conversations, carrier: Carrier) -> None:
        self._conversations = conversations
        self._carrier = carrier

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.post("/api/v1/conversations/{id}/carry", self.offer),
            web.post("/api/v1/conversations/carried", self.carried),
        ]

    async def offer(self, request: web.Request) -> web.Response:
        """POST: a code and a link with which the conversation goes on elsewhere."""
        conversation = request.match_info["id"]
        await self._conversations.admit(conversation, token_of(request))
        code = await self._carrier.offer_code(conversation)
        body = {
            "code": code.secret,
            "say": said_as(code.secret),
            "expires_at": code.expires_at.isoformat(),
            "link": await self._carrier.page_link(conversation),
        }
        return _json(body, 201)

    async def carried(self, request: web.Request) -> web.Response:
        """POST: a page was opened by such a link: the conversation and a token of its own."""
        told = await read_json(request, CarriedRequest)
        id, token = await self._carrier.carried_to_page(told.secret)
        return _json({"id": id, "token": token}, 201)


def _json(body: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
