"""The client of the intake platform (openapi.yml): time limits, careful repeats, a circuit breaker.

All that is asked may be repeated: it reads, or is done once under its Idempotency-Key. What fails at once (no
connection, 5xx) is repeated twice with jitter; what is slow is not. After some failures the platform is left alone.
The log names a call and how it failed, nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import orjson
import structlog
from circuitbreaker import CircuitBreaker
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from tenacity.wait import wait_base
from ulid import ULID
from yarl import URL

from connectors.intake import reading
from connectors.intake.reading import Refusal
from connectors.intake.service import (
    Authorisation,
    AuthorisationEnded,
    AuthorisationMissing,
    CaseClosed,
    CaseUnknown,
    IntakeRefused,
    IntakeUnavailable,
    PlatformCase,
    Proof,
    Receipt,
)
from knowledge.household import Household, Identity, Licence

log = structlog.get_logger()

Value = TypeVar("Value")

SECONDS = 8.0
TRIES = 3
BETWEEN = wait_random_exponential(multiplier=0.3, max=2)
FAILURES, PAUSE = 5, 30
"""After so many calls in a row that failed nothing is asked for so many seconds; then the next call tries."""
MOST_JSON, MOST_FILE = 4 * 1024 * 1024, 20 * 1024 * 1024

REFUSALS: dict[str, type[IntakeRefused]] = {
    "authorisation_missing": AuthorisationMissing,
    "authorisation_ended": AuthorisationEnded,
    "case_unknown": CaseUnknown,
    "no_result": CaseUnknown,
    "case_closed": CaseClosed,
}


class IntakeKeyRefused(IntakeUnavailable):
    """The platform doesn't take our key: the operator has to mend a setting, nothing is lost meanwhile."""


class _FailedAtOnce(IntakeUnavailable):
    """No answer or a 5xx, but soon: worth another try."""


class _ReferenceKnown(IntakeRefused):
    """A case with our reference is there; `fields` holds its number."""


class IntakeClient:
    """Asks one platform. `url`: up to before `/api/v1`; empty: every call raises IntakeUnavailable.

    `seconds`: what a call may take, its repeats included. `between`: how long it waits between them.
    """

    def __init__(
        self, url: str, key: str = "", seconds: float = SECONDS, pause: float = PAUSE, between: wait_base = BETWEEN
    ) -> None:
        self._url = f"{url.rstrip('/')}/api/v1" if url else ""
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._seconds, self._between = seconds, between
        self._breaker = CircuitBreaker(FAILURES, pause, IntakeUnavailable)
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is a platform at all."""
        return bool(self._url)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def start_authorisation(
        self, purpose: str, scope: Sequence[str], minutes: int, reference: str
    ) -> Authorisation:
        """Ask a resident for leave."""
        body = {"purpose": purpose, "scope": list(scope), "minutes": minutes, "reference": reference}
        return await self._post(Authorisation, "start_authorisation", "authorisations", body)

    async def authorisation(self, id: str) -> Authorisation:
        """How it stands."""
        return reading.read(Authorisation, await self._get("authorisation", "authorisations", id))

    async def authorise_at_window(
        self, identity: Identity, clerk: str, scope: Sequence[str], purpose: str, minutes: int, reference: str
    ) -> Authorisation:
        """A granted one, by the ID card that the clerk read."""
        who = {"name": identity.name, "id_number": identity.id_number, "telephone": identity.telephone}
        asked = {"purpose": purpose, "scope": list(scope), "minutes": minutes, "reference": reference}
        body = asked | {"identity": who, "clerk": clerk}
        return await self._post(Authorisation, "authorise_at_window", "authorisations/window", body)

    async def revoke(self, id: str) -> None:
        """End an authorisation."""
        try:
            await self._call("revoke", "DELETE", _path("authorisations", id))
        except AuthorisationEnded:
            return

    async def proof(self, id: str, age_at_least: int | None = None, resident_of: str | None = None) -> Proof:
        """Yes or no to each question that is asked."""
        asked = {"age_at_least": age_at_least, "resident_of": resident_of}
        query = {name: str(value) for name, value in asked.items() if value is not None}
        return reading.read(Proof, await self._get("proof", "authorisations", id, "proofs", query=query))

    async def household(self, id: str) -> Household:
        """The household's file."""
        return reading.read(Household, await self._get("household", "authorisations", id, "household"))

    async def licences(self, id: str) -> list[Licence]:
        """The resident's licences."""
        body = await self._get("licences", "authorisations", id, "licences")
        return reading.read(dict[str, list[Licence]], body).get("licences", [])

    async def licence_file(self, id: str, licence_number: str) -> bytes:
        """A licence as PDF."""
        path = ("authorisations", id, "licences", licence_number, "file")
        return await self._get("licence_file", *path, most=MOST_FILE)

    async def required_fields(self, matter_code: str, region: str) -> list[str]:
        """The keys of the fields that a case must have."""
        body = await self._get("required_fields", "matters", matter_code, "fields", query={"region": region})
        fields: list[str] = reading.read(dict[str, Any], body).get("fields", [])
        return fields

    async def put_file(self, content: bytes, media_type: str) -> str:
        """Bring a file; its SHA-256."""
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        headers = {"Content-Type": media_type}
        await self._call("put_file", "PUT", _path("files", digest), data=content, headers=headers)
        return digest

    async def submit(self, case: Mapping[str, Any], key: str) -> Receipt:
        """Hand in a case; where the platform knows our reference already, the receipt of that case."""
        try:
            return await self._post(Receipt, "submit", "cases", case, key)
        except _ReferenceKnown as known:
            return _receipt(await self.case(known.fields[0]))

    async def supplement(self, number: str, body: Mapping[str, Any], key: str) -> Receipt:
        """Hand in what was asked for."""
        return await self._post(Receipt, "supplement", _path("cases", number, "supplements"), body, key)

    async def withdraw(self, number: str, reason: str, key: str) -> Receipt:
        """Take a case back."""
        return await self._post(Receipt, "withdraw", _path("cases", number, "withdrawal"), {"reason": reason}, key)

    async def case(self, number: str) -> PlatformCase:
        """A case and its history."""
        return reading.read_case(await self._get("case", "cases", number))

    async def cases_of(self, authorisation: str) -> list[PlatformCase]:
        """All cases of a resident."""
        return reading.read_cases(await self._get("cases_of", "authorisations", authorisation, "cases"))

    async def result_file(self, number: str) -> bytes:
        """The result document."""
        return await self._get("result_file", "cases", number, "result", most=MOST_FILE)

    async def _get(self, name: str, *path: str, query: Mapping[str, str] | None = None, most: int = MOST_JSON) -> bytes:
        return await self._call(name, "GET", _path(*path), most=most, params=query)

    async def _post(self, kind: type[Value], name: str, path: str, body: Mapping[str, Any], key: str = "") -> Value:
        headers = {"Idempotency-Key": key or str(ULID()), "Content-Type": "application/json"}
        return reading.read(kind, await self._call(name, "POST", path, data=orjson.dumps(body), headers=headers))

    async def _call(self, name: str, method: str, path: str, most: int = MOST_JSON, **options: Any) -> bytes:
        """The body of a good answer. Raises IntakeUnavailable, IntakeRefused."""
        if not self._url:
            raise IntakeUnavailable("no address is set")
        if self._breaker.opened:
            raise IntakeUnavailable(f"it failed and is asked again in {self._breaker.open_remaining} s")
        started = time.perf_counter()
        try:
            with self._breaker:
                return await self._within_time(method, path, most, options)
        except (IntakeUnavailable, IntakeRefused) as error:
            ms = round((time.perf_counter() - started) * 1000)
            reason = str(error) if isinstance(error, IntakeUnavailable) else type(error).__name__
            log.warning("intake_call_failed", call=name, reason=reason, ms=ms)
            raise

    async def _within_time(self, method: str, path: str, most: int, options: Mapping[str, Any]) -> bytes:
        tries = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            wait=self._between,
            retry=retry_if_exception_type(_FailedAtOnce),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await tries(self._once, method, path, most, options)
        except TimeoutError as error:
            raise IntakeUnavailable(f"no answer within {self._seconds:g} s") from error

    async def _once(self, method: str, path: str, most: int, options: Mapping[str, Any]) -> bytes:
        url = URL(f"{self._url}/{path}", encoded=True)
        try:
            # what is asked and the key go to whom the operator named, and nowhere else
            async with self._open().request(method, url, allow_redirects=False, **options) as response:
                body = await _read(response, most)
        except aiohttp.ClientError as error:
            raise _FailedAtOnce(f"no connection ({type(error).__name__})") from error
        if 200 <= response.status < 300:
            return body
        raise _refusal(response.status, reading.read_refusal(body))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=None))
        return self._session


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(64 * 1024):
        size += len(part)
        if size > most:
            raise IntakeUnavailable("its answer is too long")
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, refusal: Refusal) -> IntakeUnavailable | IntakeRefused:
    """What an answer that is none means."""
    if status in {401, 403} and refusal.reason not in REFUSALS:
        return IntakeKeyRefused(f"it answers {status}: is BANGBAN_INTAKE_KEY right?")
    if status >= 500:
        return _FailedAtOnce(f"it answers {status}")
    if status < 400 or status in {408, 425, 429}:
        return IntakeUnavailable(f"it answers {status}")
    if refusal.reason == "reference_known" and refusal.number:
        return _ReferenceKnown("known", [refusal.number])
    kind = REFUSALS.get(refusal.reason, IntakeRefused)
    return kind(refusal.detail or f"HTTP {status}", refusal.fields)


def _receipt(case: PlatformCase) -> Receipt:
    """The first thing that the platform said of a case."""
    first = case.history[0]
    return Receipt(case.number, first.state, first.at, first.sequence)
