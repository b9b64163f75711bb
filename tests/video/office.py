"""A service with nothing but the desk's login, conversations and calls: a worker of it may be started twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import update

from bot.clock import now
from bot.conversation import Answer, Opened
from bot.coordination import open_redis
from bot.news import News
from bot.people import People
from bot.problems import PROBLEMS
from bot.settings import Settings
from bot.starts import Starts
from bot.video import Video, video
from bot.wire import CallWire
from connectors.desk.login import LoginRoutes
from connectors.desk.session import Sessions, own_pages_only
from connectors.message import Inbound, Reply
from connectors.web.conversations import ConversationRoutes
from connectors.web.page import PageRoutes
from connectors.web.problems import problems_middleware
from knowledge.agents import Agents
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.handoff import Wants
from knowledge.handoffs import Handoffs
from knowledge.keyring import Keyring
from knowledge.links import Links
from knowledge.staff import Role, StaffAccounts
from knowledge.tables.call import CallSeatRow
from knowledge.two_steps import TwoSteps
from tests.store.desk import VILLAGE, some_offices

PASSWORD = "correct horse 电池"
OURS = {"Sec-Fetch-Site": "same-origin"}


class NoLimit:
    """Any number of logins."""

    async def admits(self, name: str, address: str) -> bool:
        return True

    async def forget(self, name: str, address: str) -> None:
        return


@dataclass
class Chat:
    """In the place of the assistant: keeps what is said, takes photos."""

    database: Database
    news: News
    taken: list[Inbound] = field(default_factory=list)

    async def push(self, conversation: str, sender: str, reply: Reply) -> int:
        async with self.database.transaction():
            number = await Conversations(self.database).push(conversation, sender, reply.as_dict(), now())
            self.database.after_commit(lambda: self.news.tell(conversation))
        return number

    async def open(self, channel: str, region: str | None = None, elder: bool = False, start: object = None) -> Opened:
        id, token = await Conversations(self.database).open(channel, region, elder, now())
        return Opened(id, token, [{"id": "0", "kind": "text", "text": "您好", "choices": [], "data": {}}])

    async def region(self, code: str | None) -> dict[str, str]:
        return {"code": code or "", "name": "岳北村"}

    async def take(self, inbound: Inbound) -> Answer:
        self.taken.append(inbound)
        return Answer(
            [{"id": f"a{len(self.taken)}", "kind": "text", "text": "收到照片了", "choices": [], "data": {}}], "human"
        )


@dataclass
class Worker:
    """One process of the service, as far as calls go."""

    client: TestClient[Any, Any]
    video: Video
    chat: Chat
    database: Database
    keyring: Keyring

    @property
    def address(self) -> str:
        return str(self.client.make_url("/"))

    async def staff(self, name: str, role: Role = "agent", office: str | None = VILLAGE, region: str = "") -> int:
        """An account, and an agent of the office."""
        accounts = StaffAccounts(self.database, now)
        await accounts.add(name, role, PASSWORD, region)
        staff = (await accounts.named(name)).id
        if office:
            await Agents(self.database).make(staff, office)
        return staff

    async def resident(self) -> tuple[str, dict[str, str]]:
        """A new conversation and the headers that speak in it."""
        id, token = await Conversations(self.database).open("web", "430423101218", False, now())
        return id, {"Authorization": f"Bearer {token}"}

    async def handed_over(self, conversation: str, staff: int) -> str:
        """The conversation has been taken by that agent; the hand-off's id."""
        handoffs = Handoffs(self.database, self.keyring)
        handoff = await handoffs.ask(conversation, "asked", {}, Wants("430423101218", office=VILLAGE), now())
        await handoffs.take(handoff.id, staff, now())
        return handoff.id

    @asynccontextmanager
    async def browser(self, name: str) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser in which that account has logged in."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.address, headers=OURS, cookie_jar=jar) as session:
            async with session.post("/desk/api/session", json={"name": name, "password": PASSWORD}) as response:
                assert response.status == 200, await response.text()
            yield session

    async def said(self, conversation: str) -> list[str]:
        """What the chat says of calls."""
        return [line.text for line in await Conversations(self.database).transcript(conversation)]

    async def age_seats(self, call: str, when: Any) -> None:
        """Nobody was heard of since."""
        async with self.database.transaction() as session:
            await session.execute(update(CallSeatRow).where(CallSeatRow.call_id == call).values(seen_at=when))


@asynccontextmanager
async def worker(
    database: Database, keyring: Keyring, redis_url: str = "", settings: Settings | None = None
) -> AsyncIterator[Worker]:
    """Start one."""
    redis = open_redis(redis_url)
    news = News(redis)
    chat = Chat(database, news)
    settings = settings or Settings(data_dir=Path())
    accounts, steps, talks = StaffAccounts(database, now), TwoSteps(database, keyring, now), Conversations(database)
    sessions = Sessions(accounts, steps, two_steps=False)
    app = web.Application(middlewares=[problems_middleware(PROBLEMS), own_pages_only()], client_max_size=11 * 2**20)
    people = People.of(settings, database, keyring, Catalogue(database), news, now)
    async with video(settings, people, keyring, CallWire(redis), chat.push) as calls:
        starts = Starts(Links(database), Catalogue(database), now)
        conversations = ConversationRoutes(chat, talks, news, chat, starts)
        app.add_routes([*PageRoutes().routes(), *conversations.routes()])
        app.on_shutdown.append(conversations.close)
        app.add_routes(LoginRoutes(accounts, sessions, NoLimit(), steps).routes())
        app.add_routes(calls.routes(sessions, talks, chat))  # type: ignore[arg-type]
        app.on_shutdown.append(calls.lines.close)
        async with TestClient(TestServer(app)) as client:
            yield Worker(client, calls, chat, database, keyring)
    await redis.aclose()


async def an_office(database: Database) -> None:
    """The offices of the tests."""
    await some_offices(database)
