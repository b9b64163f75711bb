"""The sandbox is what `connectors/intake/openapi.yml` says, for all that may be asked and all that may not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, Phase, settings

from connectors.sandbox.app import create_sandbox
from connectors.sandbox.contract import operations
from tests.sandbox.conftest import KEY, SECRET

ROOT = Path(__file__).resolve().parents[2]
schema = schemathesis.openapi.from_path(ROOT / "connectors" / "intake" / "openapi.yml")


@schemathesis.serializer("application/pdf", "image/heic")
def as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A sandbox in a thread of its own: Schemathesis calls it from outside."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> TestServer:
        server = TestServer(create_sandbox(":memory:", SECRET, key=KEY))
        await server.start_server()
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    yield str(server.make_url("/")).rstrip("/")
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_sandbox_holds_to_the_description(case: Any, address: str) -> None:
    case.call_and_validate(base_url=address, headers={"Authorization": f"Bearer {KEY}"})


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len({each.id for each in operations()}) == len(operations()) == 16
