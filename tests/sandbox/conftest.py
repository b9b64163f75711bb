"""A sandbox over HTTP with a clock that is set by hand, a caller, and a place that is called back."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.sandbox.app import create_sandbox
from connectors.sandbox.contract import description, named, operations, validator
from connectors.sandbox.matters import required_fields

KEY, SECRET = "the key", "the secret"
DASHAN, GUIYING, GUOQING = "430423197205141017", "430423194402111067", "430423194310011130"
REGION = "430423101218"


@dataclass
class Clock:
    """The time, as a test sets it: a Friday morning in China."""

    now: datetime = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Heard:
    """Who is called back: every request with its headers; answers what `answers` says, then 204."""

    requests: asyncio.Queue[tuple[dict[str, str], bytes]] = field(default_factory=asyncio.Queue)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.requests.put_nowait((dict(request.headers), await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 204)


def as_described(method: str, response: aiohttp.ClientResponse, content: bytes) -> Any:
    """The answer's JSON (or its bytes), held to openapi.yml."""
    path = response.url.path
    [operation] = [
        each
        for each in operations()
        if each.method == method.lower() and re.fullmatch(re.sub("{[^}]+}", "(?!window$)[^/]+", each.path), path)
    ]
    answers = description()["paths"][operation.path][operation.method]["responses"]
    if response.content_type == "application/problem+json":
        named("Problem").validate(json.loads(content))
        return json.loads(content)
    kinds = answers[str(response.status)].get("content", {})
    if response.content_type == "application/json":
        validator(kinds["application/json"]["schema"]).validate(json.loads(content))
        return json.loads(content)
    assert not content or response.content_type in kinds
    return content


class Caller:
    """Asks the sandbox as Bangban does."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self._keys = itertools.count(10_000_000)

    async def ask(self, method: str, path: str, status: int, body: Any = None, key: str | None = None) -> Any:
        """The JSON of the answer (or its bytes), which must have that status."""
        headers = {"Authorization": f"Bearer {KEY}"}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(next(self._keys))
        async with self.session.request(method, path, json=body, headers=headers) as response:
            content = await response.read()
            assert response.status == status, content.decode(errors="replace")
            return as_described(method, response, content)

    async def steer(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """What a test does with the platform's own hands."""
        async with self.session.request(method, f"/sandbox{path}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json(content_type=None)

    async def granted(self, id_number: str = DASHAN, *scope: str) -> str:
        """The id of an authorisation that was granted."""
        asked = {"purpose": "办理", "scope": scope or ["identity", "household", "licences"], "minutes": 60}
        started = await self.ask("POST", "/api/v1/authorisations", 201, {**asked, "reference": "C1"})
        await self.steer("POST", f"/authorisations/{started['id']}/grant", {"id_number": id_number})
        return str(started["id"])

    async def submitted(self, **other: Any) -> Any:
        """The receipt of a case."""
        return await self.ask("POST", "/api/v1/cases", 201, case(**other))

    async def put_file(self, content: bytes, media_type: str = "image/jpeg", status: int = 204) -> str:
        """A file's SHA-256, after it was put."""
        sha256 = hashlib.sha256(content).hexdigest()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": media_type}
        async with self.session.put(f"/api/v1/files/{sha256}", data=content, headers=headers) as response:
            assert response.status == status
        return sha256


def case(**other: Any) -> dict[str, Any]:
    """高龄津贴 for 王桂英, by hand."""
    values = dict.fromkeys(required_fields("M005"), "1") | {"phone": "13800000105"}
    return {
        "reference": "BB-1127-0001",
        "matter": {"code": "M005", "name": "80周岁以上老年人高龄津贴发放"},
        "bundle": None,
        "region": REGION,
        "authorisation": None,
        "applicant": {"name": "王桂英", "id_number": GUIYING, "telephone": "13800000105"},
        "proxy": {"name": "张大山", "relation": "儿子", "telephone": "13800000101"},
        "values": values,
        "materials": [{"name": "身份证", "state": "licence", "licence": GUIYING}],
        "submitted_at": "2026-11-27T10:00:00+08:00",
        **other,
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    """The place that is called back."""
    heard = Heard()
    app = web.Application()
    app.add_routes([web.post("/channels/intake", heard.hear)])
    async with TestServer(app) as server:
        heard.url = str(server.make_url("/channels/intake"))
        yield heard


@pytest.fixture
async def sandbox(tmp_path: Path, heard: Heard, clock: Clock) -> AsyncIterator[TestServer]:
    """The sandbox, on a file of its own."""
    app = create_sandbox(tmp_path / "sandbox.db", SECRET, heard.url, clock, key=KEY)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def caller(sandbox: TestServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession(base_url=sandbox.make_url("/")) as session:
        yield Caller(session)
