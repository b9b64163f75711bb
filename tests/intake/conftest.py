"""Our side of the platform's line, and the sandbox at the other end of it, over HTTP; the clock is moved by hand."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tenacity import wait_none

from bot.case_news import CaseNews
from bot.deliveries import Deliveries
from bot.metrics import Metrics
from bot.outbox import OutboxWorker
from bot.outbox_desk import OutboxDesk
from connectors.intake.callbacks import IntakeCallbacks
from connectors.intake.client import IntakeClient
from connectors.intake.reading import AuthorisationChanged
from connectors.message import Reply
from connectors.sandbox.app import create_sandbox
from connectors.web.problems import Handler, problems_middleware
from knowledge.case import Case, NewCase
from knowledge.cases import CaseNotFound, Cases
from knowledge.conversations import Conversations
from knowledge.database import Database, DatabaseUnavailable
from knowledge.files import Files
from knowledge.outbox import Outbox
from knowledge.submissions import Submissions
from tests.sandbox.conftest import KEY, SECRET
from tests.sandbox.conftest import case as a_request
from tests.store.cases import AT, KEYRING, Clock, a_conversation

MATTER = ("M005", "80周岁以上老年人高龄津贴发放")


@dataclass
class Service:
    """What talks to the platform, wired as in bot/app.py."""

    database: Database
    intake: IntakeClient
    clock: Clock
    authorisations: list[AuthorisationChanged] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.cases = Cases(self.database, KEYRING)
        self.outbox = Outbox(self.database, KEYRING)
        self.files = Files(self.database, KEYRING)
        self.conversations = Conversations(self.database)
        self.submissions = Submissions(self.cases, self.outbox)
        self.news = CaseNews(self.database, self.cases, self.submissions, self.push, self.clock, self.on_authorisation)
        post = Deliveries(self.intake, self.cases, self.files, self.news, self.clock)
        self.worker = OutboxWorker(
            self.database, self.outbox, self.cases, post, self.clock, self.metrics, chance=lambda: 0
        )
        self.desk = OutboxDesk(self.database, self.outbox, self.cases, self.push, self.clock)

    async def push(self, conversation: str, sender: str, reply: Reply) -> int:
        return await self.conversations.push(conversation, sender, reply.as_dict(), self.clock())

    async def on_authorisation(self, change: AuthorisationChanged) -> None:
        self.authorisations.append(change)

    async def submit(self, *files: str, **other: Any) -> Case:
        """高龄津贴 for an invented woman, left in the outbox."""
        body = {key: value for key, value in a_request(**other).items() if key not in GIVEN_BY_THE_CASE}
        new = NewCase(await a_conversation(self.database), *MATTER, "430423101218", promise_days=22)
        async with self.database.transaction():
            return await self.submissions.submit(new, body, files, self.clock())

    async def told(self, case: Case) -> list[dict[str, Any]]:
        """What the resident was told, as replies."""
        assert case.conversation_id is not None
        lines = await self.conversations.pushed_after(case.conversation_id, 0)
        return [line.reply for line in lines if line.reply is not None]

    async def states_told(self, case: Case) -> list[str]:
        return [reply["data"]["state"] for reply in await self.told(case)]


GIVEN_BY_THE_CASE = {"reference", "matter", "region", "submitted_at"}


@dataclass
class Platform:
    """The sandbox, steered by the test, and the answers that its calls got from us."""

    server: TestServer
    session: aiohttp.ClientSession
    answers: asyncio.Queue[int]

    async def steer(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"/sandbox{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json(content_type=None)

    async def switch(self, **switches: Any) -> None:
        await self.steer("PUT", "/switches", switches)

    async def act(self, case: Case, action: str, **body: Any) -> None:
        """What the platform's clerk does."""
        await self.steer("POST", f"/cases/{case.platform_number}/{action}", body)

    async def cases(self, case: Case) -> list[dict[str, Any]]:
        """All cases that arrived there under our reference."""
        return [each for each in await self.steer("GET", "/cases") if each["reference"] == case.reference]

    async def calls(self, count: int) -> list[int]:
        """The statuses that we gave to so many of its calls."""
        return [await self.answers.get() for _ in range(count)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(tmp_path: Path, clock: Clock) -> AsyncIterator[Platform]:
    app = create_sandbox(tmp_path / "sandbox.db", SECRET, "", clock, key=KEY)
    async with TestServer(app) as server, aiohttp.ClientSession(base_url=server.make_url("/")) as session:
        yield Platform(server, session, asyncio.Queue())


@pytest.fixture
async def intake(platform: Platform) -> AsyncIterator[IntakeClient]:
    client = IntakeClient(str(platform.server.make_url("/")), KEY, pause=0.001, between=wait_none())
    yield client
    await client.close()


@pytest.fixture
async def service(database: Database, intake: IntakeClient, clock: Clock, platform: Platform) -> AsyncIterator[Service]:
    """Our side, which the sandbox calls back."""
    made = Service(database, intake, clock)
    async with TestServer(channel(made, platform.answers)) as server:
        await platform.steer("PUT", "/callbacks", {"url": str(server.make_url("/channels/intake"))})
        yield made
        await platform.steer("PUT", "/callbacks", {"url": ""})


def channel(service: Service, answers: asyncio.Queue[int]) -> web.Application:
    """`/channels/intake` as bot/app.py serves it."""

    @web.middleware
    async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        answers.put_nowait(response.status)
        return response

    named: dict[type[Exception], str] = {CaseNotFound: "case_not_found", DatabaseUnavailable: "unavailable"}
    app = web.Application(middlewares=[noted, problems_middleware(named)])
    app.add_routes(IntakeCallbacks(SECRET, service.news, service.clock).routes())
    return app


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


__all__ = ["AT", "Platform", "Service"]
