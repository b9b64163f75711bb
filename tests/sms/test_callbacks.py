"""The provider's calls: a receipt, and 退订 as an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from connectors.sms.callbacks import SmsCallbacks
from connectors.web.problems import problems_middleware

SECRET = "k3b9-invented"
Client = TestClient[web.Request, web.Application]


@dataclass
class Heard:
    receipts: list[tuple[str, str]] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)

    async def reached(self, id: str, failure: str) -> None:
        self.receipts.append((id, failure))

    async def answered_stop(self, telephone: str) -> None:
        self.stops.append(telephone)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def client(heard: Heard) -> AsyncIterator[Client]:
    app = web.Application(middlewares=[problems_middleware({})])
    app.add_routes(SmsCallbacks(SECRET, heard).routes())
    async with TestClient(TestServer(app)) as one:
        yield one


async def test_receipts_and_answers_are_heard(client: Client, heard: Heard) -> None:
    told = [
        {"phone_number": "13800000000", "success": True, "out_id": "01A", "biz_id": "9^0", "err_code": "DELIVERED"},
        {"phone_number": "13800000000", "success": False, "out_id": "01B", "err_code": "MOBILE_NOT_ON_SERVICE"},
        {"phone_number": "13800000001", "content": " 退 订", "sequence_id": 1, "dest_code": "1234"},
        {"phone_number": "13800000002", "content": "td", "sequence_id": 2},
        {"phone_number": "13800000003", "content": "收到，谢谢", "sequence_id": 3},
        "nothing",
    ]
    async with client.post(f"/channels/sms/{SECRET}", json=told) as response:
        assert (response.status, await response.json()) == (200, {"code": 0, "msg": "成功"})
    assert heard.receipts == [("01A", ""), ("01B", "MOBILE_NOT_ON_SERVICE")]
    assert heard.stops == ["13800000001", "13800000002"]


@pytest.mark.parametrize(("path", "body", "status"), [("wrong", b"[]", 404), (SECRET, b"{", 422), (SECRET, b"[]", 200)])
async def test_who_does_not_know_the_address_is_not_heard(client: Client, path: str, body: bytes, status: int) -> None:
    async with client.post(f"/channels/sms/{path}", data=body) as response:
        assert response.status == status
