"""Where a scanned code leads: from the link's code, or an official account's scene, to a conversation's beginning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.message import Start
from knowledge.bundles import bundles
from knowledge.catalogue import Catalogue
from knowledge.links import Link, LinkNotFound, Links, code_of

NOWHERE = Start(None)


class Starts:
    """For every channel: `Assistant.open(channel, start.region, start.elder, start)` begins there."""

    def __init__(self, links: Links, catalogue: Catalogue, clock: Callable[[], datetime]) -> None:
        self._links = links
        self._catalogue = catalogue
        self._clock = clock

    async def of_link(self, code: str) -> Start:
        """Where the link leads; without a choice if it is unknown, taken down, or its target is gone."""
        try:
            link = await self._links.find(code)
        except LinkNotFound:
            return NOWHERE
        there = link.ended_at is None and await self._is_there(link)
        return Start(link.choice if there else None, link.region, link.elder)

    async def of_scene(self, scene: str, channel: str = "wechat") -> Start | None:
        """The same for a scene that was scanned in an official account, counted; None: no scene of ours."""
        code = code_of(scene)
        if code is None:
            return None
        await self.scanned(code, channel)
        return await self.of_link(code)

    async def scanned(self, code: str, channel: str) -> bool:
        """Count a scan; False: there is no such link."""
        try:
            await self._links.find(code)
        except LinkNotFound:
            return False
        await self._links.scanned(code, channel, self._clock())
        return True

    async def _is_there(self, link: Link) -> bool:
        if link.kind == "bundle":
            return link.target in bundles()
        if link.kind == "office":
            return any(office.code == link.target for office in await self._catalogue.offices())
        return bool(await self._catalogue.matters([link.target], link.region))
