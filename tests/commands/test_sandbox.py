"""The sandbox as a command, and beside a service of several workers."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox import SandboxBeside
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import signal, sys, time
from pathlib import Path
from bot.sandbox import SandboxBeside
from bot.settings import Settings
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below `nohup … &`
beside = SandboxBeside.of(Settings(data_dir=Path(sys.argv[1]), port=0), "http://127.0.0.1:1/")
with beside.process():
    print(beside.url, flush=True)
    time.sleep(60)
"""


async def answers(url: str, key: str) -> int:
    """The status of a question, once somebody listens."""
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(f"{url}/api/v1/cases/1") as response:
        return response.status


async def is_gone(url: str) -> None:
    """Wait until nobody listens."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(url):
                    await asyncio.sleep(0.05)
            except aiohttp.ClientError:
                return


async def test_the_command_says_where_it_is_and_ends_at_sigterm(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "BANGBAN_INTAKE_KEY": "of the settings"}
    running = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=environment)
    assert running.stderr is not None
    with running.stderr:
        url = re.search(r"http://[\d.:]+", await asyncio.to_thread(running.stderr.readline))
        assert url and await answers(url[0], "of the settings") == 404
        assert (tmp_path / "sandbox.db").exists()
        running.terminate()
        assert await asyncio.to_thread(running.wait, 20) == 0


async def test_a_port_in_use_ends_it_with_one_line(tmp_path: Path) -> None:
    beside = SandboxBeside.of(Settings(data_dir=tmp_path, port=0), "http://127.0.0.1:1/")
    port = str(beside.listening.getsockname()[1])
    command = [sys.executable, "-m", "bot", "sandbox", "--port", port, "--data-dir", str(tmp_path)]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True)
    beside.listening.close()
    assert ended.returncode == 1 and ended.stderr.startswith(f"bangban: port {port} on 127.0.0.1")
    assert len(ended.stderr.splitlines()) == 1


def test_a_service_takes_the_sandbox_beside_it_for_its_platform(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, host="0.0.0.0", port=0)
    beside = SandboxBeside.of(settings, "http://0.0.0.0:8080/")
    joined = beside.joined(settings)
    beside.listening.close()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", joined.intake_url)
    assert beside.callback == "http://127.0.0.1:8080/channels/intake"
    assert len(joined.intake_secret.get_secret_value()) >= 32


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_beside_several_workers_it_ends_when_the_service_does(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    service = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert service.stdout is not None
    with service.stdout:
        url = (await asyncio.to_thread(service.stdout.readline)).strip()
        assert await answers(url, "wrong") == 401
        service.send_signal(how)
        await asyncio.to_thread(service.wait, 20)
        await is_gone(url)
