"""`/desk/api/chats…`: the queue, the chats, what is asked beside them, call-backs. docs/desk.md has the shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import Right, Viewer
from connectors.desk.chat_service import ChatsDesk
from connectors.desk.login import shown
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json
from connectors.web.files import file_headers
from connectors.web.problems import Problem

MAX_NOTE = 1_000

NoteText = Annotated[str, Field(min_length=1, max_length=MAX_NOTE, pattern=r"\S")]
MaybeText = Annotated[str, Field(max_length=MAX_NOTE)]
OfficeCode = Annotated[str, Field(min_length=1, max_length=40)]


class DutyRequest(Strict):
    """Come on duty or go off."""

    on_duty: bool


class NoteRequest(Strict):
    """Something that staff write for each other."""

    text: NoteText


class ReturnRequest(Strict):
    """Why a chat goes back into the queue."""

    note: MaybeText = ""


class PassRequest(Strict):
    """Where a chat is passed on to, and what whoever takes it should know."""

    office: OfficeCode
    staff: int | None = None
    note: MaybeText = ""


class EndRequest(Strict):
    """What came of a chat."""

    outcome: Literal["solved", "passed", "unsolved", "gone"]
    summary: MaybeText = ""


class QuestionRequest(Strict):
    """What is asked beside a chat, and whom."""

    office: OfficeCode
    staff: int | None = None
    text: NoteText


class CallbackRequest(Strict):
    """What became of a call-back."""

    status: Literal["kept", "missed", "dropped"]


class DeskRoutes:
    """What the routes of the desk share: who asks, and what they may."""

    def __init__(self, sessions: Sessions, chats: ChatsDesk) -> None:
        self._sessions = sessions
        self._chats = chats

    async def _viewer(self, request: web.Request, right: Right = "answer") -> Viewer:
        return await self._chats.viewer(await self._sessions.staff(request, right))

    async def _answering(self, request: web.Request) -> Viewer:
        """Whoever may look at chats: those who answer, and those who watch over them."""
        viewer = await self._chats.viewer(await self._sessions.staff(request))
        if not (viewer.may("answer") or viewer.may("supervise")):
            raise Problem("role_missing")
        return viewer


class ChatRoutes(DeskRoutes):
    """The queue and the chats."""

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        chat = "/desk/api/chats/{id}"
        posts: dict[str, Callable[[web.Request], Any]] = {
            "take": self.take,
            "decline": self.decline,
            "return": self.give_back,
            "pass": self.pass_on,
            "end": self.end,
            "notes": self.note,
            "questions": self.ask,
            "whisper": self.whisper,
            "take-over": self.take_over,
        }
        return [
            web.get("/desk/api/chats", self.overview),
            web.put("/desk/api/duty", self.duty),
            web.get("/desk/api/offices", self.offices),
            web.get(chat, self.chat),
            web.get(chat + "/messages", self.lines),
            web.get(chat + "/files/{file}", self.file),
            web.get(chat + "/files/{file}/sound", self.sound),
            *(web.post(f"{chat}/{name}", handler) for name, handler in posts.items()),
            web.post("/desk/api/questions/{id}/answer", self.answer),
            web.get("/desk/api/callbacks", self.callbacks),
            web.post("/desk/api/callbacks/{reference}", self.end_callback),
        ]

    async def overview(self, request: web.Request) -> web.Response:
        """GET: all lists of the desk."""
        viewer = await self._answering(request)
        me = {**shown(viewer.staff), "setup_needed": False, "agent": await self._chats.agent(viewer)}
        return answer({**await self._chats.overview(viewer), "me": me})

    async def duty(self, request: web.Request) -> web.Response:
        """PUT: on duty or off."""
        viewer = await self._viewer(request)
        wanted = await read_json(request, DutyRequest)
        return answer(await self._chats.set_duty(viewer, wanted.on_duty))

    async def offices(self, request: web.Request) -> web.Response:
        """GET: where a chat can be passed."""
        return answer(await self._chats.offices(await self._answering(request)))

    async def chat(self, request: web.Request) -> web.Response:
        """GET: all of one chat."""
        return answer(await self._chats.chat(await self._answering(request), request.match_info["id"]))

    async def lines(self, request: web.Request) -> web.Response:
        """GET `?before=` or `?after=`: a page of the transcript."""
        viewer = await self._answering(request)
        before, after = number(request, "before"), number(request, "after")
        return answer(await self._chats.lines(viewer, request.match_info["id"], before, after))

    async def file(self, request: web.Request) -> web.Response:
        """GET: a file of the conversation, under its own name."""
        viewer = await self._answering(request)
        file, content = await self._chats.file(viewer, request.match_info["id"], request.match_info["file"])
        return web.Response(body=content, headers=file_headers(file))

    async def sound(self, request: web.Request) -> web.Response:
        """GET: a resident's recording, as a browser plays it."""
        viewer = await self._answering(request)
        made = await self._chats.sound(viewer, request.match_info["id"], request.match_info["file"])
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=made, content_type="audio/mpeg", headers=headers)

    async def take(self, request: web.Request) -> web.Response:
        """POST: take a chat."""
        return answer(await self._chats.take(await self._viewer(request), request.match_info["id"]))

    async def decline(self, request: web.Request) -> web.Response:
        """POST: let an offer pass."""
        await self._chats.decline(await self._viewer(request), request.match_info["id"])
        return web.Response(status=204)

    async def give_back(self, request: web.Request) -> web.Response:
        """POST: back into the queue."""
        viewer = await self._viewer(request)
        wanted = await read_json(request, ReturnRequest) if request.can_read_body else ReturnRequest()
        await self._chats.give_back(viewer, request.match_info["id"], wanted.note)
        return web.Response(status=204)

    async def pass_on(self, request: web.Request) -> web.Response:
        """POST: on to an office or an agent."""
        viewer, wanted = await self._viewer(request), await read_json(request, PassRequest)
        await self._chats.pass_on(viewer, request.match_info["id"], wanted.office, wanted.staff, wanted.note)
        return web.Response(status=204)

    async def end(self, request: web.Request) -> web.Response:
        """POST: end a chat."""
        viewer, wanted = await self._viewer(request), await read_json(request, EndRequest)
        await self._chats.end(viewer, request.match_info["id"], wanted.outcome, wanted.summary)
        return web.Response(status=204)

    async def note(self, request: web.Request) -> web.Response:
        """POST: an internal note."""
        viewer, wanted = await self._answering(request), await read_json(request, NoteRequest)
        return answer(await self._chats.note(viewer, request.match_info["id"], wanted.text), 201)

    async def whisper(self, request: web.Request) -> web.Response:
        """POST: a word to the agent."""
        viewer, wanted = await self._viewer(request, "supervise"), await read_json(request, NoteRequest)
        return answer(await self._chats.whisper(viewer, request.match_info["id"], wanted.text), 201)

    async def take_over(self, request: web.Request) -> web.Response:
        """POST: a supervisor takes a chat."""
        return answer(await self._chats.take_over(await self._viewer(request, "supervise"), request.match_info["id"]))

    async def ask(self, request: web.Request) -> web.Response:
        """POST: ask beside."""
        viewer, wanted = await self._viewer(request), await read_json(request, QuestionRequest)
        id = request.match_info["id"]
        return answer(await self._chats.ask_beside(viewer, id, wanted.office, wanted.staff, wanted.text), 201)

    async def answer(self, request: web.Request) -> web.Response:
        """POST: answer what was asked beside."""
        viewer, wanted = await self._viewer(request), await read_json(request, NoteRequest)
        return answer(await self._chats.answer_back(viewer, request.match_info["id"], wanted.text))

    async def callbacks(self, request: web.Request) -> web.Response:
        """GET: the call-backs that are still to be made."""
        return answer(await self._chats.callbacks(await self._answering(request)))

    async def end_callback(self, request: web.Request) -> web.Response:
        """POST: what became of one."""
        viewer, wanted = await self._answering(request), await read_json(request, CallbackRequest)
        await self._chats.end_callback(viewer, request.match_info["reference"], wanted.status)
        return web.Response(status=204)


def answer(body: Any, status: int = 200) -> web.Response:
    """JSON that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=headers)


def number(request: web.Request, name: str) -> int | None:
    """A number in the query, or None. Raises Problem `wrong_fields`."""
    told = request.query.get(name)
    if told is None:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise Problem("wrong_fields", reason=f"{name}: 要一个数")
    return int(told)
