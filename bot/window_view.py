"""A visit at the window as its page shows it: the resident, their leave, the form with its rules, papers, the chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from actions import Services
from actions.applying.consent import looked_up
from actions.applying.correcting import offered_values
from actions.applying.course import Course
from actions.applying.draft import Draft
from actions.applying.needed import needed, requirements_of, said_name, state_of
from actions.applying.scope import scope_of
from actions.words import read
from bot.desk_cards import Cards, Shown, line, masked_name, named
from bot.desk_forms import FormsView, form_of
from knowledge.application import Application
from knowledge.applications import ApplicationNotFound
from knowledge.case import Case
from knowledge.conversations import Conversation, Conversations
from knowledge.forms.form import FormField
from knowledge.forms.known import who_of
from knowledge.window_visits import WindowVisit


class WindowView:
    """Shows visits. Numbers of people are masked: what the clerk has confirmed is no longer theirs to read."""

    def __init__(
        self,
        services: Services,
        forms: FormsView,
        cards: Cards,
        conversations: Conversations,
        clock: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._forms = forms
        self._cards = cards
        self._conversations = conversations
        self._course = Course(services)
        self._clock = clock

    async def draft(self, conversation: Conversation) -> Draft | None:
        """The application that the conversation works on, else the one that was changed last."""
        slots = (conversation.tracker or {}).get("slots") or {}
        application: Application | None = None
        with suppress(ApplicationNotFound):
            if id := slots.get("application"):
                application = await self._services.applications.find(id)
        if application is None:
            states = ("draft", "submitted")
            application = await self._services.applications.latest(conversation.id, states)  # type: ignore[arg-type]
        return await self._forms.draft_of(application, conversation.region_code or "") if application else None

    async def card(self, visit: WindowVisit) -> Shown:
        """A visit in a list."""
        resident = await self._services.residents.of_conversation(visit.conversation_id)
        draft = await self.draft(await self._conversations.find(visit.conversation_id))
        return {
            "id": visit.conversation_id,
            "opened_at": visit.opened_at,
            "clerk": {"staff": visit.staff_id, "name": visit.clerk},
            "resident": masked_name(resident.name) if resident else "",
            "matter": draft.name if draft else "",
        }

    async def visit(self, visit: WindowVisit) -> Shown:
        """All of it."""
        conversation = await self._conversations.find(visit.conversation_id)
        resident = await self._services.residents.of_conversation(conversation.id)
        draft = await self.draft(conversation)
        offices = {code: office.name for code, office in (await self._cards.offices()).items()}
        lines = await self._conversations.transcript(conversation.id)
        who = {"name": resident.name, "id_number": resident.id_masked} if resident else None
        telephone = f"{resident.telephone[:3]}****{resident.telephone[-4:]}" if resident and resident.telephone else ""
        return {
            "id": conversation.id,
            "opened_at": visit.opened_at,
            "clerk": {"staff": visit.staff_id, "name": visit.clerk},
            "office": named(visit.office_code, offices),
            "mode": conversation.mode,
            "resident": who | {"telephone": telephone} if who else None,
            "matter": {"code": draft.matter.code, "name": draft.name} if draft else None,
            "consent": self._consent(draft, resident.name if resident else "") if draft else None,
            "step": self._course.step(draft).name if draft and draft.application.state == "draft" else None,
            "form": _form(draft) if draft and draft.form.fields else None,
            "requirements": _requirements(draft) if draft else [],
            "papers": await self._forms.papers_in(conversation.id),
            "cases": [_case(each) for each in await self._services.cases.of_conversation(conversation.id)],
            "messages": [line(each) for each in lines],
        }

    @staticmethod
    def _consent(draft: Draft, name: str) -> Shown:
        """How the resident's leave stands, and the words in which it is asked for."""
        state = draft.note("consent") or "needed"
        days = read("applying")["consent_days"]
        told = {"what": looked_up(scope_of(draft)), "matter": draft.name, "days": days}
        return {"state": "needed" if state == "asked" else state, "words": words()["consent"].format(name=name, **told)}


def _form(draft: Draft) -> Shown:
    """The desk's form, and for each field how it is asked, by what rule, and why."""
    told, who = form_of(draft), who_of(draft.known())
    fields = {each.key: each for each in draft.form.fields}
    open_ones = {each.key for each in draft.missing()}
    return told | {"fields": [_field(each, fields[each["key"]], who, open_ones) for each in told["fields"]]}


def _field(shown: Shown, field: FormField, who: str, open_ones: set[str]) -> Shown:
    asked = {"question": field.asked(who), "example": field.example, "why": field.reason, "rule": rule_of(field)}
    more = {"choices": offered_values(field), "missing": field.key in open_ones, "editable": shown["editable"]}
    return shown | asked | more


def rule_of(field: FormField) -> str:
    """What may stand in a field, in words."""
    said: Mapping[str, Any] = words()
    kind = said["formats"].get(field.format) or said["types"].get(field.type, "")
    is_any_text = field.rule.get("minLength") == 1  # a required text has a character: nobody must be told
    bounds = {key: bound for key, bound in field.rule.items() if not (is_any_text and key == "minLength")}
    told = [said["bounds"][key].format(bound=bound) for key, bound in bounds.items() if key in said["bounds"]]
    return "，".join(filter(None, [kind, *told]))


def _requirements(draft: Draft) -> list[Shown]:
    """The papers, and how each stands; `needed`: it is asked for."""
    still = {each.material.name for each in needed(draft)}
    return [
        {"name": said_name(each), "state": state_of(draft, each), "needed": each.material.name in still}
        for each in requirements_of(draft)
    ]


def _case(case: Case) -> Shown:
    """What stands on the slip."""
    told = {name: getattr(case, name) for name in ("reference", "platform_number", "state", "submitted_at", "due_on")}
    said = read("applying")["states"][case.state]
    told |= {"matter": {"code": case.matter_code, "name": case.matter_name}, "clerk": case.proxy_by}
    return told | {"now": said["now"], "next": said["next"]}


@cache
def words() -> dict[str, Any]:
    """The sentences of window.yml."""
    loaded: dict[str, Any] = yaml.safe_load(resources.files("bot").joinpath("window.yml").read_text(encoding="utf-8"))
    return loaded
