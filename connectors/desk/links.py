"""Links and posters at the desk (一事一码): what there is, what was scanned, a new one, its poster to print."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from pydantic import Field

from connectors.desk.access import is_within
from connectors.desk.figures import asked_days
from connectors.desk.service import LinksDesk
from connectors.desk.session import Sessions, is_https
from connectors.web.contract import Strict, read_json
from connectors.web.problems import Problem
from knowledge.links import NewLink
from knowledge.printing.poster import Size
from knowledge.staff import Staff

NO_STORE = {"Cache-Control": "no-store"}
SIZES: dict[str, Size] = {"A4": "A4", "A3": "A3"}


class LinkRequest(Strict):
    """What a new link leads to, of which division, and where its poster hangs."""

    kind: Literal["matter", "office", "bundle"]
    target: Annotated[str, Field(pattern=r"^[\w.-]{1,80}\Z")]
    region: Annotated[str, Field(pattern=r"^\d{12}\Z")]
    place: Annotated[str, Field(max_length=60)] = ""
    elder: bool = False


class DeskLinkRoutes:
    """`/desk/api/links…`. `public_url`: under which residents open the service; "": as the desk itself is opened."""

    def __init__(self, sessions: Sessions, links: LinksDesk, public_url: str = "") -> None:
        self._sessions = sessions
        self._links = links
        self._public_url = public_url

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        base = "/desk/api/links"
        return [
            web.get(base, self.listed),
            web.post(base, self.make),
            web.get("/desk/api/links.csv", self.csv),
            web.get(base + "/targets", self.targets),
            web.delete(base + "/{code}", self.end),
            web.get(base + "/{code}/poster", self.poster),
            web.get(base + "/{code}/qr", self.drawing),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """GET `?since=&until=`: the links of one's own area with their scans."""
        staff = await self._sessions.staff(request, "links")
        told = await self._links.listed(*asked_days(request), staff.region, self._address(request))
        return _json(told | {"regions": await self._links.regions(staff.region)})

    async def targets(self, request: web.Request) -> web.Response:
        """GET `?q=`: what a link can lead to."""
        staff = await self._sessions.staff(request, "links")
        return _json({"targets": await self._links.targets(request.query.get("q", "")[:60], staff.region)})

    async def make(self, request: web.Request) -> web.Response:
        """POST: a new link, or the same as before."""
        staff = await self._sessions.staff(request, "links")
        wanted = await read_json(request, LinkRequest)
        if not is_within(wanted.region, staff.region):
            raise Problem("role_missing")
        new = NewLink(wanted.kind, wanted.target, wanted.region, wanted.place.strip(), wanted.elder)
        return _json(await self._links.make(new, staff.name, self._address(request)), status=201)

    async def end(self, request: web.Request) -> web.Response:
        """DELETE: the poster is taken down; who scans it still gets the page."""
        staff = await self._sessions.staff(request, "links")
        await self._links.end(request.match_info["code"], _sees(staff))
        return web.Response(status=204)

    async def poster(self, request: web.Request) -> web.Response:
        """GET `?size=A4|A3`: the poster as PDF."""
        staff, code = await self._sessions.staff(request, "links"), request.match_info["code"]
        size = SIZES.get(request.query.get("size", "A4"))
        if size is None:
            raise Problem("wrong_fields", reason="size: A4 或 A3")
        drawn = await self._links.poster(code, size, _sees(staff), self._address(request))
        named = {"Content-Disposition": f'inline; filename="{code}-{size}.pdf"'}
        return web.Response(body=drawn, content_type="application/pdf", headers=NO_STORE | named)

    async def drawing(self, request: web.Request) -> web.Response:
        """GET: the QR code alone, as SVG."""
        staff = await self._sessions.staff(request, "links")
        drawn = await self._links.drawing(request.match_info["code"], _sees(staff), self._address(request))
        return web.Response(text=drawn, content_type="image/svg+xml", headers=NO_STORE)

    async def csv(self, request: web.Request) -> web.Response:
        """GET `?since=&until=`: scans by day, link and channel, with the mark by which spreadsheets know UTF-8."""
        staff = await self._sessions.staff(request, "links")
        told = await self._links.csv(*asked_days(request), staff.region)
        named = {"Content-Disposition": 'attachment; filename="links.csv"'}
        body = "\ufeff".encode() + told.encode()
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=NO_STORE | named)

    def _address(self, request: web.Request) -> str:
        scheme = "https" if is_https(request) else "http"
        return self._public_url or f"{scheme}://{request.host}"


def _sees(staff: Staff) -> Any:
    return partial(is_within, area=staff.region)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json", headers=NO_STORE)
