"""A call through a real TURN server: coturn, with the configuration of docs/operate.md and nothing but relays."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from playwright.async_api import Browser, Page
from pydantic import SecretStr

from bot.settings import Settings
from tests.video.test_talking import cameras, paired

__all__ = ["cameras"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

SECRET = "0f" * 32
DOCUMENTED = re.compile(r"`/etc/turnserver.conf`:\n\n```ini\n(.*?)```", re.DOTALL)
ONLY_RELAYED = """window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) { connections.push(super({...configuration, iceTransportPolicy: "relay"})); }
};"""
ROUTES = """async () => (await bangbanCall.stats()).flatMap(report => [...report.values()]
    .filter(({type, state, nominated}) => type === "candidate-pair" && state === "succeeded" && nominated)
    .map(({localCandidateId, remoteCandidateId}) => [localCandidateId, remoteCandidateId]
        .map(id => report.get(id).candidateType)))"""
HAVE_LOOKED = 'connections.some(({iceGatheringState}) => iceGatheringState === "complete")'
CANDIDATES = """async () => (await bangbanCall.stats()).flatMap(report => [...report.values()])
    .filter(({type}) => type === "local-candidate").map(({candidateType}) => candidateType)"""


@dataclass
class Coturn:
    """A running TURN server. `log`: what it wrote."""

    address: str
    log: Path

    def settings(self, folder: Path, secret: str = SECRET) -> Settings:
        servers = orjson.dumps([{"urls": [f"turn:{self.address}?transport=udp"]}]).decode()
        return Settings(data_dir=folder, ice_servers=servers, turn_secret=SecretStr(secret))


def own_address() -> str:
    """The machine's address in its network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:
            pytest.skip("the machine has no network: Chromium offers no candidates on the loopback")
        return str(probe.getsockname()[0])


def free_port(address: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def configured(address: str, port: int, folder: Path) -> Path:
    """The documented file, with this machine's address and port, and without TLS: there is no certificate here."""
    found = DOCUMENTED.search(Path("docs/operate.md").read_text("utf-8"))
    assert found is not None
    own = {
        "listening-port": str(port),
        "static-auth-secret": SECRET,
        "allowed-peer-ip": address,
        "min-port": "51000",
        "max-port": "51200",
    }
    lines = [f"listening-ip={address}", f"relay-ip={address}", "no-tls", "no-dtls", "simple-log"]
    lines += [f"log-file={folder / 'turn.log'}", f"pidfile={folder / 'turn.pid'}", f"userdb={folder / 'turndb'}"]
    for line in found[1].splitlines():
        name, has_value, value = line.partition("#")[0].strip().partition("=")
        if name and name not in ("tls-listening-port", "cert", "pkey"):
            lines.append(f"{name}={own.get(name, value)}" if has_value else name)
    path = folder / "turnserver.conf"
    path.write_text("\n".join(lines), "utf-8")
    return path


@asynccontextmanager
async def coturn(folder: Path) -> AsyncIterator[Coturn]:
    """Start one, until the end."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("no coturn: scripts/chromium installs it")
    address = own_address()
    port = free_port(address)
    (folder / "turndb").touch()
    command = (program, "-c", str(configured(address, port, folder)))
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while not listens(address, port):
                assert process.returncode is None, (folder / "turn.log").read_text("utf-8")
                await asyncio.sleep(0.05)
        yield Coturn(f"{address}:{port}", folder / "turn.log")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def listens(address: str, port: int) -> bool:
    """Whether something has the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


async def routes(page: Page) -> list[list[str]]:
    """The kinds of both ends of the way that is used."""
    async with asyncio.timeout(20):
        while not (found := await page.evaluate(ROUTES)):
            await asyncio.sleep(0.1)
    return [list(each) for each in found]


async def test_two_pages_that_cannot_reach_each_other_talk_through_coturn(cameras: Browser, tmp_path: Path) -> None:
    async with coturn(tmp_path) as turn, paired(cameras, tmp_path, turn.settings(tmp_path), ONLY_RELAYED) as pair:
        await pair.answered()
        for page in (pair.resident, pair.agent):
            assert await routes(page) == [["relay", "relay"]]
        assert pair.failures == []


async def test_coturn_relays_nothing_for_a_page_whose_credentials_are_of_another_secret(
    cameras: Browser, tmp_path: Path
) -> None:
    async with coturn(tmp_path) as turn:
        settings = turn.settings(tmp_path, secret="e1" * 32)
        async with paired(cameras, tmp_path, settings, ONLY_RELAYED) as pair:
            await pair.call()
            await pair.resident.get_by_role("button", name="接听视频").last.tap()
            for page in (pair.resident, pair.agent):
                async with asyncio.timeout(40):
                    while not await page.evaluate(HAVE_LOOKED):
                        await asyncio.sleep(0.1)
                assert await page.evaluate(CANDIDATES) == []
