"""`/desk/sso`: to the county's single sign-on and back; what is asked for is kept by the browser, sealed."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict

import orjson
import structlog
from aiohttp import web

from connectors.desk.session import PATH, is_https, keep
from connectors.oidc import Asked, Provider, ProviderUnavailable, SignOnRefused
from knowledge.keyring import KeyMissing, Keyring, SealBroken
from knowledge.staff import StaffAccounts, SubjectUnknown

log = structlog.get_logger()

COOKIE, SECONDS, CONTEXT = "bangban_sign_on", 600, "sign-on"
SSO = f"{PATH}/sso"

ON = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>帮办</title>
<meta http-equiv="refresh" content="0;url=/desk"><a href="/desk">进入工作台</a></html>"""
"""Goes on from a page of ours: a redirect of the provider's would not bring the session's cookie (SameSite=Strict)."""


class SingleSignOnRoutes:
    """Only where a provider is set."""

    def __init__(self, provider: Provider | None, label: str, accounts: StaffAccounts, keyring: Keyring) -> None:
        self._provider = provider
        self._label = label
        self._accounts = accounts
        self._keyring = keyring

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/desk/api/sign-in", self.ways),
            web.get(SSO, self.begin),
            web.get(f"{SSO}/back", self.back),
        ]

    async def ways(self, request: web.Request) -> web.Response:
        """GET: how one may sign in besides the password."""
        other = {"label": self._label, "path": SSO} if self._provider else None
        return web.json_response({"single_sign_on": other})

    async def begin(self, request: web.Request) -> web.Response:
        """GET: to the provider."""
        provider = self._set()
        try:
            address, asked = await provider.begin(_back(request))
        except ProviderUnavailable as error:
            log.warning("sign_on_unavailable", error=str(error))
            raise _to_login("sign_on_unavailable") from error
        response = web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
        sealed = self._keyring.seal(orjson.dumps(asdict(asked)), CONTEXT)
        response.set_cookie(
            COOKIE,
            base64.urlsafe_b64encode(sealed).decode(),
            path=SSO,
            max_age=SECONDS,
            httponly=True,
            samesite="Lax",  # the provider's redirect must bring it
            secure=is_https(request),
        )
        return response

    async def back(self, request: web.Request) -> web.Response:
        """GET: from the provider; a session for whoever has an account."""
        provider = self._set()
        try:
            known = await provider.finish(self._asked(request), dict(request.query), _back(request))
            staff = await self._accounts.of_subject(known.subject, known.name)
        except ProviderUnavailable as error:
            log.warning("sign_on_unavailable", error=str(error))
            raise _to_login("sign_on_unavailable") from error
        except SignOnRefused as error:
            log.warning("sign_on_refused", error=str(error))
            raise _to_login("sign_on_refused") from error
        except SubjectUnknown as error:
            log.warning("subject_unknown")
            raise _to_login("subject_unknown") from error
        response = web.Response(text=ON, content_type="text/html", headers={"Cache-Control": "no-store"})
        response.del_cookie(COOKIE, path=SSO)
        keep(request, response, await self._accounts.open_session(staff))
        return response

    def _set(self) -> Provider:
        if self._provider is None:
            raise web.HTTPNotFound
        return self._provider

    def _asked(self, request: web.Request) -> Asked:
        """What this browser asked for. Raises SignOnRefused when it asked for nothing."""
        try:
            sealed = base64.urlsafe_b64decode(request.cookies.get(COOKIE, ""))
            return Asked(**orjson.loads(self._keyring.unseal(sealed, CONTEXT)))
        except (binascii.Error, ValueError, SealBroken, KeyMissing) as error:
            raise SignOnRefused("nothing was asked for") from error


def _back(request: web.Request) -> str:
    return f"{'https' if is_https(request) else 'http'}://{request.host}{SSO}/back"


def _to_login(problem: str) -> web.HTTPSeeOther:
    """The login page says what was wrong."""
    return web.HTTPSeeOther(f"/desk/login?problem={problem}")
