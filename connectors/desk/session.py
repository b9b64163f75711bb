"""Who is at the desk: the cookie of a login, and that a request comes from the desk's own pages."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from connectors.desk.access import Right, rights_of
from connectors.web.problems import Handler, Problem
from knowledge.staff import SESSION, SessionRefused, Staff, StaffAccounts

COOKIE = "bangban_desk"
PATH = "/desk"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Steps(Protocol):
    """Whether an account has set up its second step."""

    async def is_set_up(self, staff_id: int) -> bool: ...


class Sessions:
    """Admits requests by their cookie. The truth about a session is in SQL: to disable an account ends it at once."""

    def __init__(self, accounts: StaffAccounts, steps: Steps, *, two_steps: bool = True) -> None:
        """`two_steps`: whether roles that decide for others must sign in with a code."""
        self._accounts = accounts
        self._steps = steps
        self._two_steps = two_steps

    async def staff(self, request: web.Request, right: Right | None = None) -> Staff:
        """Who asks. Raises Problem `login_needed`, `setup_needed`, or `role_missing` when they lack that right."""
        staff = await self.signed_in(request)
        if await self.setup_needed(staff):
            raise Problem("setup_needed")
        if right is not None and right not in rights_of(staff.role):
            raise Problem("role_missing")
        return staff

    async def signed_in(self, request: web.Request) -> Staff:
        """The same for whoever has yet to set up the second step. Raises Problem `login_needed`."""
        try:
            return await self._accounts.who(request.cookies.get(COOKIE, ""))
        except SessionRefused as error:
            raise Problem("login_needed") from error

    async def setup_needed(self, staff: Staff) -> bool:
        """Whether they may do nothing but set up the second step."""
        return self._two_steps and staff.needs_two_steps and not await self._steps.is_set_up(staff.id)

    async def end(self, request: web.Request, response: web.Response) -> None:
        """Log out."""
        await self._accounts.log_out(request.cookies.get(COOKIE, ""))
        response.del_cookie(COOKIE, path=PATH)


def keep(request: web.Request, response: web.Response, token: str) -> None:
    """Give the browser its session: scripts don't see it, other sites' requests don't carry it."""
    response.set_cookie(
        COOKIE,
        token,
        path=PATH,
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=is_https(request),
    )


def own_pages_only() -> Any:
    """A middleware: what changes anything under /desk must come from a page of this very address."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(PATH) and request.method not in READING and not is_own(request):
            raise Problem("cross_origin")
        return await handler(request)

    return middleware


def is_own(request: web.Request) -> bool:
    """What the browser says of itself, else the page's origin; who says neither is no page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    return bool(origin) and origin == request.host


def is_https(request: web.Request) -> bool:
    """Also where TLS ends at a proxy before us; who lies about it only gets a stricter cookie."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
