"""Handing in: the case is made and put into the outbox in the turn's own transaction, so that it leaves once."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.applying.draft import Draft
from actions.applying.needed import requirements_of, state_of
from actions.applying.permission import Permission
from actions.applying.taking import given_papers
from actions.services import Services
from actions.spoken import spoken_period
from actions.texting import AskForSms
from actions.turn import Turn
from actions.words import read
from knowledge.application import Application
from knowledge.case import NewCase
from knowledge.forms.filling import completed
from knowledge.requirements import Requirement


class Submitting:
    """Makes cases out of applications."""

    def __init__(self, services: Services) -> None:
        self._submissions = services.submissions
        self._visits = services.window_visits
        self._permission = Permission(services)
        self._clock = services.clock
        self._sms = AskForSms(services)

    async def submit(self, turn: Turn, draft: Draft) -> None:
        """Hand it in; the resident hears the number at once, and the platform's answer when it has come."""
        files = [each["file"] for each in given_papers(draft)]
        clerk = await self._clerk(turn, draft)
        case = await self._submissions.submit(
            self._new_case(turn, draft, clerk), _body(draft, clerk), list(dict.fromkeys(files)), self._clock()
        )
        await self._permission.note(turn, draft, case.reference)
        later = [each for each in requirements_of(draft) if state_of(draft, each) in ("later", "window")]
        due = _due(draft)
        await self._sms.know(turn.conversation, _telephone(draft))
        for each in requirements_of(draft):
            if each.state == "awaited":
                draft.put_paper(each.material.name, {"state": "awaited"})
        draft.end("submitted")
        turn.say(
            "utter_submitted", kind="notice", data={"case": case.reference},
            name=draft.name, reference=case.reference, due=due, later=_later(later),
        )  # fmt: skip

    async def _clerk(self, turn: Turn, draft: Draft) -> str | None:
        """Who does it for the resident at the window (帮代办): whoever serves them now, else who filled it in."""
        if visit := await self._visits.serving(turn.conversation, self._clock()):
            draft.filled_by(visit.staff_id)
        staff = draft.application.staff_id
        return (await self._visits.clerk(staff) or None) if staff is not None else None

    def _new_case(self, turn: Turn, draft: Draft, clerk: str | None) -> NewCase:
        return NewCase(
            conversation_id=turn.conversation,
            matter_code=draft.matter.code,
            matter_name=draft.name,
            region=self._region(turn, draft),
            application_id=draft.application.id,
            resident_id=draft.application.resident_id,
            bundle=draft.bundle.code if draft.bundle else None,
            proxy_by=clerk,
            promise_days=draft.matter.promise_days,
            promise_unit=draft.matter.promise_unit,
        )

    @staticmethod
    def _region(turn: Turn, draft: Draft) -> str:
        return draft.household.region if draft.household else (turn.region or "")


def _body(draft: Draft, clerk: str | None) -> dict[str, Any]:
    """The case as connectors/intake/openapi.yml (CaseRequest) has it, without what the case itself says."""
    identity, who = draft.identity, applicant_of(draft)
    return {
        "bundle": _bundle(draft),
        "authorisation": (draft.note("authorisation") or {}).get("id") if identity else None,
        "applicant": who,
        "proxy": _proxy(draft, who, clerk),
        "values": completed(draft.form, draft.application.values),
        "materials": [
            _material(draft.application, each) for each in requirements_of(draft) if _goes_along(draft, each)
        ],
    }


def _bundle(draft: Draft) -> dict[str, Any] | None:
    """The bundle as it was put together (Bundle): its matters in their order, each with those before it."""
    if draft.bundle is None:
        return None
    names = draft.names
    own = [each for each in draft.parts if each.matter in names]
    codes = {each.matter for each in own}
    matters = [
        {"code": each.matter, "name": names[each.matter], "after": [code for code in each.after if code in codes]}
        for each in own
    ]
    return {"code": draft.bundle.code, "name": draft.bundle.name, "matters": matters}


def applicant_of(draft: Draft) -> dict[str, str]:
    """Who applies: the member of the household, the one who talks, or whoever the form names."""
    person, identity = draft.applicant, draft.identity
    named, keys = draft.plain_values, read("applying")["identity_keys"]
    return {
        "name": person.name if person else _first(named, keys["name"]),
        "id_number": person.id_number if person else _first(named, keys["id_number"]),
        "telephone": _first(named, keys["telephone"]) or (identity.telephone if identity else ""),
    }


def _telephone(draft: Draft) -> str:
    """Whom news of the case reaches: the one who talks, else whom the form names."""
    told = (draft.identity.telephone if draft.identity else "") or applicant_of(draft)["telephone"]
    return "".join(told.split())


def _material(application: Application, requirement: Requirement) -> dict[str, Any]:
    """A paper as the platform takes it (Material)."""
    kept = application.papers.get(requirement.material.name) or {}
    named = {"name": requirement.material.name}
    match requirement.state:
        case "covered":
            return {**named, "state": "licence", "licence": requirement.by or None}
        case "given":
            return {**named, "state": "file", "files": [each["sha256"] for each in kept["papers"]]}
        case "promised" | "awaited":
            return {**named, "state": requirement.state}
        case _:
            due = kept.get("due_on")
            return {**named, "state": "later", "due_on": due.isoformat() if isinstance(due, date) else None}


def _goes_along(draft: Draft, requirement: Requirement) -> bool:
    """Not those that the resident's case needs none of."""
    return (draft.application.papers.get(requirement.material.name) or {}).get("state") != "none"


def _proxy(draft: Draft, who: dict[str, Any], clerk: str | None) -> dict[str, Any] | None:
    """Who does it for the applicant: the one who talks, where it is for somebody else; else the clerk who helped."""
    identity = draft.identity
    if identity is not None and identity.id_number != who["id_number"]:
        return {"name": identity.name, "relation": read("applying")["family"], "telephone": identity.telephone}
    return {"name": clerk, "relation": read("applying")["clerk"], "telephone": ""} if clerk else None


def _first(values: dict[str, Any], keys: list[str]) -> str:
    return next((str(values[key]) for key in keys if values.get(key)), "")


def _due(draft: Draft) -> str:
    """How long it takes from acceptance on; "" where the catalogue is silent."""
    days = draft.matter.promise_days
    if not days:
        return ""
    return str(read("applying")["due"]).format(days=spoken_period(days, draft.matter.promise_unit))


def _later(requirements: list[Requirement]) -> str:
    if not requirements:
        return ""
    return str(read("applying")["still_to_come"]).format(names="、".join(each.material.name for each in requirements))
