"""Clerk mode (帮代办): a clerk does a resident's matter with them at the window, in the resident's own conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import segno

from actions import Services
from actions.applying.draft import Draft
from bot.conversation import Assistant
from bot.desk_forms import FieldUnknown, FormChanged, NothingToReveal
from bot.desk_reveals import FIELD, SEEN_FOR
from bot.people import People
from bot.settings import Settings
from bot.window_card import WindowCards
from bot.window_proxies import WindowProxies
from bot.window_view import WindowView, words
from connectors.desk.access import rights_of
from connectors.desk.chat_service import Shown
from connectors.desk.window_service import Entrusting, MatterFirst
from connectors.message import Inbound, Media
from knowledge.agents import Agent
from knowledge.applications import ApplicationConflict
from knowledge.carrying import LINK, Carrying
from knowledge.conversations import Conversations
from knowledge.files import StoredFile
from knowledge.forms.answer import AnswerRefused, read_answer
from knowledge.forms.showing import text_of
from knowledge.forms.value import STAFF, Value
from knowledge.handoff import NotAnAgent
from knowledge.household import Identity
from knowledge.records import Records
from knowledge.reveals import Reveals
from knowledge.staff import Staff
from knowledge.window_visits import WindowVisit, WindowVisitNotFound

CHANNEL = "window"
APPLY = "apply:"
GO_ON = "continue_application"
"""The choice by which the dialogue asks what is open now."""


class Window:
    """The visits of whoever is at the desk. A visit is its clerk's and their office's, nobody else's."""

    def __init__(
        self,
        services: Services,
        people: People,
        assistant: Assistant,
        view: WindowView,
        cards: WindowCards,
        proxies: WindowProxies,
        records: Records,
        reveals: Reveals,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._services = services
        self._visits = services.window_visits
        self._agents = people.agents
        self._assistant = assistant
        self._conversations = Conversations(services.database)
        self._view = view
        self._cards = cards
        self._proxies = proxies
        self._records = records
        self._reveals = reveals
        self._carrying = Carrying(services.database)
        self._home_region = settings.region
        self._public_url = settings.public_url.rstrip("/")
        self._clock = clock

    async def may_call(self, staff: Staff, conversation: str) -> bool:
        """Whether somebody may call the town or the county from there: the clerk whose visit it is."""
        if "window" not in rights_of(staff.role):
            return False
        with suppress(WindowVisitNotFound):
            return bool(await self._seen(staff, conversation))
        return False

    async def open(self, staff: Staff) -> Shown:
        """A conversation for the resident who has come."""
        agent, now = await self._agent(staff), self._clock()
        region = (agent.region if agent else staff.region) or self._home_region
        async with self._services.database.transaction():
            opened = await self._assistant.open(CHANNEL, region.ljust(12, "0"))
            await self._visits.open(opened.id, staff.id, agent.office_code if agent else None, now)
            await self._records.note(opened.id, "window_opened", now, staff.id)
        return await self.visit(staff, opened.id)

    async def visits(self, staff: Staff) -> list[Shown]:
        """Who is served now."""
        agent = await self._agent(staff)
        listed = await self._visits.of_clerk(staff.id, agent.office_code if agent else None, self._clock())
        return [await self._view.card(each) for each in listed]

    async def visit(self, staff: Staff, id: str) -> Shown:
        """All of a visit."""
        shown, region = await self._view.visit(await self._seen(staff, id)), await self._region(id)
        return shown | {"proxies": await self._proxies.shown(id, region)}

    async def has_news(self, id: str, after: int) -> bool:
        """Whether anything was said after that line."""
        return bool(await self._conversations.lines_after(id, after, 1))

    async def say(
        self, staff: Staff, id: str, client_id: str, text: str, choice: str | None, media: Media | None
    ) -> Shown:
        """A message in the conversation, as if the resident wrote it."""
        await self._served(staff, id)
        await self._assistant.take(Inbound(id, client_id, text, choice, media))
        if choice is not None and choice.startswith(APPLY):
            await self._hand_card_in(id)  # a form that is taken up again needs no new consent
        return await self.visit(staff, id)

    async def read_card(self, staff: Staff, id: str, media: Media) -> Shown:
        """A photo of the ID card. Raises CardRefused."""
        await self._served(staff, id)
        return await self._cards.read(id, media)

    async def identify(self, staff: Staff, id: str, name: str, number: str, telephone: str, how: str) -> Shown:
        """The resident's ID card. Raises CardRefused, ResidentFixed."""
        await self._served(staff, id)
        draft = await self._draft(id)
        await self._cards.identify(id, staff, draft, Identity(name, number, telephone), how)
        return await self.visit(staff, id)

    async def consent(self, staff: Staff, id: str, agreed: bool) -> Shown:
        """What the resident said. Raises MatterFirst, CardFirst, PersonUnknown, IntakeUnavailable, FormChanged."""
        await self._served(staff, id)
        draft = await self._open_draft(id)
        if draft.note("consent") == "granted":
            return await self.visit(staff, id)
        said = f"{(await self._view.visit(await self._seen(staff, id)))['consent']['words']}"
        if agreed:
            granted, scope = await self._cards.authorise(id, staff, draft)
            await self._assistant.go_on(
                id, GO_ON, lambda: self._cards.keep(id, staff, draft, granted, scope, f"{said}{words()['agreed']}")
            )
        else:
            await self._go_on(id, lambda fresh: self._cards.decline(id, staff, fresh, f"{said}{words()['declined']}"))
        await self._hand_card_in(id)
        return await self.visit(staff, id)

    async def fill_in(
        self, staff: Staff, id: str, version: int, values: Mapping[str, str], confirm: bool
    ) -> tuple[Shown, Mapping[str, str]]:
        """Many fields at once, checked as in the chat; why some could not be taken, by key.

        Raises MatterFirst, FormChanged, FieldUnknown.
        """
        await self._served(staff, id)
        await self._open_draft(id)
        problems: dict[str, str] = {}

        async def change(draft: Draft) -> None:
            if draft.application.version != version:
                raise FormChanged(id)
            if confirm:
                draft.confirm_all()
            problems.update(_filled(draft, values))
            if draft.changed:
                await self._services.applications.save(draft.application, self._clock())

        await self._go_on(id, change)
        return await self.visit(staff, id), problems

    async def file(self, staff: Staff, id: str, file: str) -> tuple[StoredFile, bytes]:
        """A file of the visit. Raises FileMissing."""
        await self._seen(staff, id)
        return await self._services.files.get(id, file)

    async def reveal(self, staff: Staff, id: str, what: str, reason: str) -> Shown:
        """Show what is masked, once the reason is written down. Raises NothingToReveal."""
        await self._seen(staff, id)
        async with self._services.database.transaction():
            value = await self._masked(id, what)
            if not value:
                raise NothingToReveal(what)
            now = self._clock()
            await self._reveals.note(staff.id, None, id, what, reason, now)
        return {"value": value, "until": now + SEEN_FOR}

    async def phone(self, staff: Staff, id: str, origin: str) -> Shown:
        """The conversation for the resident's own phone: an address, and its code to scan."""
        await self._served(staff, id)
        now = self._clock()
        async with self._services.database.transaction():
            carried = await self._carrying.offer(id, LINK, now)
            await self._records.note(id, "handed_to_phone", now, staff.id)
        address = f"{self._public_url or origin}/?carry={carried.secret}"
        return {"address": address, "qr": segno.make(address, error="m").svg_inline(scale=4, border=2)}

    async def sign(self, staff: Staff, id: str, media: Media) -> Shown:
        """A photo of the signature under an authorisation. Raises AuthorityRefused."""
        await self._served(staff, id)
        return await self._proxies.sign(id, media)

    async def entrust(self, staff: Staff, id: str, told: Entrusting) -> Shown:
        """The resident lets somebody act for them. Raises CardFirst, AuthorityRefused, NotAuthorised, FileMissing."""
        await self._served(staff, id)
        await self._proxies.entrust(id, await self._region(id), staff, told)
        return await self.visit(staff, id)

    async def withdraw(self, staff: Staff, id: str, authorisation: str) -> Shown:
        """The resident takes one back. Raises CardFirst, NotAuthorised."""
        await self._served(staff, id)
        await self._proxies.withdraw(id, staff, authorisation)
        return await self.visit(staff, id)

    async def end(self, staff: Staff, id: str) -> None:
        """The resident has left; the conversation stays theirs."""
        await self._seen(staff, id)
        await self._visits.end(id, self._clock())

    async def _seen(self, staff: Staff, id: str) -> WindowVisit:
        visit = await self._visits.serving(id, self._clock())
        if visit is None:
            raise WindowVisitNotFound(id)
        if visit.staff_id != staff.id:
            agent = await self._agent(staff)
            if agent is None or visit.office_code != agent.office_code:
                raise WindowVisitNotFound(id)
        return visit

    async def _served(self, staff: Staff, id: str) -> None:
        """Whoever does something in a visit serves it from now on; that goes into the record."""
        visit = await self._seen(staff, id)
        if visit.staff_id != staff.id:
            async with self._services.database.transaction():
                await self._visits.hand_on(id, staff.id)
                await self._records.note(id, "window_handed_on", self._clock(), staff.id, before=visit.staff_id)

    async def _region(self, id: str) -> str:
        return (await self._conversations.find(id)).region_code or self._home_region

    async def _draft(self, id: str) -> Draft | None:
        return await self._view.draft(await self._conversations.find(id))

    async def _open_draft(self, id: str) -> Draft:
        draft = await self._draft(id)
        if draft is None or draft.application.state != "draft":
            raise MatterFirst(id)
        return draft

    async def _go_on(self, id: str, change: Callable[[Draft], object]) -> None:
        """Change the draft between turns, then let the dialogue go on. Raises MatterFirst, FormChanged."""

        async def changing() -> None:
            try:
                await change(await self._open_draft(id))  # type: ignore[misc]
            except ApplicationConflict as error:
                raise FormChanged(id) from error

        await self._assistant.go_on(id, GO_ON, changing)

    async def _hand_card_in(self, id: str) -> None:
        """The photo of the card that was read counts as the paper, where one is wanted."""
        draft = await self._draft(id)
        if draft is not None and (choice := await self._cards.paper_of(id, draft)):
            await self._assistant.go_on(id, choice)

    async def _masked(self, id: str, what: str) -> str:
        if what.startswith(FIELD):
            draft, key = await self._draft(id), what.removeprefix(FIELD)
            field, value = (draft.form.field(key), draft.values.get(key)) if draft else (None, None)
            return text_of(field, value.value) if field and value and value.value is not None else ""
        resident = await self._services.residents.of_conversation(id)
        if resident is None:
            return ""
        identity = await self._services.residents.identity(resident.id)
        return {"id_number": identity.id_number, "telephone": identity.telephone}[what]

    async def _agent(self, staff: Staff) -> Agent | None:
        with suppress(NotAnAgent):
            return await self._agents.of(staff.id)
        return None


def _filled(draft: Draft, values: Mapping[str, str]) -> dict[str, str]:
    """Put what was typed into the draft, in the form's order; the reasons of what can't stand there, by key.

    A field that an answer before it closed is passed over. Raises FieldUnknown.
    """
    if unknown := set(values) - {each.key for each in draft.form.fields}:
        raise FieldUnknown(min(unknown))
    problems: dict[str, str] = {}
    for field in draft.form.fields:
        text = values.get(field.key)
        if text is None or field not in draft.active():
            continue
        try:
            value = None if not text.strip() and not field.required else read_answer(field, text)
        except AnswerRefused as refused:
            problems[field.key] = str(refused)
            continue
        if value is None:
            draft.answer(field, None)
        else:
            draft.take_over({field.key: Value(value, STAFF, confirmed=True)})
            draft.fill()
    return problems
