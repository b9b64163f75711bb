"""Links (一事一码) wired: the short address, the desk's page, and where a scan begins on any channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from bot.foundation import Foundation
from bot.links_desk import LinksDesk, Search
from bot.starts import Starts
from connectors.desk.links import DeskLinkRoutes
from connectors.desk.session import Sessions
from connectors.web.links import LinkRoutes
from knowledge.catalogue import Catalogue
from knowledge.links import Links


@dataclass(frozen=True, slots=True)
class LinksPart:
    """The store, and where links lead."""

    links: Links
    starts: Starts
    catalogue: Catalogue
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, base: Foundation) -> LinksPart:
        """Over the database."""
        links = Links(base.database)
        return cls(links, Starts(links, base.catalogue, base.clock), base.catalogue, base.clock)

    def routes(self, sessions: Sessions, search: Search, public_url: str) -> list[web.RouteDef]:
        """`/q/{code}` and the desk's."""
        desk = LinksDesk(self.links, self.catalogue, self.clock, search)
        return [*LinkRoutes(self.starts).routes(), *DeskLinkRoutes(sessions, desk, public_url).routes()]
