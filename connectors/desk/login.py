"""Log in, log out, who am I; and the desk's pages."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import orjson
import structlog
from aiohttp import web
from pydantic import Field

from connectors.desk.service import LoginLimit
from connectors.desk.session import Sessions, keep
from connectors.web.contract import Strict, read_json
from connectors.web.page import PageFiles
from connectors.web.problems import Problem
from knowledge.staff import LoginRefused, Staff, StaffAccounts

log = structlog.get_logger()


class LoginRequest(Strict):
    """A name and its password."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class LoginRoutes:
    """`/desk`, its login and its files."""

    def __init__(self, accounts: StaffAccounts, sessions: Sessions, limit: LoginLimit) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._limit = limit
        self._files = PageFiles(Path(str(resources.files(__package__).joinpath("page"))))

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk", self.desk),
            web.get("/desk/login", self.page),
            web.get("/desk/review", self.review),
            web.get("/desk/outbox", self.outbox),
            web.get("/desk/page/{name}", self.file),
            web.get("/desk/api/session", self.who),
            web.post("/desk/api/session", self.log_in),
            web.delete("/desk/api/session", self.log_out),
        ]

    async def desk(self, request: web.Request) -> web.Response:
        """GET: to the one page there is."""
        raise web.HTTPSeeOther("/desk/review")

    async def page(self, request: web.Request) -> web.Response:
        """GET: where to log in."""
        return self._files.send(request, "login.html")

    async def review(self, request: web.Request) -> web.Response:
        """GET: the page of the review."""
        return await self._page(request, "review.html")

    async def outbox(self, request: web.Request) -> web.Response:
        """GET: the page of what could not be handed in."""
        return await self._page(request, "outbox.html")

    async def file(self, request: web.Request) -> web.Response:
        """GET: a file that the pages load; nothing in them is secret."""
        return self._files.send(request, request.match_info["name"])

    async def _page(self, request: web.Request, name: str) -> web.Response:
        """Whoever is not logged in is sent there first."""
        try:
            await self._sessions.staff(request)
        except Problem as problem:
            raise web.HTTPSeeOther("/desk/login") from problem
        return self._files.send(request, name)

    async def who(self, request: web.Request) -> web.Response:
        """GET: whose session this is."""
        return _shown(await self._sessions.staff(request))

    async def log_in(self, request: web.Request) -> web.Response:
        """POST: a session for whoever knows the password. The log has neither name nor password."""
        wanted, address = await read_json(request, LoginRequest), request.remote or ""
        if not await self._limit.admits(wanted.name, address):
            log.warning("too_many_logins")
            raise Problem("too_many_logins")
        try:
            staff, token = await self._accounts.log_in(wanted.name, wanted.password)
        except LoginRefused as error:
            log.warning("login_refused")
            raise Problem("login_refused") from error
        await self._limit.forget(wanted.name, address)
        response = _shown(staff)
        keep(request, response, token)
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        """DELETE: end the session."""
        response = web.Response(status=204)
        await self._sessions.end(request, response)
        return response


def _shown(staff: Staff) -> web.Response:
    body = {"name": staff.name, "role": staff.role, "region": staff.region}
    return web.Response(body=orjson.dumps(body), content_type="application/json")
