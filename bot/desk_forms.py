"""The resident's form and papers at the desk: seen masked, filled in for them and confirmed by them, revealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from actions.applying.draft import Draft
from bot.people import People
from connectors.message import Choice, Reply
from knowledge.application import Application
from knowledge.applications import ApplicationConflict, Applications
from knowledge.bundles import bundles
from knowledge.catalogue import Catalogue
from knowledge.files import FileMissing, Files
from knowledge.forms.answer import AnswerRefused, read_answer
from knowledge.forms.filling import confirmed
from knowledge.forms.form import FormField
from knowledge.forms.showing import masked_text, text_of
from knowledge.forms.value import STAFF, Value, source_label
from knowledge.handoff import Handoff
from knowledge.papers import Papers
from knowledge.records import Records
from knowledge.working_days import CHINA

CONFIRM = "confirm_field"
"""The choice by which a resident says whether what staff filled in is right: `confirm_field:ID:KEY:VERSION:yes`."""


NUMBERS_OF_PEOPLE = ("id-number", "phone", "bank-account")

Shown = dict[str, Any]


class FormChanged(Exception):
    """The form was changed since it was read."""


class FieldUnknown(LookupError):
    """The form asks for nothing of that name, or for a list, which is not filled in so."""


class NothingToReveal(LookupError):
    """There is nothing masked of that name."""


class FormsView:
    """The draft of a conversation, and what was handed in with it, as staff see them."""

    def __init__(
        self,
        applications: Applications,
        papers: Papers,
        files: Files,
        catalogue: Catalogue,
        clock: Callable[[], datetime],
    ) -> None:
        self._applications = applications
        self._papers = papers
        self._files = files
        self._catalogue = catalogue
        self._clock = clock

    async def form(self, handoff: Handoff) -> Shown | None:
        """The form that was filled in last; None: none."""
        draft = await self.draft(handoff)
        return form_of(draft) if draft else None

    async def draft(self, handoff: Handoff) -> Draft | None:
        """The application of the conversation that was changed last."""
        application = await self._applications.latest(handoff.conversation_id, ("draft", "submitted"))
        return await self.draft_of(application, handoff.region_code) if application else None

    async def draft_of(self, application: Application, region: str) -> Draft | None:
        """An application with its matters; None: the catalogue has them no more."""
        bundled = bundles().get(application.bundle) if application.bundle else None
        codes = [each.matter for each in bundled.components if each.matter] if bundled else [application.matter_code]
        found = {each.code: each for each in await self._catalogue.matters(codes, region or None)}
        draft = Draft(application, found, self._clock().astimezone(CHINA).date(), bundled)
        return draft if draft.matters else None

    async def papers(self, handoff: Handoff) -> list[Shown]:
        """The papers in force, with what was found."""
        return await self.papers_in(handoff.conversation_id)

    async def papers_in(self, conversation: str) -> list[Shown]:
        """Those of a conversation."""
        shown = []
        for paper in await self._papers.of_conversation(conversation):
            try:
                file, _ = await self._files.get(conversation, paper.file_id)
            except FileMissing:  # its time was over
                continue
            found = [{"severity": each.severity, "text": each.text} for each in paper.findings]
            named = {"id": file.id, "name": file.name, "media_type": file.media_type}
            told = {"id": paper.id, "material": paper.material, "file": named, "verdict": paper.verdict}
            shown.append(told | {"findings": found, "at": paper.created_at})
        return shown


class FilledIn:
    """What staff fill in for a resident, who says whether it is right."""

    def __init__(
        self,
        view: FormsView,
        applications: Applications,
        people: People,
        records: Records,
        clock: Callable[[], datetime],
    ) -> None:
        self._view = view
        self._applications = applications
        self._people = people
        self._records = records
        self._clock = clock

    async def fill_in(self, handoff: Handoff, staff_id: int, key: str, text: str, version: int) -> Shown:
        """Put a value into a field and ask the resident. Raises FormChanged, FieldUnknown, AnswerRefused."""
        draft = await self._view.draft(handoff)
        if draft is None or draft.application.state != "draft" or draft.application.version != version:
            raise FormChanged(handoff.id)
        field = next((each for each in draft.active() if each.key == key and each.type != "list"), None)
        if field is None:
            raise FieldUnknown(key)
        value = read_answer(field, text)
        if value is None:
            raise AnswerRefused(str(_words()["empty"]))
        draft.application = replace(draft.application, values=dict(draft.values) | {key: Value(value, STAFF)})
        draft.fill()
        stored = replace(draft.application, version=version + 1)
        async with self._people.database.transaction():  # the hand-off first, as the resident's answer does
            question = _question(stored, field, value)
            await self._people.relay.say(handoff.id, staff_id, f"form-{stored.id}-{stored.version}", question)
            draft.application = await self._saved(draft.application)
            await self._changed(handoff, staff_id)
            shown = _shown_text(field, value)
            await self._note(handoff.conversation_id, "field_filled", staff_id, stored, key, value=shown)
        return form_of(draft)

    async def hear(self, conversation: str, choice: str) -> tuple[str, Reply] | None:
        """What the resident says to it, for the transcript, and what is answered; None: the choice is none of these.

        In the transaction that stores the turn.
        """
        kind, _, rest = choice.partition(":")
        parts = rest.split(":")
        if kind != CONFIRM or len(parts) != 4:
            return None
        id, key, _, answer = parts
        words = _words()
        async with self._people.handoffs.changing(queue=False) as session:  # before the form is locked: as `fill_in`
            await self._people.handoffs.log.stand_in_line(session)
        application = await self._applications.latest(conversation)
        if application is None or application.id != id or key not in application.values:
            return str(words["yes" if answer == "yes" else "no"]), Reply(str(words["gone"]), "notice")
        if answer == "yes":
            await self._saved(replace(application, values=confirmed(application.values, key)))
            said, told = words["yes"], words["kept"]
        else:
            values = {name: each for name, each in application.values.items() if name != key}
            await self._saved(replace(application, values=values))
            said, told = words["no"], words["dropped"]
        await self._note(
            conversation, "field_confirmed" if answer == "yes" else "field_refused", None, application, key
        )
        handoff = await self._people.handoffs.open_in(conversation)
        if handoff is not None:
            await self._changed(handoff, None)
        return str(said), Reply(str(told), "notice")

    async def _saved(self, application: Application) -> Application:
        try:
            return await self._applications.save(application, self._clock())
        except ApplicationConflict as error:
            raise FormChanged(application.id) from error

    async def _note(
        self, conversation: str, what: str, staff_id: int | None, application: Application, key: str, **more: Any
    ) -> None:
        """In the record that can't be changed unnoticed; numbers of people are masked there too."""
        about = {"application": application.id, "field": key, "version": application.version}
        await self._records.note(conversation, what, self._clock(), staff_id, **about, **more)

    async def _changed(self, handoff: Handoff, staff_id: int | None) -> None:
        async with self._people.handoffs.changing(queue=False) as session:
            await self._people.handoffs.log.happened(session, "form", self._clock(), handoff.id, staff_id)


def is_confirming(choice: str | None) -> bool:
    """Whether a choice says that what staff filled in is right, or is not."""
    return choice is not None and choice.startswith(f"{CONFIRM}:")


def form_of(draft: Draft) -> Shown:
    """A form as docs/desk.md has it."""
    application, editable = draft.application, draft.application.state == "draft"
    told = {"application": application.id, "version": application.version, "state": application.state}
    told |= {"matter": {"code": draft.matter.code, "name": draft.name}}
    return told | {"fields": [_field(each, draft.values.get(each.key), editable) for each in draft.active()]}


def _field(field: FormField, value: Value | None, editable: bool) -> Shown:
    return {
        "key": field.key,
        "label": field.label,
        "type": field.type,
        "choices": list(field.choices),
        "unit": field.unit,
        "group": field.group,
        "text": _shown_text(field, value.value) if value and value.value is not None else "",
        "masked": is_masked(field) and value is not None,
        "source": source_label(value.source) if value else "",
        "confirmed": bool(value and value.confirmed),
        "required": field.required,
        "editable": editable and field.type != "list",
    }


def _shown_text(field: FormField, value: Any) -> str:
    """A value as a screen may show it: numbers of people are masked there, whether or not the matter says so."""
    text = text_of(field, value, hidden=True)
    return masked_text(field, text) if is_masked(field) and not field.sensitive else text


def is_masked(field: FormField) -> bool:
    """Whether a screen shows what stands in the field only in part."""
    return field.sensitive or field.format in NUMBERS_OF_PEOPLE


def _question(application: Application, field: FormField, value: Any) -> Reply:
    words = _words()
    stem = f"{CONFIRM}:{application.id}:{field.key}:{application.version}"
    choices = tuple(Choice(f"{stem}:{answer}", str(words[answer])) for answer in ("yes", "no"))
    text = str(words["question"]).format(label=field.label, value=_shown_text(field, value))
    numbered = "\n".join(f"{number}. {each.label}" for number, each in enumerate(choices, 1))
    return Reply(f"{text}\n{numbered}", "choices", choices, {"application": application.id})


@cache
def _words() -> dict[str, Any]:
    with resources.files("bot").joinpath("desk_words.yml").open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded
