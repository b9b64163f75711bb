"""Log in, in two steps where one must; log out; who am I; and the desk's pages."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import orjson
import segno
import structlog
from aiohttp import web
from pydantic import Field

from connectors.desk.access import Right, rights_of
from connectors.desk.service import LoginLimit
from connectors.desk.session import Sessions, keep
from connectors.web.contract import Strict, read_json
from connectors.web.page import PageFiles
from connectors.web.problems import Problem
from knowledge.staff import LoginRefused, Staff, StaffAccounts
from knowledge.two_steps import AlreadySetUp, CodeWrong, TwoSteps

log = structlog.get_logger()

HOME: tuple[tuple[Right, str], ...] = (("answer", "chats"), ("review", "review"))
"""Where `/desk` leads: the first page for which somebody has the right."""
PAGES = (
    *("review", "outbox", "chats", "window", "figures", "reveals", "links", "visits"),
    *("appointments", "tickets", "offices", "proxies"),
)
"""Pages behind the login, each as NAME.html, where it is there."""

Code = Annotated[str, Field(pattern=r"^[0-9]{6}\Z")]


class LoginRequest(Strict):
    """A name, its password, and the code of the second step where one is asked for."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    code: Code | None = None


class CodeRequest(Strict):
    """The code that the telephone shows."""

    code: Code


class LoginRoutes:
    """`/desk`, its login and its files."""

    def __init__(self, accounts: StaffAccounts, sessions: Sessions, limit: LoginLimit, steps: TwoSteps) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._limit = limit
        self._steps = steps
        self._folder = Path(str(resources.files(__package__).joinpath("page")))
        self._files = PageFiles(self._folder)

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk", self.desk),
            web.get("/desk/login", self.page),
            *(web.get(f"/desk/{name}", self.behind) for name in PAGES if self._has(name)),
            web.get("/desk/page/{name}", self.file),
            web.get("/desk/api/session", self.who),
            web.post("/desk/api/session", self.log_in),
            web.delete("/desk/api/session", self.log_out),
            web.post("/desk/api/session/totp", self.set_up),
            web.put("/desk/api/session/totp", self.confirm),
        ]

    async def desk(self, request: web.Request) -> web.Response:
        """GET: to the page of one's work."""
        try:
            staff = await self._sessions.staff(request)
        except Problem as problem:
            raise web.HTTPSeeOther("/desk/login") from problem
        rights = rights_of(staff.role)
        fitting = (name for right, name in HOME if right in rights and self._has(name))
        raise web.HTTPSeeOther(f"/desk/{next(fitting, 'review')}")

    async def page(self, request: web.Request) -> web.Response:
        """GET: where to log in."""
        return self._files.send(request, "login.html")

    async def behind(self, request: web.Request) -> web.Response:
        """GET: a page; whoever is not logged in is sent there first."""
        try:
            await self._sessions.staff(request)
        except Problem as problem:
            raise web.HTTPSeeOther("/desk/login") from problem
        return self._files.send(request, f"{request.path.rpartition('/')[2]}.html")

    async def file(self, request: web.Request) -> web.Response:
        """GET: a file that the pages load; nothing in them is secret."""
        return self._files.send(request, request.match_info["name"])

    async def who(self, request: web.Request) -> web.Response:
        """GET: whose session this is."""
        return await self._shown(await self._sessions.signed_in(request))

    async def log_in(self, request: web.Request) -> web.Response:
        """POST: a session for whoever knows the password, and the code. The log has none of name, password, code."""
        wanted, address = await read_json(request, LoginRequest), request.remote or ""
        if not await self._limit.admits(wanted.name, address):
            log.warning("too_many_logins")
            raise Problem("too_many_logins")
        staff = await self._known(wanted)
        await self._limit.forget(wanted.name, address)
        response = await self._shown(staff)
        keep(request, response, await self._accounts.open_session(staff))
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        """DELETE: end the session; `?all=1`: on all devices."""
        if request.query.get("all") == "1":
            await self._accounts.log_out_everywhere((await self._sessions.signed_in(request)).id)
        response = web.Response(status=204)
        await self._sessions.end(request, response)
        return response

    async def set_up(self, request: web.Request) -> web.Response:
        """POST: a new secret for the telephone."""
        staff = await self._sessions.signed_in(request)
        try:
            begun = await self._steps.begin(staff.id, staff.name)
        except AlreadySetUp as error:
            raise Problem("already_set_up") from error
        drawn = segno.make(begun.uri, error="m").svg_inline(scale=4, border=2)
        return _json({"secret": begun.secret, "uri": begun.uri, "qr": drawn})

    async def confirm(self, request: web.Request) -> web.Response:
        """PUT: the telephone shows the right code."""
        staff = await self._sessions.signed_in(request)
        wanted = await read_json(request, CodeRequest)
        try:
            await self._steps.confirm(staff.id, wanted.code)
        except CodeWrong as error:
            raise Problem("code_wrong") from error
        return await self._shown(staff)

    async def _known(self, wanted: LoginRequest) -> Staff:
        """Raises Problem `login_refused`, `code_needed`, `code_refused`."""
        try:
            staff = await self._accounts.check(wanted.name, wanted.password)
            if await self._steps.is_set_up(staff.id):
                if wanted.code is None:
                    raise Problem("code_needed")
                await self._steps.check(staff.id, wanted.code)
        except (LoginRefused, CodeWrong) as error:
            name = "code_refused" if isinstance(error, CodeWrong) else "login_refused"
            log.warning(name)
            raise Problem(name) from error
        return staff

    async def _shown(self, staff: Staff) -> web.Response:
        return _json({**shown(staff), "setup_needed": await self._sessions.setup_needed(staff)})

    def _has(self, name: str) -> bool:
        return (self._folder / f"{name}.html").exists()


def shown(staff: Staff) -> dict[str, Any]:
    """An account, and what it may do."""
    rights = sorted(rights_of(staff.role))
    return {"id": staff.id, "name": staff.name, "role": staff.role, "region": staff.region, "rights": rights}


def _json(body: Any) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=headers)
