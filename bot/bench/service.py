"""The service as a resident meets it: a process of its own, over HTTP, on SQLite, commits included."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp

GUIDE = "80岁老人高龄津贴怎么办"
PLATFORM = {"BANGBAN_INTAKE_URL": "http://127.0.0.1:9", "BANGBAN_INTAKE_KEY": "bench", "BANGBAN_INTAKE_SECRET": "bench"}
"""A platform that nobody asks: with none the sandbox would run in the process that is measured."""
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Process:
    """A running service: where it answers, its process id, how long it took to be ready."""

    address: str
    pid: int
    seconds_to_ready: float

    @property
    def memory_mb(self) -> float:
        """Resident memory, as the kernel counts it."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024

    @property
    def cpu_seconds(self) -> float:
        """Seconds of a core that it has used, its workers with it."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(_cpu_seconds(pid) for pid in (str(self.pid), *workers))


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the service is arranged: `workers` processes over a database and a Redis; "": SQLite, the embedded one."""

    database_url: str = ""
    redis_url: str = ""
    workers: int = 1

    @property
    def arguments(self) -> list[str]:
        """What `bangban serve` is told."""
        given = {"--database": self.database_url, "--redis": self.redis_url, "--workers": str(self.workers)}
        return [part for name, value in given.items() if value for part in (name, value)]


class Talk:
    """One conversation over HTTP."""

    def __init__(self, client: aiohttp.ClientSession, path: str, token: str) -> None:
        self._client, self._path = client, path
        self._headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    async def opened(cls, client: aiohttp.ClientSession) -> Talk:
        """A new conversation."""
        async with client.post("/api/v1/conversations", json={"channel": "web"}) as response:
            opened = await response.json()
        return cls(client, f"/api/v1/conversations/{opened['id']}/messages", opened["token"])

    async def turn(self) -> float:
        """A guide turn; its milliseconds until the whole answer is here."""
        body = {"id": str(uuid4()), "text": GUIDE}
        started = time.perf_counter()
        async with self._client.post(self._path, json=body, headers=self._headers) as response:
            response.raise_for_status()
            await response.read()
        return (time.perf_counter() - started) * 1000


@asynccontextmanager
async def service(data_dir: Path, *more: str, **environment: str) -> AsyncIterator[Process]:
    """Start `bangban serve` on a free port, wait until it is ready, end it with SIGTERM.

    `more`: arguments, `environment`: settings. What it logs is in `serve.log` there.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    with (data_dir / "serve.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--port", str(port), "--data-dir", str(data_dir), *more),
            stderr=log,
            env={**os.environ, **PLATFORM, **environment},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        await _ready(address, process)
        yield Process(address, process.pid, time.perf_counter() - started)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def _cpu_seconds(pid: str) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def guide_turns(client: aiohttp.ClientSession, turns: int) -> list[float]:
    """Milliseconds of guide turns, in fresh conversations of eight turns each, after a warm-up."""
    await _turns(client, WARM_UP)
    taken: list[float] = []
    while len(taken) < turns:
        taken += await _turns(client, 8)
    return taken[:turns]


async def _turns(client: aiohttp.ClientSession, number: int) -> list[float]:
    talk = await Talk.opened(client)
    return [await talk.turn() for _ in range(number)]


async def _ready(address: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as client:
        while process.returncode is None:
            try:
                async with client.get(f"{address}/readyz", timeout=aiohttp.ClientTimeout(total=2)) as response:
                    if response.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.02)
    raise RuntimeError(f"the service ended with {process.returncode} before it was ready")
