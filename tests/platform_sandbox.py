"""The sandbox in this process, and the hands of its people: the resident who authorises, the clerk who decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from connectors.sandbox.app import create_sandbox

KEY, SECRET = "sandbox", "the two know it"


@dataclass
class Platform:
    """The platform as its own people see it; `address` is its base."""

    address: str
    session: aiohttp.ClientSession

    async def people(self) -> list[dict[str, Any]]:
        """All households with their licences."""
        return await self._json("GET", "/sandbox/people")

    async def person(self, name: str) -> dict[str, Any]:
        """The member of a household who is called so."""
        members = [each for one in await self.people() for each in one["household"]["members"]]
        return next(each for each in members if each["name"] == name)

    async def grant(self, url: str, name: str) -> None:
        """The resident of that name opens the link and agrees."""
        id = url.rstrip("/").rpartition("/")[2]
        person = await self.person(name)
        await self._json("POST", f"/sandbox/authorisations/{id}/grant", {"id_number": person["id_number"]})

    async def refuse(self, url: str) -> None:
        """They don't."""
        await self._json("POST", f"/sandbox/authorisations/{url.rstrip('/').rpartition('/')[2]}/refuse")

    async def cases(self) -> list[dict[str, Any]]:
        """All cases that were handed in, the newest first; not those of the seeds."""
        return [each for each in await self._json("GET", "/sandbox/cases") if each["reference"]]

    async def act(self, number: str, action: str, **given: Any) -> dict[str, Any]:
        """The clerk accepts, asks (materials), approves or refuses."""
        return await self._json("POST", f"/sandbox/cases/{number}/{action}", given)

    async def switch(self, **switches: Any) -> None:
        """Trouble on or off."""
        await self._json("PUT", "/sandbox/switches", switches)

    async def call_back_to(self, url: str) -> None:
        """Where the service hears of what happens."""
        await self._json("PUT", "/sandbox/callbacks", {"url": url})

    async def _json(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, self.address + path, json=body) as response:
            assert response.status < 300, await response.text()
            return await response.json()


@asynccontextmanager
async def platform(path: Path | str = ":memory:") -> AsyncIterator[Platform]:
    """A sandbox of its own."""
    async with TestServer(create_sandbox(path, SECRET, key=KEY)) as server, aiohttp.ClientSession() as session:
        yield Platform(str(server.make_url("")).rstrip("/"), session)
