"""A queue of short messages, its worker, and the provider at the other end over HTTP; the clock is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.metrics import Metrics
from bot.sms_worker import SmsWorker
from connectors.sms.aliyun import AliyunSms, Templates
from connectors.sms.service import texts
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.sms import SentSms, Sms
from tests.sms.provider import KEY, SECRET, Provider
from tests.store.cases import KEYRING, Clock

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
TELEPHONE = "13800000000"
NEWS = {"matter": "高龄津贴", "reference": "BB-1123-ACDE"}
TEMPLATES = Templates("岳北镇政务", {key: f"SMS_{number}" for number, key in enumerate(sorted(texts()), 1)})
DAILY = 3


@dataclass
class Out:
    """What sends, wired as in bot/texting.py."""

    database: Database
    url: str
    clock: Clock

    def __post_init__(self) -> None:
        self.queue = Sms(self.database, KEYRING)
        self.sender = AliyunSms(self.url, KEY, SECRET, TEMPLATES, self.clock)
        self.worker = SmsWorker(self.database, self.queue, self.sender, self.clock, Metrics(), DAILY)

    async def a_contact(self, telephone: str = TELEPHONE) -> str:
        """A conversation whose resident allowed short messages."""
        conversation, _ = await Conversations(self.database).open("web", None, False, self.clock())
        await self.queue.contacts.know(conversation, telephone, self.clock())
        await self.queue.contacts.asked(conversation, self.clock())
        await self.queue.contacts.allow(conversation, self.clock())
        return conversation

    async def tell(self, conversation: str, **more: Any) -> str:
        """News of a case, queued now."""
        id = await self.queue.queue(conversation, "case_approved", NEWS, self.clock(), **more)
        assert id is not None
        return id

    async def state(self, id: str) -> SentSms:
        found = await self.queue.find(id)
        assert found is not None
        return found


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.time = NOON
    return clock


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def address(provider: Provider) -> AsyncIterator[str]:
    async with TestServer(provider.app()) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def out(database: Database, address: str, clock: Clock) -> AsyncIterator[Out]:
    made = Out(database, address, clock)
    yield made
    await made.sender.close()
