"""The whole service: in this process for the contract, as processes of its own for crashes and signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from bot.app import create_app
from bot.settings import Settings
from tests.pairs import EMBEDDED, SERVERS, Pair, fresh_pair, missing

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Resident:
    """Someone who talks to the service over HTTP."""

    client: Any
    id: str
    token: str
    greeting: list[dict[str, Any]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.id}/messages"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, body: Any, **options: Any) -> tuple[int, dict[str, Any]]:
        """Send a body; the status and the answer."""
        given = {"json": body} if not isinstance(body, bytes | str) else {"data": body}
        async with self.client.post(self.path, headers=self.headers, **given, **options) as response:
            return response.status, await response.json(content_type=None)

    async def say(self, text: str, id: str | None = None) -> dict[str, Any]:
        """Say something; the answer."""
        status, answer = await self.post({"id": id or str(uuid4()), "text": text})
        assert status == 200, answer
        return answer

    async def choose(self, choice: str) -> dict[str, Any]:
        """Tap a choice; the answer."""
        status, answer = await self.post({"id": str(uuid4()), "choice": choice})
        assert status == 200, answer
        return answer

    async def transcript(self) -> list[dict[str, Any]]:
        """The conversation as the page would show it again."""
        async with self.client.get(self.path, headers=self.headers) as response:
            return list((await response.json())["messages"])


async def arrive(client: Any) -> Resident:
    """Open a conversation."""
    async with client.post("/api/v1/conversations", json={"channel": "web"}) as response:
        assert response.status == 201
        opened = await response.json()
    return Resident(client, opened["id"], opened["token"], opened["replies"])


def texts(answer: dict[str, Any]) -> str:
    """All that an answer says."""
    return "\n".join(reply["text"] for reply in answer["replies"])


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=[EMBEDDED, SERVERS])
async def running_service(
    request: pytest.FixtureRequest, model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TestClient[Any, Any]]:
    """The service in this process, started once on each pair."""
    if reason := missing(request.param):
        pytest.skip(reason)
    async with fresh_pair(request.param, tmp_path_factory.mktemp("pair")) as fresh:
        where = {"database_url": fresh.database_url, "redis_url": fresh.redis_url}
        settings = Settings(data_dir=model_dir, **where, desk_two_steps=False)  # tests/service/test_signing_in.py
        async with TestClient(TestServer(await create_app(settings))) as talking:
            yield talking


@pytest.fixture(params=[EMBEDDED, SERVERS])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    """A fresh pair of stores."""
    if reason := missing(request.param):
        pytest.skip(reason)
    async with fresh_pair(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Pair]:
    """A fresh SQLite file with the embedded Redis."""
    async with fresh_pair(EMBEDDED, tmp_path) as fresh:
        yield fresh


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Pair]:
    """A fresh PostgreSQL database with a real Redis."""
    if reason := missing(SERVERS):
        pytest.skip(reason)
    async with fresh_pair(SERVERS, tmp_path) as fresh:
        yield fresh


@pytest.fixture
def data_dir(model_dir: Path, tmp_path: Path) -> Path:
    """A data directory of its own, with the model in it."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    return folder


@pytest.fixture
def client(running_service: TestClient[Any, Any]) -> TestClient[Any, Any]:
    """The service in this process."""
    return running_service


@pytest_asyncio.fixture(loop_scope="session")
async def resident(client: TestClient[Any, Any]) -> Resident:
    """Someone in a new conversation."""
    return await arrive(client)


@dataclass
class Server:
    """`bangban serve` as a process."""

    process: asyncio.subprocess.Process
    address: str

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(how)
        async with asyncio.timeout(30):
            return await self.process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(
    pair: Pair, data_dir: Path, *more: str, port: int | None = None, **environment: str
) -> AsyncIterator[Server]:
    """Start the service and wait until it is ready; killed at the end if it still runs."""
    port = port or free_port()
    settings = {"BANGBAN_DATABASE_URL": pair.database_url, "BANGBAN_REDIS_URL": pair.redis_url, **environment}
    with (data_dir / "serve.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--port", str(port), "--data-dir", str(data_dir), *more),
            cwd=ROOT,
            env={**os.environ, **settings},
            stderr=log,
            start_new_session=True,
        )
    server = Server(process, f"http://127.0.0.1:{port}")
    try:
        await _ready(server, data_dir)
        yield server
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _ready(server: Server, data_dir: Path) -> None:
    async with aiohttp.ClientSession() as session:
        while server.process.returncode is None:
            try:
                async with session.get(f"{server.address}/readyz") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
    pytest.fail(f"the service ended: {(data_dir / 'serve.log').read_text()[-2000:]}")
