"""`/desk/api/chats/{id}/messages` and what helps to write them; forms, what is revealed, search. See docs/desk.md."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from connectors.desk.chat_service import ChatsDesk, Contradicts, FormsDesk, WordsDesk
from connectors.desk.chats import DeskRoutes, answer, number
from connectors.desk.session import Sessions
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem
from knowledge.forms.refusal import AnswerRefused

MAX_SAID = 2_000
"""Characters that staff say at once."""

Once = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}\Z")]
Said = Annotated[str, Field(min_length=1, max_length=MAX_SAID, pattern=r"\S")]


class SayRequest(Strict):
    """One message. `anyway`: it has been seen that it contradicts the catalogue."""

    id: Once
    text: Said
    anyway: bool = False


class CheckRequest(Strict):
    """What is being written."""

    text: Annotated[str, Field(max_length=MAX_SAID)]


class MacroRequest(Strict):
    """One of the ready-made messages, and what it is about."""

    id: Once
    macro: Literal["ask_paper", "send_form", "send_guide"]
    material: Annotated[str, Field(max_length=200)] | None = None
    form: Annotated[str, Field(max_length=200)] | None = None
    matter: Annotated[str, Field(max_length=100)] | None = None

    @property
    def of(self) -> str | None:
        """What it is about."""
        return {"ask_paper": self.material, "send_form": self.form, "send_guide": self.matter}[self.macro]


class FieldRequest(Strict):
    """What shall stand in a field of the form of that version."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    version: int


class RevealRequest(Strict):
    """What shall be shown unmasked, and why."""

    what: Annotated[str, Field(pattern=r"^(id_number|telephone|field:\w{1,50})\Z")]
    reason: Annotated[str, Field(min_length=2, max_length=300, pattern=r"\S\s*\S")]


class WordRoutes(DeskRoutes):
    """Saying something, and looking things up."""

    def __init__(self, sessions: Sessions, chats: ChatsDesk, words: WordsDesk, forms: FormsDesk) -> None:
        super().__init__(sessions, chats)
        self._words = words
        self._forms = forms

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        chat = "/desk/api/chats/{id}"
        return [
            web.post(chat + "/messages", self.say),
            web.post(chat + "/check", self.check),
            web.post(chat + "/macros", self.macro),
            web.get(chat + "/suggestions", self.suggestions),
            web.get(chat + "/replies", self.replies),
            web.put(chat + "/form/{key}", self.fill_in),
            web.post(chat + "/reveal", self.reveal),
            web.get("/desk/api/reveals", self.reveals),
            web.get("/desk/api/search", self.search),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """POST: one message; the same id again is the same line."""
        viewer, wanted = await self._viewer(request), await read_json(request, SayRequest)
        text, id = wanted.text.replace("\0", ""), request.match_info["id"]
        try:
            return answer(await self._words.say(viewer, id, wanted.id, text, wanted.anyway), 201)
        except Contradicts as error:
            raise Problem("contradicts", {"findings": error.findings}) from error

    async def check(self, request: web.Request) -> web.Response:
        """POST: what contradicts the catalogue in what is being written."""
        viewer, wanted = await self._viewer(request), await read_json(request, CheckRequest)
        return answer({"findings": await self._words.check(viewer, request.match_info["id"], wanted.text)})

    async def macro(self, request: web.Request) -> web.Response:
        """POST: a ready-made message."""
        viewer, wanted = await self._viewer(request), await read_json(request, MacroRequest)
        id = request.match_info["id"]
        return answer(await self._words.macro(viewer, id, wanted.id, wanted.macro, wanted.of), 201)

    async def suggestions(self, request: web.Request) -> web.Response:
        """GET: what the catalogue says to what was asked last."""
        return answer(await self._words.suggestions(await self._viewer(request), request.match_info["id"]))

    async def replies(self, request: web.Request) -> web.Response:
        """GET: canned replies with this matter's facts."""
        return answer(await self._words.replies(await self._viewer(request), request.match_info["id"]))

    async def fill_in(self, request: web.Request) -> web.Response:
        """PUT: fill a field in for the resident."""
        viewer, wanted = await self._viewer(request), await read_json(request, FieldRequest)
        id, key = request.match_info["id"], request.match_info["key"]
        try:
            return answer(await self._forms.fill_in(viewer, id, key, wanted.text, wanted.version))
        except AnswerRefused as error:
            raise Problem("answer_refused", reason=str(error)) from error

    async def reveal(self, request: web.Request) -> web.Response:
        """POST: show what is masked, for a reason that is kept."""
        viewer, wanted = await self._viewer(request, "reveal"), await read_json(request, RevealRequest)
        reason = wanted.reason.strip()
        return answer(await self._forms.reveal(viewer, request.match_info["id"], wanted.what, reason))

    async def reveals(self, request: web.Request) -> web.Response:
        """GET: who was shown what."""
        return answer(await self._forms.reveals(await self._viewer(request, "supervise")))

    async def search(self, request: web.Request) -> web.Response:
        """GET `?q=`: in the transcripts that one may see."""
        viewer = await self._viewer(request, "search")
        words = request.query.get("q", "").strip()[:100]
        if len(words) < 2:
            raise Problem("wrong_fields", reason="q: 至少写两个字")
        return answer(await self._words.search(viewer, words, number(request, "before")))
