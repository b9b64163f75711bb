"""The sandbox's pages: the resident authorises, the clerk decides, a tester switches. Plain forms, no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from connectors.sandbox.authorisations import Authorisations
from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.case_record import CHINA, CLOSED, STATES, leading
from connectors.sandbox.cases import Cases
from connectors.sandbox.common_licences import age
from connectors.sandbox.control import clerk_acts
from connectors.sandbox.matters import matters
from connectors.sandbox.page_words import DECISIONS, OUTCOMES, SCOPES, labels_of, masked, minutes_said
from connectors.sandbox.people import People
from connectors.sandbox.refusing import Refused
from connectors.sandbox.switches import Switches, Trouble

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Pages:
    """All pages."""

    def __init__(
        self,
        people: People,
        authorisations: Authorisations,
        cases: Cases,
        callbacks: Callbacks,
        trouble: Trouble,
        clock: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._authorisations = authorisations
        self._cases = cases
        self._callbacks = callbacks
        self._trouble = trouble
        self._clock = clock
        self._style = resources.files(__package__).joinpath("templates/style.css").read_bytes()
        self._templates = Environment(
            loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters.update(said=self._said, masked=masked, minutes=minutes_said)
        self._templates.globals.update(states=STATES, decisions=DECISIONS)

    def routes(self) -> list[web.RouteDef]:
        """The routes as data."""
        return [
            web.get("/", self.index),
            web.get("/style.css", self.style),
            web.get("/favicon.ico", self.no_icon),
            web.post("/code", self.code),
            web.get("/authorise/{id}", self.authorise),
            web.post("/authorise/{id}", self.decide),
            web.get("/desk", self.desk),
            web.get("/desk/cases/{number}", self.case),
            web.post("/desk/cases/{number}", self.act),
            web.get("/desk/files/{sha256}", self.file),
            web.get("/switches", self.switches),
            web.post("/switches", self.switch),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """What this is, the code's field, and who is there."""
        today = self._clock().astimezone(CHINA).date()
        return self._page("index.html", seeds=self._people.seeds, today=today, age=age, wrong="wrong" in request.query)

    async def style(self, _: web.Request) -> web.Response:
        """The style of all pages."""
        return web.Response(body=self._style, content_type="text/css", charset="utf-8", headers=HEADERS)

    async def no_icon(self, _: web.Request) -> web.Response:
        """Browsers ask for one."""
        return web.Response(status=204)

    async def code(self, request: web.Request) -> web.Response:
        """From a typed code to the authorisation's page."""
        typed = re.sub(r"\D", "", str((await request.post()).get("code", "")))
        found = self._authorisations.by_code(typed)
        raise web.HTTPSeeOther(f"/authorise/{found['id']}" if found else "/?wrong=1")

    async def authorise(self, request: web.Request) -> web.Response:
        """What is asked for, and the two buttons; later how it ended."""
        found = self._authorisations.read(request.match_info["id"])
        if found["state"] != "pending":
            return self._page("authorised.html", found=found, said=OUTCOMES[found["state"]])
        today = self._clock().astimezone(CHINA).date()
        wanted = [SCOPES[each] for each in found["scope"]]
        return self._page(
            "authorise.html",
            found=found,
            minutes=self._authorisations.minutes(found["id"]),
            wanted=wanted,
            seeds=self._people.seeds,
            today=today,
            age=age,
            nobody="nobody" in request.query,
        )

    async def decide(self, request: web.Request) -> web.Response:
        """The resident's decision."""
        id, form = request.match_info["id"], await request.post()
        if form.get("decision") == "grant" and not form.get("id_number"):
            raise web.HTTPSeeOther(f"/authorise/{id}?nobody=1")
        try:
            self._decide(id, str(form.get("decision")), str(form.get("id_number")))
        except Refused as refused:
            if refused.reason != "authorisation_ended":
                raise
        raise web.HTTPSeeOther(f"/authorise/{id}")

    async def desk(self, request: web.Request) -> web.Response:
        """The cases, the open ones first."""
        cases = sorted(self._cases.all(), key=lambda case: case["state"] in CLOSED)
        today = self._clock().astimezone(CHINA).date().isoformat()
        return self._page("desk.html", cases=cases, closed=CLOSED, today=today)

    async def case(self, request: web.Request) -> web.Response:
        """One case: what was handed in, what happened, and what the clerk can do."""
        case = self._cases.find(request.match_info["number"])
        later = [each for supplement in case["supplements"] for each in supplement["materials"]]
        return self._page(
            "case.html",
            case=case,
            labels=labels_of(case),
            papers=list(dict.fromkeys([each["name"] for each in case["materials"]] or ["身份证", "户口簿"])),
            handed_in=[("材料", case["materials"]), ("补正的材料", later)],
            by=(self._clock().astimezone(CHINA).date() + timedelta(days=7)).isoformat(),
            result=matters()[leading(case)].result,
            is_closed=case["state"] in CLOSED,
        )

    async def act(self, request: web.Request) -> web.Response:
        """The clerk's button."""
        number, form = request.match_info["number"], await request.post()
        other = [each.strip() for each in re.split("[、，,]", str(form.get("other", ""))) if each.strip()]
        given = {
            "text": form.get("text", ""),
            "reason": form.get("text", ""),
            "due_on": form.get("due_on"),
            "materials": [*form.getall("material", []), *other],
            "result": bool(form.get("result")),
        }
        clerk_acts(self._cases, number, str(form.get("action")), given)
        raise web.HTTPSeeOther(f"/desk/cases/{number}")

    async def file(self, request: web.Request) -> web.Response:
        """A file that was handed in."""
        media_type, content = self._cases.file(request.match_info["sha256"])
        return web.Response(body=content, content_type=media_type, headers=HEADERS)

    async def switches(self, request: web.Request) -> web.Response:
        """The switches, and the call-backs."""
        fields = Switches.model_fields
        shown = {name: (field.description, getattr(self._trouble.switches, name)) for name, field in fields.items()}
        waiting = self._callbacks.listed()[:30]
        return self._page("switches.html", shown=shown, callbacks=waiting, url=self._callbacks.url)

    async def switch(self, request: web.Request) -> web.Response:
        """Set all of them, or send again what was not heard."""
        form = await request.post()
        if "again" in form:
            self._callbacks.send_again()
        else:
            self._trouble.change(_switched(form))
            self._callbacks.wake()
        raise web.HTTPSeeOther("/switches")

    def _decide(self, id: str, decision: str, id_number: str) -> None:
        if decision == "grant":
            self._authorisations.grant(id, id_number)
        elif decision == "refuse":
            self._authorisations.refuse(id)
        elif decision == "revoke":
            self._authorisations.revoke(id, tell=True)

    def _page(self, template: str, **values: Any) -> web.Response:
        text = self._templates.get_template(template).render(**values)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    @staticmethod
    def _said(at: str) -> str:
        moment = datetime.fromisoformat(at).astimezone(CHINA)
        return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def _switched(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form names only the boxes that are ticked."""
    ticks = {name for name, field in Switches.model_fields.items() if field.annotation is bool}
    given = {name: value for name, value in form.items() if name in Switches.model_fields and name not in ticks}
    return {**given, **{name: name in form for name in ticks}}
