"""The service as a resident meets it: a process of its own, over HTTP, on SQLite, commits included."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp

GUIDE = "80岁老人高龄津贴怎么办"
PARTS = ("要带什么", "多久能办好", "去哪里办", GUIDE)
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


@dataclass(frozen=True, slots=True)
class Turns:
    """Milliseconds of guide turns over HTTP, and of the n-th turn of one long conversation."""

    guide: Sequence[float]
    long: Sequence[float]

    def percentile(self, percent: int) -> float:
        """A percentile of the guide turns."""
        return statistics.quantiles(self.guide, n=100)[percent - 1]

    def around(self, turn: int) -> float:
        """The median of the long conversation's turns about that one (one turn alone is noise)."""
        return statistics.median(self.long[max(0, turn - 5) : turn + 5])


@asynccontextmanager
async def service(data_dir: Path) -> AsyncIterator[Process]:
    """Start `bangban serve` on a free port, wait until it is ready, end it with SIGTERM."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve", "--port", str(port), "--data-dir", str(data_dir)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        await _ready(address, process)
        yield Process(address, process.pid, time.perf_counter() - started)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def measure_turns(address: str, turns: int, long: int) -> Turns:
    """Guide turns of fresh conversations of eight turns each, and one conversation of `long` turns."""
    async with aiohttp.ClientSession(address) as client:
        await _talk(client, [GUIDE] * WARM_UP)
        guide: list[float] = []
        while len(guide) < turns:
            guide += (await _talk(client, [GUIDE] * 9))[1:]
        return Turns(guide[:turns], await _talk(client, [PARTS[n % len(PARTS)] for n in range(long)]))


async def _talk(client: aiohttp.ClientSession, texts: Sequence[str]) -> list[float]:
    async with client.post("/api/v1/conversations", json={"channel": "web"}) as response:
        opened = await response.json()
    path, headers = f"/api/v1/conversations/{opened['id']}/messages", {"Authorization": f"Bearer {opened['token']}"}
    taken = []
    for text in texts:
        started = time.perf_counter()
        async with client.post(path, json={"id": str(uuid4()), "text": text}, headers=headers) as response:
            response.raise_for_status()
            await response.read()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


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
