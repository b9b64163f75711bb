"""A server of the desk's interface (docs/desk.md) over a few chats in memory, that fails as a test tells it to.

The real server can't be made to lose an answer or a connection at a certain moment; this one can.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from aiohttp import WSMsgType, web

from connectors.web.page import SECURITY_HEADERS

ROOT = Path(__file__).parents[2]
FOLDERS = {"/page/": ROOT / "connectors/web/page", "/desk/page/": ROOT / "connectors/desk/page"}
WORLD = yaml.safe_load(Path(__file__).with_name("desk_stub.yml").read_text("utf-8"))
LINE_KEYS = {"reply": None, "delivery": None, "id": None}


def moment(seconds_ago: float = 0) -> str:
    """A time, as JSON has it."""
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()


class DeskStub:
    """Chats, the events that everybody gets, and the failures to come."""

    def __init__(self) -> None:
        self.me: dict[str, Any] = deepcopy(WORLD["me"])
        self.chats: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.questions: list[dict[str, Any]] = []
        self.callbacks: list[dict[str, Any]] = deepcopy(WORLD["callbacks"])
        self.received: list[tuple[str, str, Any]] = []
        self.sockets: set[web.WebSocketResponse] = set()
        self.resumed: list[int] = []
        self.lose_answers = 0
        self.refusals: list[tuple[int, str]] = []
        self.live_is_down = False
        self.calls: dict[str, list[Any]] = {"open": [], "ringing": []}
        self.signed_out = False
        self.asks_code = False
        self._lines = 5000
        for name, card in WORLD["chats"].items():
            self.add(name, **card)

    def add(self, name: str, **values: Any) -> dict[str, Any]:
        """A chat; `said`: [[from, text]]."""
        said = values.pop("said", [])
        chat = {
            **deepcopy(WORLD["card"]),
            "id": name,
            **deepcopy(values),
            "entered_at": moment(values.pop("waits", 60)),
        }
        chat.pop("waits", None)
        if isinstance(chat["taken_by"], dict):
            chat["taken_at"] = moment(30)
        self.chats[name] = chat
        for sender, text in said:
            chat["messages"].append(self._line(sender, text))
        return chat

    def app(self) -> web.Application:
        """The routes that the page uses."""
        app = web.Application(middlewares=[self._failing])
        chat = "/desk/api/chats/{id}"
        app.add_routes(
            [
                web.get("/desk", self.home),
                web.get("/desk/login", self.page),
                web.get("/desk/chats", self.page),
                web.get("/page/{name}", self.page),
                web.get("/desk/page/{name}", self.page),
                web.get("/desk/api/session", self.who),
                web.post("/desk/api/session", self.log_in),
                web.post("/desk/api/session/totp", shown(lambda: WORLD["totp"])),
                web.put("/desk/api/session/totp", self.confirm),
                web.get("/desk/api/sign-in", shown(lambda: WORLD["sign_in"])),
                web.delete("/desk/api/session", self.log_out),
                web.get("/desk/api/chats", self.all),
                web.get("/desk/api/offices", shown(lambda: WORLD["offices"])),
                web.get("/desk/api/callbacks", shown(lambda: self.callbacks)),
                web.post("/desk/api/callbacks/{id}", self.settle),
                web.put("/desk/api/duty", self.duty),
                web.get("/desk/api/search", self.search),
                web.get("/desk/api/calls", shown(lambda: self.calls)),
                web.get("/desk/api/live", self.live),
                web.get(chat, self.chat),
                web.get(chat + "/messages", self.messages),
                web.post(chat + "/messages", self.say),
                web.post(chat + "/macros", self.say),
                web.post(chat + "/check", self.check),
                web.get(chat + "/replies", shown(lambda: WORLD["replies"])),
                web.get(chat + "/suggestions", self.suggestions),
                web.post(chat + "/take", self.take),
                web.post(chat + "/take-over", self.take),
                web.post(chat + "/decline", self.decline),
                web.post(chat + "/return", self.requeue),
                web.post(chat + "/pass", self.requeue),
                web.post(chat + "/end", self.end),
                web.post(chat + "/notes", self.note),
                web.post(chat + "/whisper", self.note),
                web.post(chat + "/questions", self.question),
                web.post(chat + "/reveal", self.reveal),
                web.put(chat + "/form/{key}", self.form),
                web.post("/desk/api/questions/{id}/answer", self.answer),
            ]
        )
        return app

    # What a test does from the other side

    def resident_says(self, chat: str, text: str) -> dict[str, Any]:
        """A resident says something."""
        return self.said(chat, "resident", text)

    def said(self, chat: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
        """Somebody says something."""
        line = self._line(sender, text, **more)
        self.chats[chat]["messages"].append(line)
        self.happen("said", chat, line=line)
        return line

    def happen(self, what: str, chat: str | None = None, seen: bool = True, **values: Any) -> None:
        """An event to everybody who listens; `seen`: whether they may see the chat."""
        card = self.card(chat) if chat and seen else None
        empty = {"by": None, "details": {}, "line": None, "note": None, "question": None}
        event = {"type": "event", "seq": len(self.events) + 1, "at": moment(), "what": what, "chat": chat, "card": card}
        self.events.append({**event, **empty, **values})
        for socket in list(self.sockets):
            _later(socket.send_json(self.events[-1]))

    def typing(self, chat: str) -> None:
        """The resident is typing."""
        for socket in list(self.sockets):
            _later(socket.send_json({"type": "typing", "chat": chat, "from": "resident"}))

    async def cut(self) -> None:
        """Every live connection breaks off."""
        for socket in list(self.sockets):
            await socket.close(code=1011)

    def posts(self, ending: str) -> list[Any]:
        """The bodies that were sent to paths with that ending."""
        return [body for method, path, body in self.received if method != "GET" and path.endswith(ending)]

    def card(self, chat: str) -> dict[str, Any]:
        """A chat as the lists have it."""
        found = self.chats[chat]
        keys = [
            key
            for key in WORLD["card"]
            if key not in ("packet", "messages", "notes", "questions", "history", "form", "papers", "sees")
        ]
        return {**{key: found[key] for key in keys}, "id": chat, "entered_at": found["entered_at"]}

    # What the page asks

    async def page(self, request: web.Request) -> web.FileResponse:
        """A file, under the real server's security headers."""
        folder = FOLDERS["/page/" if request.path.startswith("/page/") else "/desk/page/"]
        name = request.match_info.get("name") or request.path.rpartition("/")[2] + ".html"
        if not (folder / name).exists():
            raise web.HTTPNotFound
        return web.FileResponse(folder / name, headers=SECURITY_HEADERS)

    async def who(self, request: web.Request) -> web.Response:
        """Whose session it is."""
        return self._problem(401, "login_needed", "请先登录。") if self.signed_out else self._json(self.me)

    async def log_out(self, request: web.Request) -> web.Response:
        """The session ends."""
        self.signed_out = True
        return self._empty()

    async def home(self, request: web.Request) -> web.Response:
        """To one's work."""
        raise web.HTTPSeeOther("/desk/chats")

    async def log_in(self, request: web.Request) -> web.Response:
        """The password is 对, the code 123456."""
        body = await request.json()
        if body["password"] != "对":
            return self._problem(401, "login_refused", "名字或密码不对。")
        if self.asks_code and "code" not in body:
            return self._problem(401, "code_needed", "请写六位数字。")
        if self.asks_code and body["code"] != "123456":
            return self._problem(401, "code_refused", "六位数字不对。")
        self.signed_out = False
        return self._json(self.me)

    async def confirm(self, request: web.Request) -> web.Response:
        """The second step is set up."""
        if (await request.json())["code"] != "123456":
            return self._problem(422, "code_wrong", "六位数字不对，请再看看手机。")
        self.me["setup_needed"] = False
        return self._json(self.me)

    async def all(self, request: web.Request) -> web.Response:
        """The lists."""
        cards = [self.card(name) for name in self.chats]
        mine = [card for card in cards if card["state"] == "taken" and card["taken_by"]["staff"] == self.me["id"]]
        others = [card for card in cards if card["state"] == "taken" and card not in mine]
        waiting = [card for card in cards if card["state"] in ("waiting", "offered")]
        running = others if "supervise" in self.me["rights"] else []
        return self._json(
            {
                "seq": len(self.events),
                "me": self.me,
                "mine": mine,
                "waiting": waiting,
                "beside": self.questions,
                "running": running,
                "elsewhere": [card for card in cards if card["state"] == "elsewhere"],
            }
        )

    async def chat(self, request: web.Request) -> web.Response:
        """All of a chat, with its last 50 lines."""
        found = self._of(request)
        return self._json({**found, **self.card(found["id"]), "messages": found["messages"][-50:]})

    async def messages(self, request: web.Request) -> web.Response:
        """50 older ones."""
        before = int(request.query["before"])
        older = [line for line in self._of(request)["messages"] if line["seq"] < before]
        return self._json({"messages": older[-50:], "more": len(older) > 50})

    async def say(self, request: web.Request) -> web.Response:
        """Once for each id; a text with 15个工作日 contradicts the catalogue."""
        chat, body = self._of(request), await request.json()
        known = next((line for line in chat["messages"] if line["id"] == body["id"]), None)
        text = body.get("text") or f"{body['macro']}：{body.get('material', '')}"
        found = self._findings(text)
        if found and not body.get("anyway"):
            return self._problem(422, "contradicts", findings=found)
        if known is None:
            known = self.said(chat["id"], "agent", text, id=body["id"], delivery="sent")
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.abort()
        return self._json(known, 201)

    async def check(self, request: web.Request) -> web.Response:
        """What in a text contradicts the catalogue."""
        return self._json({"findings": self._findings((await request.json())["text"])})

    async def suggestions(self, request: web.Request) -> web.Response:
        """What to say to the last question."""
        last = self._of(request)["messages"][-1]["text"]
        return self._json({"asked": last, "replies": WORLD["suggestions"] if "带" in last else []})

    async def take(self, request: web.Request) -> web.Response:
        """For whoever asks first."""
        chat = self._of(request)
        if request.path.endswith("/take") and chat["state"] == "taken":
            return self._problem(409, "chat_taken", "这个对话已经有人接了。")
        mine = {"staff": self.me["id"], "name": self.me["name"], "title": self.me["agent"]["title"]}
        chat.update(state="taken", taken_by=mine, taken_at=moment(), offered_to=None, position=None)
        self.happen("taken", chat["id"], by=self.me["id"])
        return self._json(self.card(chat["id"]))

    async def decline(self, request: web.Request) -> web.Response:
        """Back to all."""
        self._of(request).update(state="waiting", offered_to=None)
        self.happen("declined", request.match_info["id"])
        return self._empty()

    async def requeue(self, request: web.Request) -> web.Response:
        """Back into the queue, or to another office, where one does not see it."""
        is_passed = request.path.endswith("/pass")
        self._of(request).update(state="waiting", taken_by=None, taken_at=None)
        self.happen("passed" if is_passed else "given_back", request.match_info["id"], seen=not is_passed)
        if is_passed:
            del self.chats[request.match_info["id"]]
        return self._empty()

    async def end(self, request: web.Request) -> web.Response:
        """The end."""
        body = await request.json()
        self._of(request).update(state="ended", outcome=body["outcome"], sees="past")
        self.happen("ended", request.match_info["id"])
        return self._empty()

    async def note(self, request: web.Request) -> web.Response:
        """A note or a whisper."""
        kind = {"notes": "note", "whisper": "whisper"}[request.path.rpartition("/")[2]]
        return self._json(self.noted(request.match_info["id"], kind, (await request.json())["text"]))

    def noted(self, chat: str, kind: str, text: str, by: str = "王敏") -> dict[str, Any]:
        """A note, told to everybody."""
        note = {
            "id": uuid4().hex,
            "at": moment(),
            "kind": kind,
            "by": {"staff": 3, "name": by},
            "text": text,
            "question": None,
        }
        self.chats[chat]["notes"].append(note)
        self.happen("whisper" if kind == "whisper" else "note", chat, note=note)
        return note

    async def question(self, request: web.Request) -> web.Response:
        """Ask beside."""
        question = self.asked(request.match_info["id"], (await request.json())["text"], self.me["id"], self.me["name"])
        return self._json(question)

    def asked(self, chat: str, text: str, staff: int, name: str) -> dict[str, Any]:
        """A question beside a chat."""
        empty = {"of": None, "answer": None, "answered_by": None, "answered_at": None, "office": None}
        by = {"staff": staff, "name": name}
        question = {"id": uuid4().hex, "chat": chat, "asked_by": by, "text": text, "asked_at": moment(), **empty}
        question["matter"] = self.chats[chat]["matter"]
        self.chats[chat]["questions"].append(question)
        if staff != self.me["id"]:
            self.questions.append(question)
        self.happen("asked_beside", chat, question=question)
        return question

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a question."""
        question = next(one for one in self.questions if one["id"] == request.match_info["id"])
        question.update(answer=(await request.json())["text"], answered_by={"staff": 3, "name": self.me["name"]})
        self.questions.remove(question)
        self.happen("answered_back", question["chat"], question=question)
        return self._json(question)

    async def reveal(self, request: web.Request) -> web.Response:
        """The whole value for a while."""
        if not (await request.json())["reason"]:
            return self._problem(422, "invalid", "请写原因。")
        return self._json({"value": WORLD["id_number"], "until": moment(-60)})

    async def form(self, request: web.Request) -> web.Response:
        """A field is filled in for the resident."""
        form, body = self._of(request)["form"], await request.json()
        if body["version"] != form["version"]:
            return self._problem(409, "form_changed", "居民刚改过表单，请再看一遍。")
        if "电话" in body["text"]:
            return self._problem(422, "answer_refused", "电话号码要 11 位数字。")
        field = next(one for one in form["fields"] if one["key"] == request.match_info["key"])
        field.update(text=body["text"], confirmed=False, source="坐席代填")
        form["version"] += 1
        self.happen("form", request.match_info["id"])
        return self._json(form)

    async def settle(self, request: web.Request) -> web.Response:
        """What became of a call-back."""
        self.callbacks = [one for one in self.callbacks if one["reference"] != request.match_info["id"]]
        return self._empty()

    async def duty(self, request: web.Request) -> web.Response:
        """On or off."""
        self.me["agent"]["on_duty"] = (await request.json())["on_duty"]
        return self._json(self.me["agent"])

    async def search(self, request: web.Request) -> web.Response:
        """Every line with the words in it."""
        found = [
            {"chat": chat["id"], "line": line, "matter": chat["matter"], "at": line["at"]}
            for chat in self.chats.values()
            for line in chat["messages"]
            if request.query["q"] in line["text"]
        ]
        return self._json({"found": found, "next": None})

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The feed, after the last event that was seen."""
        if self.live_is_down:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        after = int(request.query["after"])
        self.resumed.append(after)
        await socket.send_json({"type": "hello", "seq": len(self.events), "me": self.me})
        for event in self.events[after:]:
            await socket.send_json(event)
        self.sockets.add(socket)
        async for message in socket:
            if message.type == WSMsgType.TEXT and json.loads(message.data)["type"] == "here":
                await socket.send_json({"type": "here", "seq": len(self.events)})
        self.sockets.discard(socket)
        return socket

    @web.middleware
    async def _failing(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/desk/api/") and not request.path.endswith("/live"):
            body = await request.json() if request.can_read_body else None
            self.received.append((request.method, request.path, body))
            if self.refusals and request.method != "GET":
                status, name = self.refusals.pop(0)
                return self._problem(status, name, "现在不行。")
        answer: web.StreamResponse = await handler(request)
        return answer

    def _line(self, sender: str, text: str, **more: Any) -> dict[str, Any]:
        self._lines += 1
        return {"seq": self._lines, "from": sender, "at": moment(), "text": text, **LINE_KEYS, **more}

    def _findings(self, text: str) -> list[dict[str, Any]]:
        return WORLD["findings"] if "15个工作日" in text else []

    def _of(self, request: web.Request) -> dict[str, Any]:
        if request.match_info["id"] not in self.chats:
            raise web.HTTPNotFound(
                text=json.dumps({"type": "urn:bangban:problem:not_found", "detail": "没有这个对话。"})
            )
        return self.chats[request.match_info["id"]]

    def _json(self, body: Any, status: int = 200) -> web.Response:
        return web.json_response(body, status=status)

    def _empty(self) -> web.Response:
        return web.Response(status=204)

    def _problem(self, status: int, name: str, detail: str = "", **more: Any) -> web.Response:
        body = {"type": f"urn:bangban:problem:{name}", "status": status, "detail": detail, **more}
        return web.json_response(body, status=status, content_type="application/problem+json")


def shown(value: Callable[[], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that answers with a value as it is then."""

    async def handler(request: web.Request) -> web.Response:
        return web.json_response(value())

    return handler


def _later(sending: Any) -> None:
    """Sends in order of the calls; a connection that is gone is nobody's trouble."""

    async def send() -> None:
        try:
            await sending
        except (ConnectionError, RuntimeError):
            return

    TASKS.add(task := asyncio.get_running_loop().create_task(send()))
    task.add_done_callback(TASKS.discard)


TASKS: set[asyncio.Task[None]] = set()
