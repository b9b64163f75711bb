"""The platform's API: every operation of openapi.yml, in the order of that file."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import orjson
from aiohttp import web

from connectors.sandbox.authorisations import Authorisations
from connectors.sandbox.case_record import CHINA, shown
from connectors.sandbox.cases import Cases
from connectors.sandbox.common_licences import age
from connectors.sandbox.contract import Operation, operations, read_body, read_parameters
from connectors.sandbox.documents import licence_pdf, result_pdf
from connectors.sandbox.matters import matters, required_fields
from connectors.sandbox.people import People, household_json, licences_json
from connectors.sandbox.refusing import Refused, problem
from connectors.sandbox.store import Store
from connectors.sandbox.switches import Trouble

Answer = Callable[[], bytes] | dict[str, Any] | None
Handler = Callable[[Mapping[str, Any], Any, web.Request], Answer]
"""Parameters, body and request → the answer: JSON, nothing (204), or what draws a PDF."""

REGION_DIGITS = (2, 4, 6, 9, 12)
"""What a division code says of province, city, county, town, village."""


class Api:
    """What Bangban asks."""

    def __init__(
        self,
        store: Store,
        people: People,
        authorisations: Authorisations,
        cases: Cases,
        trouble: Trouble,
        key: str,
        clock: Callable[[], datetime],
        public_url: str = "",
    ) -> None:
        self._store = store
        self._people = people
        self._authorisations = authorisations
        self._cases = cases
        self._trouble = trouble
        self._key = key
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._handlers: dict[str, Handler] = {
            "startAuthorisation": lambda _, body, request: authorisations.start(body, self._origin(request)),
            "authoriseAtWindow": lambda _, body, request: authorisations.at_window(body, self._origin(request)),
            "readAuthorisation": lambda given, *_: authorisations.read(given["id"]),
            "revokeAuthorisation": lambda given, *_: authorisations.revoke(given["id"]),
            "proofs": self.proofs,
            "household": self.household,
            "licences": self.licences,
            "licenceFile": self.licence_file,
            "casesOf": self.cases_of,
            "requiredFields": self.required_fields,
            "putFile": self.put_file,
            "submit": lambda _, body, __: cases.submit(body),
            "case": lambda given, *_: shown(cases.find(given["number"])),
            "supplement": lambda given, body, _: cases.supplement(given["number"], body),
            "withdraw": lambda given, body, _: cases.withdraw(given["number"], body["reason"]),
            "result": self.result,
        }

    def routes(self) -> list[web.RouteDef]:
        """The routes as data, from the description."""
        # without this, `window` would be an id for the methods that its own path hasn't
        paths = [(each, each.path.replace("{id}", "{id:(?!window$)[^{}/]+}")) for each in operations()]
        return [web.route(each.method, path, self._route(each)) for each, path in paths]

    def proofs(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """Yes or no to what was asked."""
        known = self._authorisations.holder(given["id"])
        answers: dict[str, bool] = {}
        if "age_at_least" in given:
            answers["age_at_least"] = age(known.person.birth, self._today()) >= given["age_at_least"]
        if "resident_of" in given:
            region = given["resident_of"]
            level = next((digits for digits in REGION_DIGITS if not region[digits:].strip("0")), 12)
            answers["resident_of"] = known.seed.household.region.startswith(region[:level])
        return answers

    def household(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """The household's file."""
        return household_json(self._authorisations.holder(given["id"], "household").seed.household)

    def licences(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """The licences of who granted it."""
        known = self._authorisations.holder(given["id"], "licences")
        return {"licences": list(licences_json(self._people.licences(known, self._today())))}

    def licence_file(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """One of them as PDF."""
        known = self._authorisations.holder(given["id"], "licences")
        found = [each for each in self._people.licences(known, self._today()) if each.number == given["number"]]
        if not found:
            raise Refused("licence_unknown")
        return partial(licence_pdf, found[0])

    def cases_of(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """The cases of who granted it."""
        known = self._authorisations.holder(given["id"])
        return {"cases": list(map(shown, self._cases.of(known.person.id_number)))}

    def required_fields(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """What a case of a matter must have."""
        if given["code"] not in matters():
            raise Refused("matter_unknown")
        fields = required_fields(given["code"])
        return {"matter_code": given["code"], "region": given["region"], "fields": list(fields)}

    def put_file(self, given: Mapping[str, Any], body: bytes, request: web.Request) -> Answer:
        """A file for a case."""
        if hashlib.sha256(body).hexdigest() != given["sha256"]:
            raise Refused("file_differs")
        self._cases.put_file(given["sha256"], request.content_type, body)
        return None

    def result(self, given: Mapping[str, Any], *_: Any) -> Answer:
        """The result document."""
        case = self._cases.find(given["number"])
        if not case["result"]:
            raise Refused("no_result")
        return partial(result_pdf, case)

    def _route(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.Response]]:
        handler = self._handlers[operation.id]

        async def answer(request: web.Request) -> web.Response:
            if trouble := await self._trouble.before(request):
                return trouble
            try:
                self._check_key(request)
                given = read_parameters(operation, request)
                body = await read_body(operation, request)
                done = await self._once(operation, request, given, body, handler)
            except Refused as refused:
                return problem(refused.reason, refused.said, **refused.more)
            return self._trouble.after(done, operation.creates)

        return answer

    async def _once(
        self, operation: Operation, request: web.Request, given: Mapping[str, Any], body: Any, handler: Handler
    ) -> web.Response:
        """Do it, or give the answer that was given to this key before."""
        if not operation.creates:
            answer = handler(given, body, request)
            return await _pdf(answer) if callable(answer) else _json_or_nothing(answer)
        key = f"{operation.id} {given['Idempotency-Key']}"
        asked = hashlib.sha256(orjson.dumps([request.path, body], option=orjson.OPT_SORT_KEYS)).hexdigest()
        with self._store.changing():
            found = self._store.rows("SELECT request, status, body FROM answer WHERE key = ?", key)
            if found and found[0][0] != asked:
                raise Refused("key_reused")
            if found:
                return _json(found[0][2], found[0][1], {"Idempotency-Replayed": "true"})
            done = orjson.dumps(handler(given, body, request))
            self._store.rows("INSERT INTO answer VALUES (?, ?, ?, ?)", key, asked, 201, done)
            return _json(done, 201)

    def _check_key(self, request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Refused("key_missing")
        if not hmac.compare_digest(key.strip().encode(), self._key.encode()):
            raise Refused("key_wrong")

    def _origin(self, request: web.Request) -> str:
        return self._public_url or str(request.url.origin())

    def _today(self) -> date:
        return self._clock().astimezone(CHINA).date()


def _json_or_nothing(answer: Any) -> web.Response:
    return web.Response(status=204) if answer is None else _json(orjson.dumps(answer), 200)


def _json(body: bytes, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


async def _pdf(draw: Callable[[], bytes]) -> web.Response:
    # most of a second, for the font: not in the event loop
    return web.Response(body=await asyncio.to_thread(draw), content_type="application/pdf")
