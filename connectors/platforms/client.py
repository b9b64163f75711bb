"""One client for the platforms' APIs (official account, mini program, WeCom): token, limits, errors, and no secrets in
logs.

Never log an aiohttp error's text: it holds the address, and that the token.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson
import structlog

from connectors.platforms.errors import ApiRefused, ApiUnavailable
from connectors.platforms.tokens import Fetched, Tokens
from knowledge.working_days import CHINA

log = structlog.get_logger()

TRIES = 3
FIRST_WAIT = 0.2
AT_ONCE = 50
MOST_JSON = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file as the platform gave it."""

    media_type: str
    content: bytes = field(repr=False)


class PlatformClient:
    """Calls one platform for one account. `base`: its address, e.g. https://api.weixin.qq.com."""

    def __init__(
        self,
        base: str,
        clock: Callable[[], datetime],
        *,
        timeout: float = 5.0,
        per_minute: int = 2000,
        codes: Mapping[int, str] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`timeout`: seconds for a call; `per_minute`: calls of one path in a minute.

        `codes`: error codes that mean something else here than in errcodes.yml.
        """
        self._base = base.rstrip("/")
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._per_minute = per_minute
        self._codes = dict(codes or {})
        self._chance = chance
        self._tokens: Tokens | None = None
        self._session: aiohttp.ClientSession | None = None
        self._paused: dict[str, datetime] = {}
        self._called: dict[str, deque[datetime]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def use(self, tokens: Tokens) -> None:
        """Take the access token from there."""
        self._tokens = tokens

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
        token: bool = True,
    ) -> dict[str, Any]:
        """POST with a JSON body, GET without: the answer. Raises ApiUnavailable, ApiRefused."""

        async def attempt(used: Mapping[str, str]) -> dict[str, Any]:
            # real characters: \\uXXXX would be shown to people as it stands
            data = orjson.dumps(body) if body is not None else None
            method = "POST" if data is not None else "GET"
            answer = await self._request(method, path, used, data=data)
            return _json(answer.content)

        return await self._tried(path, params or {}, attempt, token)

    async def upload(self, path: str, params: Mapping[str, str], name: str, content: bytes) -> dict[str, Any]:
        """A file in the field `media`. Raises ApiUnavailable, ApiRefused."""

        async def attempt(used: Mapping[str, str]) -> dict[str, Any]:
            form = aiohttp.FormData()
            form.add_field("media", content, filename=name, content_type="application/octet-stream")
            return _json((await self._request("POST", path, used, data=form)).content)

        return await self._tried(path, params, attempt)

    async def download(self, path: str, params: Mapping[str, str], limit: int) -> Downloaded:
        """A file of at most `limit` bytes. Raises ApiUnavailable, ApiRefused (also where JSON comes instead)."""
        found: list[Downloaded] = []

        async def attempt(used: Mapping[str, str]) -> dict[str, Any]:
            answer = await self._request("GET", path, used, limit=limit)
            if answer.media_type in ("application/json", "text/plain"):
                return _json(answer.content)
            found[:] = [answer]
            return {}

        answer = await self._tried(path, params, attempt)
        if not found:
            raise ApiRefused(int(answer.get("errcode") or 40007))
        return found[0]

    async def _tried(self, path: str, params: Mapping[str, str], attempt: Any, token: bool = True) -> dict[str, Any]:
        """Up to three tries while the platform is busy; a refused token is replaced once."""
        self._may_call(path)
        refused, renewed = None, False
        for tries in range(1, TRIES + 1):
            used = dict(params)
            if token:
                assert self._tokens is not None, "use() was not called"
                used["access_token"] = await self._tokens.get(refused)
            try:
                answer: dict[str, Any] = await attempt(used)
                self._check(path, answer)
            except ApiRefused as error:
                if error.kind == "token" and token and not renewed:
                    refused, renewed = used["access_token"], True
                    continue
                if error.kind == "token":
                    log.error("token_refused", path=path, code=error.code)
                    raise ApiUnavailable(f"token {error.code}", 60.0) from error
                if error.kind != "again":
                    raise
                if tries == TRIES:
                    raise ApiUnavailable(f"busy {error.code}") from error
                await asyncio.sleep(FIRST_WAIT * 3 ** (tries - 1) * (0.5 + self._chance()))
            else:
                return answer
        raise ApiUnavailable("busy")

    def _may_call(self, path: str) -> None:
        """Raises ApiUnavailable while this API is used up, by the platform's word or by our own count."""
        now = self._clock()
        until = self._paused.get(path)
        if until is not None and until > now:
            raise ApiUnavailable("paused", (until - now).total_seconds())
        called = self._called.setdefault(path, deque())
        while called and called[0] <= now - timedelta(minutes=1):
            called.popleft()
        if len(called) >= self._per_minute:
            raise ApiUnavailable("too many calls", (called[0] + timedelta(minutes=1) - now).total_seconds())
        called.append(now)

    def _check(self, path: str, answer: Mapping[str, Any]) -> None:
        code = answer.get("errcode", 0)
        if not code:
            return
        error = ApiRefused(int(code), self._codes.get(int(code)))
        now = self._clock()
        if error.kind == "minute":
            self._paused[path] = now + timedelta(minutes=1)
        if error.kind == "day":
            tomorrow = now.astimezone(CHINA).replace(hour=0, minute=0, second=5, microsecond=0) + timedelta(days=1)
            self._paused[path] = tomorrow
        if until := self._paused.get(path) if error.kind in ("minute", "day") else None:
            log.warning("api_used_up", path=path, code=error.code)
            raise ApiUnavailable(f"used up {error.code}", (until - now).total_seconds())
        if error.kind in ("settings", "barred"):
            log.error("api_settings", path=path, code=error.code)
        raise error

    async def _request(
        self, method: str, path: str, params: Mapping[str, str], *, data: Any = None, limit: int = MOST_JSON
    ) -> Downloaded:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {"Content-Type": "application/json"} if isinstance(data, bytes) else {}
        url = f"{self._base}{path}"
        try:
            async with (
                self._at_once,
                self._session.request(
                    method, url, params=params, data=data, headers=headers, allow_redirects=False
                ) as response,
            ):
                if response.status != 200:
                    raise ApiUnavailable(f"status {response.status}", sent=method == "POST" and response.status >= 500)
                content = await _read(response, limit)
                return Downloaded(response.content_type, content)
        except TimeoutError as error:
            raise ApiUnavailable("slow", sent=method == "POST") from error
        except aiohttp.ClientConnectorError as error:
            raise ApiUnavailable("unreachable") from error
        except aiohttp.ClientError as error:
            raise ApiUnavailable(type(error).__name__, sent=method == "POST") from error


async def stable_token(client: PlatformClient, appid: str, secret: str) -> Fetched:
    """The stable token of an official account or a mini program: within its time always the same.

    Raises ApiUnavailable, ApiRefused.
    """
    wanted = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": False}
    return await _fetched(client.call("/cgi-bin/stable_token", wanted, token=False))


async def corp_token(client: PlatformClient, corpid: str, secret: str) -> Fetched:
    """WeCom's token of an application. Raises ApiUnavailable, ApiRefused."""
    params = {"corpid": corpid, "corpsecret": secret}
    return await _fetched(client.call("/cgi-bin/gettoken", params=params, token=False))


async def _fetched(asked: Awaitable[Mapping[str, Any]]) -> Fetched:
    """A token that is refused is a matter of the settings, whatever the code: no message is at fault."""
    try:
        answer = await asked
    except ApiRefused as error:
        log.error("token_not_given", code=error.code)
        error.kind = "settings"
        raise
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int):
        raise ApiUnavailable("no token")
    return Fetched(token, seconds)


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    content = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > limit:
            raise ApiRefused(40006)  # the platform's own code for a file that is too large
    return bytes(content)


def _json(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ApiUnavailable("no JSON") from error
    if not isinstance(answer, dict):
        raise ApiUnavailable("no JSON")
    return answer
