"""`kill -9` between the platform's acceptance and our mark: the case arrives once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from knowledge.outbox import LEASE
from tests.conftest import ROOT, Place
from tests.intake.conftest import Platform, Service


class Deadly:
    """Stands before the platform: what was accepted is not answered, for whoever asked is killed first."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.process: asyncio.subprocess.Process | None = None

    async def pass_on(self, request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in ("Authorization", "Idempotency-Key", "Content-Type")}
        url = self._platform.server.make_url(request.path)
        body = await request.read()
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            assert response.status == 201
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        return web.Response(status=500)


@pytest.fixture
async def deadly(platform: Platform) -> AsyncIterator[tuple[Deadly, str]]:
    before = Deadly(platform)
    app = web.Application()
    app.add_routes([web.post("/api/v1/cases", before.pass_on)])
    async with TestServer(app) as server:
        yield before, str(server.make_url("/"))


async def test_a_process_that_is_killed_after_the_platform_accepted_leaves_one_case(
    service: Service, platform: Platform, place: Place, deadly: tuple[Deadly, str], tmp_path: Path
) -> None:
    case = await service.submit()
    before, address = deadly
    before.process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.intake.killed_worker", place.url, place.schema or "", address), cwd=ROOT
    )
    assert await before.process.wait() == -signal.SIGKILL
    assert len(await platform.cases(case)) == 1
    assert await platform.calls(1) == [204], "the call knows our reference before we know the platform's number"
    assert await service.worker.round() == 0, "it is still leased to the one that was killed"
    service.clock.time += LEASE
    assert await service.worker.round() == 1
    assert len(await platform.cases(case)) == 1
    stored = await service.cases.find(case.reference)
    assert (stored.state, (await service.outbox.waiting()).waiting) == ("received", 0)
    assert await service.states_told(case) == ["received"]
