"""`bangban serve` as a process of its own: the conversation under the page is the one that residents have."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]


class RealServer:
    """The service on a port that stays the same over its restarts, with SQLite and the embedded Redis."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.data_dir = data_dir
        self.address = f"http://127.0.0.1:{self._port}/"

    async def start(self) -> None:
        """Start, and wait until it is ready. Raises RuntimeError with the end of its log when it ends instead."""
        command = (sys.executable, "-m", "bot", "serve", "--port", str(self._port), "--data-dir", str(self.data_dir))
        ours = {name: value for name, value in os.environ.items() if not name.startswith("BANGBAN_")}
        ours["BANGBAN_PUBLIC_URL"] = self.address
        ours["BANGBAN_DESK_TWO_STEPS"] = "false"  # most tests are about what comes after
        with (self.data_dir / "serve.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=ours, stdout=log, stderr=log, start_new_session=True
            )
        while not await self._is_ready():
            if self._process.returncode is not None:
                raise RuntimeError((self.data_dir / "serve.log").read_text("utf-8")[-2000:])
            await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """End it as a power cut does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def _is_ready(self) -> bool:
        try:
            async with aiohttp.ClientSession() as client, client.get(f"{self.address}readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False
