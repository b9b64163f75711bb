"""The service with a provider of short messages, a clock that is moved by hand, and restarts on the same stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import yaml
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import RUNNING, Bangban, create_app
from bot.appointments import AppointmentWorker
from bot.settings import Settings
from connectors.sms.service import texts
from knowledge.quiet import is_quiet
from knowledge.tables.sms import SmsRow
from tests.pairs import Pair
from tests.service.conftest import Resident, arrive
from tests.sms.provider import KEY, SECRET, Provider

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine in the morning in China."""


@dataclass
class SmsTown:
    """One county over HTTP. The provider's template codes are our texts' keys."""

    pair: Pair
    folder: Path
    provider: Provider
    url: str
    now: datetime = MONDAY
    numbers: int = 0
    client: Any = None
    bangban: Bangban = field(init=False)
    more: dict[str, Any] = field(default_factory=dict)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service, until the end; the next one finds what this one left."""
        templates = self.folder / "templates.yml"
        templates.write_text(yaml.safe_dump({"sign": "岳北镇政务", "templates": {key: key for key in texts()}}))
        settings = Settings(
            data_dir=self.folder,
            database_url=self.pair.database_url,
            redis_url=self.pair.redis_url,
            desk_two_steps=False,
            sms="aliyun",
            sms_url=self.url,
            sms_key=SecretStr(KEY),
            sms_secret=SecretStr(SECRET),
            sms_templates=str(templates),
            **self.more,
        )
        app = await create_app(settings, lambda: self.now)
        async with TestClient(TestServer(app)) as client:
            self.client, self.bangban = client, app[RUNNING]
            yield

    async def somebody(self, *, agrees: bool = True) -> Resident:
        """Somebody of 岳北村 who gave a number, and who agrees to short messages or not."""
        resident = await arrive(self.client)
        await resident.say("我是岳北村的，我要分户")
        self.numbers += 1
        contacts = self.bangban.texting.queue.contacts
        await contacts.know(resident.id, f"1380000{self.numbers:04}", self.now)
        await (contacts.allow if agrees else contacts.refuse)(resident.id, self.now)
        return resident

    async def pass_by(self, **time: float) -> None:
        """Move the clock on, and let all happen that is due then."""
        self.now += timedelta(**time)
        await self.round()

    async def round(self) -> None:
        """What is due now is done: appointments, home visits, then short messages."""
        bangban = self.bangban
        reach = bangban.texting.reaching(bangban.assistant.push)
        await AppointmentWorker(bangban.base, bangban.services, reach).round()
        await bangban.visits.desk.remind()
        await self.sent_all()

    async def sent_all(self) -> None:
        """No message is due or in hand any more; another worker of the service may have it."""
        while await is_due(self.bangban, self.now):
            await self.bangban.texting.worker.round()
            await asyncio.sleep(0)

    def sent(self) -> list[tuple[str, dict[str, str]]]:
        """Texts and values that went out, the oldest first."""
        return [(each["TemplateCode"], orjson.loads(each["TemplateParam"])) for each in self.provider.sent]

    def keys(self) -> list[str]:
        """Only the texts."""
        return [key for key, _ in self.sent()]

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Any]:
        """A supervisor's requests."""
        name, password = f"supervisor-{uuid4().hex[:8]}", "correct-horse-battery"
        await self.bangban.base.accounts.add(name, "supervisor", password)
        headers = {"Origin": str(self.client.make_url("/")).rstrip("/")}
        body = {"name": name, "password": password}
        async with self.client.post("/desk/api/session", json=body, headers=headers) as response:
            assert response.status < 300, await response.text()

        async def post(path: str, status: int, method: str = "post", **told: Any) -> Any:
            async with self.client.request(method, f"/desk/api/{path}", json=told, headers=headers) as answer:
                assert answer.status == status, await answer.text()
                return await answer.json() if status not in (204,) else None

        yield post


async def is_due(bangban: Bangban, at: datetime) -> bool:
    """Whether a message is in some worker's hands, or is to go now."""
    query = select(SmsRow.state).where(SmsRow.state.in_(("waiting", "sending")), SmsRow.due_at <= at)
    async with bangban.base.database.looking() as session:
        states = (await session.scalars(query)).all()
    return "sending" in states or ("waiting" in states and not is_quiet(at))


@asynccontextmanager
async def sms_town(pair: Pair, folder: Path, **more: Any) -> AsyncIterator[SmsTown]:
    """A town that isn't running yet; `more`: settings besides."""
    provider = Provider()
    async with TestServer(provider.app()) as server:
        yield SmsTown(pair, folder, provider, str(server.make_url("/")), more=more)
