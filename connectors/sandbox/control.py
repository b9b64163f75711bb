"""How a test or a script steers the sandbox over HTTP: `/sandbox/…`, JSON, no key; the pages call the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
from aiohttp import web

from connectors.sandbox.authorisations import Authorisations
from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.cases import Cases
from connectors.sandbox.people import People, household_json, licences_json
from connectors.sandbox.refusing import Refused
from connectors.sandbox.switches import Trouble


class Control:
    """The residents' and the clerks' hands, without a browser."""

    def __init__(
        self, people: People, authorisations: Authorisations, cases: Cases, callbacks: Callbacks, trouble: Trouble
    ) -> None:
        self._people = people
        self._authorisations = authorisations
        self._cases = cases
        self._callbacks = callbacks
        self._trouble = trouble

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/sandbox/people", self.people),
            web.get("/sandbox/switches", self.switches),
            web.put("/sandbox/switches", self.switch),
            web.get("/sandbox/callbacks", self.called_back),
            web.put("/sandbox/callbacks", self.call_back_to),
            web.post("/sandbox/authorisations/{id}/{decision:grant|refuse|revoke}", self.decide),
            web.get("/sandbox/cases", self.cases),
            web.get("/sandbox/cases/{number}", self.case),
            web.post("/sandbox/cases/{number}/{action:accept|ask|approve|refuse}", self.act),
        ]

    async def people(self, _: web.Request) -> web.Response:
        """All households with their stories and licences."""
        return _json(
            [
                {
                    "story": seed.story,
                    "household": household_json(seed.household),
                    "licences": list(licences_json(seed.licences)),
                }
                for seed in self._people.seeds
            ]
        )

    async def switches(self, _: web.Request) -> web.Response:
        """The switches as they are."""
        return _json(self._trouble.switches.model_dump())

    async def switch(self, request: web.Request) -> web.Response:
        """Set those that are named."""
        switches = self._trouble.change(await _body(request))
        self._callbacks.wake()
        return _json(switches.model_dump())

    async def called_back(self, _: web.Request) -> web.Response:
        """The call-backs with their states."""
        return _json({"url": self._callbacks.url, "callbacks": self._callbacks.listed()})

    async def call_back_to(self, request: web.Request) -> web.Response:
        """`{"url"}`: where to call back from now on; what wasn't heard is sent again at once."""
        body = await _body(request)
        self._callbacks.url = str(body.get("url", self._callbacks.url))
        self._callbacks.send_again()
        return await self.called_back(request)

    async def decide(self, request: web.Request) -> web.Response:
        """The resident's decision; to grant wants `{"id_number"}`."""
        id, decision = request.match_info["id"], request.match_info["decision"]
        if decision == "grant":
            return _json(self._authorisations.grant(id, str((await _body(request)).get("id_number"))))
        if decision == "refuse":
            return _json(self._authorisations.refuse(id))
        self._authorisations.revoke(id, tell=True)
        return _json(self._authorisations.read(id))

    async def cases(self, _: web.Request) -> web.Response:
        """All cases with everything that was handed in, the newest first."""
        return _json(self._cases.all())

    async def case(self, request: web.Request) -> web.Response:
        """One of them."""
        return _json(self._cases.find(request.match_info["number"]))

    async def act(self, request: web.Request) -> web.Response:
        """What the platform's clerk does: see `clerk_acts`."""
        body = await _body(request)
        return _json(clerk_acts(self._cases, request.match_info["number"], request.match_info["action"], body))


def clerk_acts(cases: Cases, number: str, action: str, given: dict[str, Any]) -> dict[str, Any]:
    """accept (text?), ask (materials, due_on?, text?), approve (text?, result?) or refuse (reason?). Raises Refused."""
    text = str(given.get("text") or "")
    if action == "accept":
        return cases.accept(number, text)
    if action == "approve":
        return cases.approve(number, text, bool(given.get("result", True)))
    if action == "refuse":
        return cases.refuse(number, str(given.get("reason") or "不符合条件"))
    materials = [str(each) for each in given.get("materials", ())]
    if not materials:
        raise Refused("bad_request", "要补正哪些材料？")
    return cases.ask(number, materials, _day(cases, given.get("due_on")), text)


def _day(cases: Cases, given: Any) -> date:
    """The day by which; a week from now when none is given."""
    try:
        return date.fromisoformat(given) if given else cases.today() + timedelta(days=7)
    except (TypeError, ValueError) as error:
        raise Refused("bad_request", "日期写成 2026-12-01") from error


async def _body(request: web.Request) -> dict[str, Any]:
    content = await request.read()
    try:
        body = orjson.loads(content or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refused("bad_request", "不是完整的 JSON") from error
    if not isinstance(body, dict):
        raise Refused("bad_request", "要一个 JSON 对象")
    return body


def _json(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
