"""Residents' and agents' pages without a screen: what they send and hear over HTTP, server-sent events and WebSocket.

Like the pages they send a message again under the same id until it is taken, and after a drop they go on from the last
event that they have. Used by `bangban bench desk` and by the tests of faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from bot.bench.numbered import Numbered

AGAIN_SECONDS = 0.2
"""Between two tries."""
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError, OSError)
GONE = ("given_back", "passed", "returned", "agent_gone", "taken_over", "ended")
"""Events after which a chat is somebody else's. Other events may carry a card from before it was taken."""
PASSWORD = "bench 坐席的密码"


class Refused(Exception):
    """The service said no: the status and what it says of it."""


@dataclass(slots=True)
class Talk:
    """A chat as both sides know it: what each says, numbered. `chat`: the hand-off's id once it is taken.

    `shown`: the lines that an agent saw. A line may come with the chat and by the feed, to one agent and to the next.
    """

    asks: Numbered = field(default_factory=Numbered)
    answers: Numbered = field(default_factory=Numbered)
    chat: str = ""
    shown: set[int] = field(default_factory=set)

    def show(self, line: dict[str, Any]) -> None:
        """An agent sees a line, each once by its number."""
        if line["from"] == "resident" and line["seq"] not in self.shown:
            self.shown.add(line["seq"])
            self.asks.hear(line["text"])


async def persist(client: aiohttp.ClientSession, method: str, path: str, body: Any, **options: Any) -> Any:
    """The JSON of a request that is sent until it is answered, by 503 again too. Raises Refused."""
    while True:
        try:
            async with client.request(method, path, json=body, **options) as response:
                if response.status < 400:
                    return await response.json() if response.content_type == "application/json" else None
                if response.status < 500:
                    raise Refused(response.status, await response.text())
        except BROKEN:
            pass
        await asyncio.sleep(AGAIN_SECONDS)


class ResidentPage:
    """A resident who wants a person, and hears what comes."""

    def __init__(self, client: aiohttp.ClientSession, talk: Talk, quiet: float = 40.0) -> None:
        """`quiet`: a stream that says nothing for so many seconds is opened again."""
        self.id = ""
        self.talk = talk
        self.modes: list[str] = []
        self.told: list[str] = []
        self.on_opened: Callable[[], None] = lambda: None
        self._client = client
        self._quiet = quiet
        self._last = 0
        self._headers: dict[str, str] = {}

    async def arrive(self) -> None:
        """Open a conversation and ask for a person."""
        opened = await persist(self._client, "POST", "/api/v1/conversations", {"channel": "web"})
        self.id, self._headers = opened["id"], {"Authorization": f"Bearer {opened['token']}"}
        self.on_opened()
        await self._post("messages", {"id": str(uuid4()), "text": "转人工"})

    async def ask(self) -> None:
        """Say the next numbered sentence; returns when the service has taken it."""
        text = f"问{self.talk.asks.send()}：屋里老人的事怎么办"
        answer = await self._post("messages", {"id": str(uuid4()), "text": text})
        self.modes.append(answer["mode"])

    async def listen(self) -> None:
        """Hear what is pushed, for ever."""
        while True:
            try:
                await self._hear()
            except BROKEN:
                await asyncio.sleep(AGAIN_SECONDS)

    async def transcript(self) -> list[dict[str, Any]]:
        """The last lines, as the page would show them again."""
        path = f"/api/v1/conversations/{self.id}/messages"
        return list((await persist(self._client, "GET", path, None, headers=self._headers))["messages"])

    async def _hear(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._quiet, sock_read=self._quiet)
        path, headers = f"/api/v1/conversations/{self.id}/events", {"Last-Event-ID": str(self._last)}
        async with self._client.get(path, headers=self._headers | headers, timeout=timeout) as response:
            response.raise_for_status()
            async for line in response.content:
                if line.startswith(b"data: "):
                    await self._show(orjson.loads(line[6:]))

    async def _show(self, line: dict[str, Any]) -> None:
        self._last = line["seq"]
        self.told.append(line["text"])
        if line["from"] == "agent":
            self.talk.answers.hear(line["text"])
            await self._post("heard", {"number": line["seq"]})

    async def _post(self, what: str, body: Any) -> Any:
        return await persist(
            self._client, "POST", f"/api/v1/conversations/{self.id}/{what}", body, headers=self._headers
        )


class AgentPage:
    """An agent at the desk: takes what they are offered, and hears what is said in their chats."""

    def __init__(self, client: aiohttp.ClientSession, name: str, talks: dict[str, Talk], quiet: float = 40.0) -> None:
        """`talks`: by conversation, of all residents; `quiet`: a feed that says nothing for so long is opened again."""
        self.name = name
        self.chats: dict[str, Talk] = {}
        """Those that are theirs now."""
        self.backwards = 0
        """Events of the feed that came again, or before an earlier one."""
        self.on_taken: Callable[[str], None] = lambda chat: None
        self._client = client
        self._talks = talks
        self._quiet = quiet
        self._after = 0
        self._me = 0

    async def sign_in(self) -> None:
        """Log in and come on duty."""
        me = await persist(self._client, "POST", "/desk/api/session", {"name": self.name, "password": PASSWORD})
        self._me = me["id"]
        await self._ask("PUT", "duty", {"on_duty": True})
        lists = await self._ask("GET", "chats")
        self._after = lists["seq"]
        for card in lists["mine"]:
            await self._open(card["id"])

    async def answer(self, chat: str) -> None:
        """Say the next numbered sentence in a chat of theirs; nothing when it is theirs no more."""
        answers = self.chats[chat].answers
        number = answers.send()
        message = {"id": str(uuid4()), "text": f"答{number}：带身份证和户口簿来就行"}
        try:
            await self._ask("POST", f"chats/{chat}/messages", message)
        except Refused:
            answers.refused(number)

    async def listen(self) -> None:
        """Hear the live feed, for ever."""
        while True:
            with suppress(*BROKEN):
                await self._hear()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self) -> None:
        timeout = aiohttp.ClientWSTimeout(ws_receive=self._quiet, ws_close=1.0)
        path = f"/desk/api/live?after={self._after}"
        async with self._client.ws_connect(path, timeout=timeout) as socket, self._present(socket):
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await self._told(orjson.loads(frame.data))

    @asynccontextmanager
    async def _present(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[None]:
        async def say_so() -> None:
            while not socket.closed:
                await asyncio.sleep(self._quiet / 2)
                await socket.send_json({"type": "here"})

        task = asyncio.create_task(say_so())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _told(self, told: dict[str, Any]) -> None:
        if told["type"] != "event":
            return
        self.backwards += told["seq"] <= self._after
        self._after = told["seq"]
        chat, card = told["chat"], told["card"]
        if chat is None:
            return
        if card is None or (told["what"] in GONE and (card["taken_by"] or {}).get("staff") != self._me):
            self.chats.pop(chat, None)
        if told["what"] == "offered" and card and card["offered_to"] == self._me:
            await self._take(chat)
        elif told["what"] == "said" and chat in self.chats:
            self.chats[chat].show(told["line"])

    async def _take(self, chat: str) -> None:
        try:
            await self._ask("POST", f"chats/{chat}/take")
        except Refused:  # it was offered to somebody else meanwhile
            return
        await self._open(chat)

    async def _open(self, chat: str) -> None:
        """Show a chat with what was said before."""
        whole = await self._ask("GET", f"chats/{chat}")
        talk = self._talks.get(whole["conversation"])
        if talk is None:
            return
        self.chats[chat], talk.chat = talk, chat
        for line in whole["messages"]:
            talk.show(line)
        self.on_taken(chat)

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return await persist(self._client, method, f"/desk/api/{path}", body)


@asynccontextmanager
async def browser(address: str, quiet: float) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser of its own, with its cookies; it gives a request up after so many seconds."""
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.CookieJar(unsafe=True)  # the address is an IP
    options: dict[str, Any] = {"cookie_jar": jar, "connector": connector, "timeout": aiohttp.ClientTimeout(total=quiet)}
    async with aiohttp.ClientSession(address, headers=SAME_ORIGIN, **options) as session:
        yield session
