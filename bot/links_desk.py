"""Links as the desk shows them: what there is, how often each was scanned, posters, and the table as CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.after_desk import as_csv
from bot.link_words import words
from bot.posters import Posters, url_of
from knowledge.bundles import bundles
from knowledge.catalogue import Catalogue, RegionNotFound
from knowledge.figures import Column, Table
from knowledge.links import Link, LinkNotFound, Links, NewLink, Scans, prefix_of
from knowledge.printing.poster import Size, posters_pdf, qr_svg
from knowledge.working_days import CHINA

DAYS = 30
MOST_POSTERS = 200
"""Pages in one file."""
MOST_FOUND = 6


class TargetUnknown(LookupError):
    """A link was asked for to something that is not there."""


Search = Callable[[str], Awaitable[list[dict[str, Any]]]]
"""Matters by a code or words: `code` and `name` of each, the likeliest first."""


async def nothing(_: str) -> list[dict[str, Any]]:
    """Where no matcher runs (a command)."""
    return []


class LinksDesk:
    """`/desk/api/links`. `address` of a method: under which residents open the service."""

    def __init__(
        self, links: Links, catalogue: Catalogue, clock: Callable[[], datetime], search: Search = nothing
    ) -> None:
        self._links = links
        self._catalogue = catalogue
        self._clock = clock
        self._search = search

    async def listed(self, since: date | None, until: date | None, area: str, address: str) -> dict[str, Any]:
        """The links of an area with their scans in these days (both included) and ever."""
        first, last = self._days(since, until)
        links = await self._links.listed(area)
        scans = await self._links.scans(first, last, area)
        ever = await self._links.total([link.code for link in links])
        shown = [await self._shown(link, scans, ever, address) for link in links]
        return {"since": first, "until": last, "links": shown}

    async def make(self, wanted: NewLink, by: str, address: str) -> dict[str, Any]:
        """A link to something that is there; the same again is the same one. Raises TargetUnknown."""
        if not await self.leads_somewhere(wanted):
            raise TargetUnknown(wanted.target)
        link = await self._links.make(wanted, by, self._clock())
        ever = await self._links.total([link.code])
        return await self._shown(link, [], ever, address)

    async def targets(self, asked: str, area: str) -> list[dict[str, str]]:
        """What a link can lead to, by words: matters, bundles, offices of the area."""
        asked = asked.strip()
        matters = await self._search(asked) if asked else []
        found = [{"kind": "matter", "target": each["code"], "name": each["name"]} for each in matters]
        named = [("bundle", each.code, each.name) for each in bundles().values()]
        inside = prefix_of(area)
        named += [
            ("office", each.code, each.name)
            for each in await self._catalogue.offices()
            if each.region.startswith(inside)
        ]
        others = [
            {"kind": kind, "target": code, "name": name}
            for kind, code, name in named
            if asked in (code, "") or asked in name
        ]
        return found[:MOST_FOUND] + others[:MOST_FOUND]

    async def regions(self, area: str) -> list[dict[str, str]]:
        """The divisions of an area with the name of the one above before theirs: 白果镇岳北村."""
        known = {region.code: region for region in await self._catalogue.regions()}
        inside = prefix_of(area)
        return [
            {"code": code, "name": f"{known[region.parent].name if region.parent in known else ''}{region.name}"}
            for code, region in known.items()
            if code.startswith(inside)
        ]

    async def leads_somewhere(self, wanted: NewLink) -> bool:
        """Whether there is such a matter (in force there), office or bundle, and such a division."""
        try:
            await self._catalogue.region(wanted.region)
        except RegionNotFound:
            return False
        if wanted.kind == "bundle":
            return wanted.target in bundles()
        if wanted.kind == "office":
            return any(office.code == wanted.target for office in await self._catalogue.offices())
        return bool(await self._catalogue.matters([wanted.target], wanted.region))

    async def end(self, code: str, sees: Callable[[str], bool]) -> None:
        """Take the poster down. Raises LinkNotFound."""
        await self.seen(code, sees)
        await self._links.end(code, self._clock())

    async def poster(self, code: str, size: Size, sees: Callable[[str], bool], address: str) -> bytes:
        """The poster as PDF. Raises LinkNotFound, and what `Posters.of` raises."""
        return await self.posters([await self.seen(code, sees)], size, address)

    async def posters(self, links: Sequence[Link], size: Size, address: str) -> bytes:
        """A page for each. Raises what `Posters.of` raises."""
        posters = Posters(self._catalogue, address)
        drawn = [await posters.of(link) for link in links[:MOST_POSTERS]]
        return await asyncio.to_thread(posters_pdf, drawn, size)

    async def drawing(self, code: str, sees: Callable[[str], bool], address: str) -> str:
        """The QR code as SVG. Raises LinkNotFound."""
        link = await self.seen(code, sees)
        return qr_svg(link.account_url or url_of(address, link))

    async def seen(self, code: str, sees: Callable[[str], bool]) -> Link:
        """The link, for whoever may see its division. Raises LinkNotFound."""
        link = await self._links.find(code)
        if not sees(link.region):
            raise LinkNotFound(code)
        return link

    async def csv(self, since: date | None, until: date | None, area: str) -> str:
        """The scans by day, link and channel as CSV with a heading."""
        first, last = self._days(since, until)
        links = {link.code: link for link in await self._links.listed(area, ended=True)}
        named, said = Posters(self._catalogue, ""), words()
        names = {code: await named.name(link) for code, link in links.items()}
        rows = [
            {
                "day": scan.day.isoformat(),
                "code": scan.code,
                "kind": said["kinds"][links[scan.code].kind],
                "name": names[scan.code],
                "place": links[scan.code].place,
                "region": links[scan.code].region,
                "channel": said["scans"]["channels"].get(scan.channel, scan.channel),
                "scans": scan.scans,
            }
            for scan in await self._links.scans(first, last, area)
            if scan.code in links
        ]
        columns = tuple(Column(key, label) for key, label in said["scans"]["columns"].items())
        return as_csv(Table("scans", said["scans"]["title"], columns, tuple(rows)))

    async def _shown(self, link: Link, scans: Sequence[Scans], ever: dict[str, int], address: str) -> dict[str, Any]:
        own = [scan for scan in scans if scan.code == link.code]
        by_day: dict[str, int] = {}
        for scan in own:
            by_day[scan.day.isoformat()] = by_day.get(scan.day.isoformat(), 0) + scan.scans
        return {
            "code": link.code,
            "kind": link.kind,
            "target": link.target,
            "name": await Posters(self._catalogue, address).name(link),
            "region": link.region,
            "region_name": await self._region_name(link.region),
            "place": link.place,
            "elder": link.elder,
            "url": url_of(address, link),
            "made_at": link.made_at,
            "made_by": link.made_by,
            "scans": sum(scan.scans for scan in own),
            "scans_ever": ever.get(link.code, 0),
            "days": [{"day": day, "scans": count} for day, count in sorted(by_day.items())],
        }

    async def _region_name(self, code: str) -> str:
        try:
            return (await self._catalogue.region(code)).name
        except RegionNotFound:
            return ""

    def _days(self, since: date | None, until: date | None) -> tuple[date, date]:
        last = until or self._clock().astimezone(CHINA).date()
        return since or last - timedelta(days=DAYS - 1), last
