"""`/desk/api/window…`: a clerk does a resident's matter with them at the window. docs/desk.md has the shapes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from connectors.desk.access import Right
from connectors.desk.chats import answer, number
from connectors.desk.session import Sessions, is_https
from connectors.desk.window_service import AuthorityRefused, CardRefused, Entrusting, WindowDesk
from connectors.desk.words import RevealRequest
from connectors.web.contract import MAX_TEXT, MessageRequest, Strict, read_file, read_json
from connectors.web.files import file_headers
from connectors.web.problems import Problem
from connectors.web.service import News
from knowledge.forms.answer import AnswerRefused
from knowledge.staff import Staff
from nlu.text import normalise

WAIT_SECONDS = 25
"""How long a page waits for news at a time: proxies cut what is quiet for longer."""

MAX_FIELDS = 200
LAST = date(2999, 12, 31)
"""Dates beyond are mistyped."""


class CardRequest(Strict):
    """The ID card as it was typed, or read from a photo and checked by the clerk."""

    name: Annotated[str, Field(min_length=1, max_length=50)]
    id_number: Annotated[str, Field(min_length=1, max_length=30)]
    telephone: Annotated[str, Field(max_length=30)] = ""
    how: Literal["typed", "photo"] = "typed"


class ConsentRequest(Strict):
    """What the resident said to what was read out to them."""

    agreed: bool


class FormRequest(Strict):
    """What was typed into the form of that version, by key; `confirm`: what was filled in by itself is right."""

    version: int
    values: dict[str, Annotated[str, Field(max_length=500)]] = Field(default_factory=dict, max_length=MAX_FIELDS)
    confirm: bool = False


class EntrustRequest(Strict):
    """What the resident signed, see Entrusting."""

    signature: Annotated[str, Field(pattern=r"^[0-9A-Z]{26}\Z")]
    witness: Annotated[str, Field(min_length=1, max_length=50)]
    authorisation: Annotated[str, Field(pattern=r"^[0-9A-Z]{26}\Z")] | None = None
    name: Annotated[str, Field(max_length=50)] = ""
    id_number: Annotated[str, Field(max_length=30)] = ""
    relation: Literal["family", "clerk", "agent", "other"] = "other"
    matters: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=20)
    until: date = Field(default=date.min, le=LAST)


class WindowRoutes:
    """Visits at the window, for those with the right `window`."""

    def __init__(self, sessions: Sessions, window: WindowDesk, news: News) -> None:
        self._sessions = sessions
        self._window = window
        self._news = news
        self._closing = asyncio.Event()

    async def close(self, _: web.Application) -> None:
        """End the waits, so that the process can end."""
        self._closing.set()

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        base, visit = "/desk/api/window", "/desk/api/window/{id}"
        posts: dict[str, Callable[[web.Request], Any]] = {
            "messages": self.say,
            "card": self.read_card,
            "consent": self.consent,
            "reveal": self.reveal,
            "phone": self.phone,
            "end": self.end,
            "signature": self.sign,
            "proxies": self.entrust,
        }
        return [
            web.get(base, self.visits),
            web.post(base, self.open),
            web.get(visit, self.visit),
            web.get(visit + "/news", self.news),
            web.put(visit + "/card", self.identify),
            web.put(visit + "/form", self.fill_in),
            web.get(visit + "/files/{file}", self.file),
            web.delete(visit + "/proxies/{authorisation}", self.withdraw),
            *(web.post(f"{visit}/{name}", handler) for name, handler in posts.items()),
        ]

    async def visits(self, request: web.Request) -> web.Response:
        """GET: who is served now, at one's own window and the office's others."""
        return answer({"visits": await self._window.visits(await self._staff(request))})

    async def open(self, request: web.Request) -> web.Response:
        """POST: somebody comes to the window."""
        return answer(await self._window.open(await self._staff(request)), 201)

    async def visit(self, request: web.Request) -> web.Response:
        """GET: all of one visit."""
        return answer(await self._window.visit(await self._staff(request), request.match_info["id"]))

    async def say(self, request: web.Request) -> web.Response:
        """POST: a message, a choice or a file, as in the resident's own conversation; the same id counts once."""
        staff, id, text, choice, media = await self._staff(request), "", "", None, None
        if request.content_type.startswith("multipart/"):
            id, media = await read_file(request)
        else:
            wanted = await read_json(request, MessageRequest)
            id, text, choice = wanted.id, wanted.text or "", wanted.choice
        if len(normalise(text)) > MAX_TEXT:
            raise Problem("text_too_long", length=len(text), limit=MAX_TEXT)
        return answer(await self._window.say(staff, request.match_info["id"], id, text, choice, media))

    async def news(self, request: web.Request) -> web.Response:
        """GET `?after=`: waits until something was said after that line, at most 25 seconds."""
        staff, id, after = await self._staff(request), request.match_info["id"], number(request, "after") or 0
        await self._window.visit(staff, id)
        async with self._news.listening(id) as heard:
            is_new = await self._heard(heard, id, after)
        return answer({"news": is_new})

    async def read_card(self, request: web.Request) -> web.Response:
        """POST: a photo of the ID card; what stands on it, for the clerk to check."""
        staff = await self._staff(request)
        _, media = await read_file(request)
        return answer(await self._card(self._window.read_card(staff, request.match_info["id"], media)))

    async def identify(self, request: web.Request) -> web.Response:
        """PUT: the card is the resident's, the clerk says."""
        staff, wanted = await self._staff(request), await read_json(request, CardRequest)
        told = (wanted.name, wanted.id_number, wanted.telephone, wanted.how)
        return answer(await self._card(self._window.identify(staff, request.match_info["id"], *told)))

    async def consent(self, request: web.Request) -> web.Response:
        """POST: the resident agreed, or did not, to what was read out; the clerk is the witness."""
        staff, wanted = await self._staff(request), await read_json(request, ConsentRequest)
        return answer(await self._window.consent(staff, request.match_info["id"], wanted.agreed))

    async def fill_in(self, request: web.Request) -> web.Response:
        """PUT: many fields at once; what can't stand is told by key, what can is kept."""
        staff, wanted = await self._staff(request), await read_json(request, FormRequest)
        told = (wanted.version, wanted.values, wanted.confirm)
        visit, problems = await self._window.fill_in(staff, request.match_info["id"], *told)
        return answer({"visit": visit, "problems": problems})

    async def file(self, request: web.Request) -> web.Response:
        """GET: a paper of the resident's, or a filled form to print and sign."""
        staff = await self._staff(request)
        file, content = await self._window.file(staff, request.match_info["id"], request.match_info["file"])
        return web.Response(body=content, headers=file_headers(file))

    async def reveal(self, request: web.Request) -> web.Response:
        """POST: show what is masked, for a reason that is kept."""
        staff, wanted = await self._staff(request, "reveal"), await read_json(request, RevealRequest)
        id, reason = request.match_info["id"], wanted.reason.strip()
        return answer(await self._window.reveal(staff, id, wanted.what, reason))

    async def phone(self, request: web.Request) -> web.Response:
        """POST: an address and its code for the resident's phone, to follow the case there."""
        origin = f"{'https' if is_https(request) else 'http'}://{request.host}"
        return answer(await self._window.phone(await self._staff(request), request.match_info["id"], origin))

    async def sign(self, request: web.Request) -> web.Response:
        """POST: a photo of the signature under an authorisation; its id."""
        staff = await self._staff(request)
        _, media = await read_file(request)
        return answer(await self._card(self._window.sign(staff, request.match_info["id"], media)))

    async def entrust(self, request: web.Request) -> web.Response:
        """POST: the resident lets somebody act for them; it is signed and witnessed."""
        staff, wanted = await self._staff(request), await read_json(request, EntrustRequest)
        told = Entrusting(**wanted.model_dump() | {"authorisation": wanted.authorisation or ""})
        return answer(await self._card(self._window.entrust(staff, request.match_info["id"], told)))

    async def withdraw(self, request: web.Request) -> web.Response:
        """DELETE: the resident takes it back."""
        staff, where = await self._staff(request), request.match_info
        return answer(await self._window.withdraw(staff, where["id"], where["authorisation"]))

    async def end(self, request: web.Request) -> web.Response:
        """POST: the resident has left the window."""
        await self._window.end(await self._staff(request), request.match_info["id"])
        return web.Response(status=204)

    async def _staff(self, request: web.Request, more: Right | None = None) -> Staff:
        staff = await self._sessions.staff(request, "window")
        return await self._sessions.staff(request, more) if more else staff

    @staticmethod
    async def _card(reading: Any) -> Any:
        try:
            return await reading
        except (CardRefused, AuthorityRefused, AnswerRefused) as refused:
            raise Problem("answer_refused", reason=getattr(refused, "text", str(refused))) from refused

    async def _heard(self, heard: asyncio.Event, id: str, after: int) -> bool:
        clock = asyncio.get_running_loop().time
        until = clock() + WAIT_SECONDS
        while not self._closing.is_set() and clock() < until:
            heard.clear()
            if await self._window.has_news(id, after):
                return True
            waits = [asyncio.create_task(heard.wait()), asyncio.create_task(self._closing.wait())]
            await asyncio.wait(waits, timeout=max(0.0, until - clock()), return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        return False
