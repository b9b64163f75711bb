"""`POST /channels/intake`: the platform says that a case or an authorisation has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from aiohttp import web

from connectors.intake.reading import AuthorisationChanged, CaseChanged, Unreadable, read_call
from connectors.intake.signing import SIGNATURE, TIMESTAMP, SignatureRefused, verify
from connectors.web.contract import MAX_JSON
from connectors.web.problems import Problem

log = structlog.get_logger()

PATH = "/channels/intake"


class PlatformNews(Protocol):
    """Who hears it; `bot` gives it. Both do nothing when the same call comes again."""

    async def case_changed(self, change: CaseChanged) -> None: ...
    async def authorisation_changed(self, change: AuthorisationChanged) -> None: ...


class IntakeCallbacks:
    """The platform's calls: verified, read, handed on. `secret` is shared with the platform, `clock` aware."""

    def __init__(self, secret: str, news: PlatformNews, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._news = news
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The route as data."""
        return [web.post(PATH, self.hear)]

    async def hear(self, request: web.Request) -> web.Response:
        """POST: 204 once it is stored; anything else, and the platform calls again."""
        if (request.content_length or 0) > MAX_JSON:
            raise Problem("too_large")
        body = await request.read()
        self._verify(request, body)
        try:
            call = read_call(body)
        except Unreadable as error:
            log.warning("platform_call_unreadable", reason=str(error))
            raise Problem("wrong_fields", reason=str(error)) from error
        if isinstance(call, CaseChanged):
            await self._news.case_changed(call)
        else:
            await self._news.authorisation_changed(call)
        return web.Response(status=204)

    def _verify(self, request: web.Request, body: bytes) -> None:
        headers = request.headers
        try:
            verify(self._secret, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, self._clock())
        except SignatureRefused as error:
            log.warning("signature_refused", reason=str(error))
            raise Problem("signature_refused") from error
