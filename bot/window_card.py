"""The ID card at the window: typed or photographed, checked, and the leave that the resident gives the clerk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from actions import Services
from actions.applying.authorised import as_note
from actions.applying.draft import Draft
from actions.applying.needed import needed
from actions.applying.scope import scope_of
from actions.applying.taking import is_kind_of
from actions.words import read
from bot.uploads import SEND_PAPER, Uploads
from bot.window_view import words
from connectors.desk.chat_service import Shown
from connectors.desk.window_service import CardFirst, CardRefused, PersonUnknown, ResidentFixed
from connectors.intake.service import Authorisation, IntakeRefused
from connectors.message import Media
from connectors.ocr.service import FileRefused
from knowledge import id_number as id_numbers
from knowledge.consents import Scope
from knowledge.forms.formats import is_name, is_phone
from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.prechecking import Facts, check
from knowledge.records import Records
from knowledge.staff import Staff
from knowledge.working_days import CHINA

ID_CARD = "居民身份证"


class WindowCards:
    """Who the resident is, by the card that the clerk has in hand."""

    def __init__(self, services: Services, uploads: Uploads, records: Records, clock: Callable[[], datetime]) -> None:
        self._services = services
        self._uploads = uploads
        self._records = records
        self._clock = clock

    async def read(self, conversation: str, media: Media) -> Shown:
        """What a photo of the card says; it is kept as a paper. Raises CardRefused."""
        try:
            reading = await self._uploads.look(media)
        except FileRefused as refused:
            raise CardRefused(refused.reason, refused.text) from refused
        if reading is None:
            raise CardRefused("reader_away", words()["card"]["reader_away"])
        today = self._clock().astimezone(CHINA).date()
        found = check(reading, Material("身份证"), Facts(today))
        if bad := next((each for each in found if each.severity == "bad"), None):
            raise CardRefused(bad.defect, bad.text)
        number = id_numbers.standard(reading.fields.get("id_number", ""))
        if not number or "name" not in reading.fields:
            raise CardRefused("no_number", words()["card"]["no_number"])
        async with self._services.database.transaction():
            await self._uploads.keep(conversation, media, reading)
        telling = [each.text for each in found]
        return {"name": reading.fields["name"], "id_number": number, "findings": telling}

    async def identify(self, conversation: str, staff: Staff, draft: Draft | None, told: Identity, how: str) -> None:
        """The card is theirs, the clerk says, and it goes into the record. Raises CardRefused, ResidentFixed."""
        identity, now = self._checked(told), self._clock()
        known = await self._services.residents.with_id_number(identity.id_number)
        if known is not None and known.name != identity.name:
            raise CardRefused("name_differs", words()["card"]["name_differs"])
        before = await self._services.residents.of_conversation(conversation)
        is_fixed = draft is not None and draft.note("consent") in ("granted", "declined")
        if before is not None and is_fixed and (known is None or known.id != before.id):
            raise ResidentFixed(conversation)
        async with self._services.database.transaction():
            resident = await self._services.residents.find_or_add(identity, now)
            await self._services.residents.bind(conversation, resident.id, now)
            await self._records.note(conversation, "card_read", now, staff.id, how=how)

    def _checked(self, told: Identity) -> Identity:
        """The card as it is kept. Raises CardRefused."""
        said, now = words()["card"], self._clock()
        name, number = told.name.strip().replace(" ", ""), id_numbers.standard(told.id_number)
        telephone = told.telephone.replace(" ", "")
        if not is_name(name):
            raise CardRefused("name", said["name"])
        if problem := id_numbers.problem(number, now.astimezone(CHINA).date()):
            raise CardRefused(problem, said[problem])
        if telephone and not is_phone(telephone):
            raise CardRefused("telephone", said["telephone"])
        return Identity(name, number, telephone)

    async def authorise(self, conversation: str, staff: Staff, draft: Draft) -> tuple[Authorisation, tuple[Scope, ...]]:
        """The platform's leave by the card. Raises CardFirst, PersonUnknown, IntakeUnavailable."""
        who, scope = await self._identity(conversation), scope_of(draft)
        purpose, minutes = _purpose(draft), int(read("applying")["consent_days"]) * 24 * 60
        try:
            intake = self._services.intake
            granted = await intake.authorise_at_window(who, staff.name, scope, purpose, minutes, conversation)
        except IntakeRefused as error:
            raise PersonUnknown(conversation) from error
        return granted, scope

    async def keep(
        self, conversation: str, staff: Staff, draft: Draft, granted: Authorisation, scope: tuple[Scope, ...], said: str
    ) -> None:
        """The resident agreed to what was read out; the dialogue takes it up (`Authorise.take_up`)."""
        now, consents = self._clock(), self._services.consents
        resident = await self._services.residents.of_conversation(conversation)
        until = granted.expires_at or now + timedelta(days=int(read("applying")["consent_days"]))
        about = {"matter_code": draft.matter.code, "resident_id": resident.id if resident else None}
        async with self._services.database.transaction():
            asked = await consents.ask(conversation, granted.id, scope, _purpose(draft), now, until, **about)  # type: ignore[arg-type]
            await consents.grant(asked.id, now, expires_at=until)
            details = {"words": said, "agreed": True, "authorisation": granted.id}
            await self._records.note(conversation, "consent_witnessed", now, staff.id, **details)

    async def decline(self, conversation: str, staff: Staff, draft: Draft, said: str) -> None:
        """They did not: nothing is looked up, the card alone fills name and number. Raises CardFirst."""
        who, now = await self._identity(conversation), self._clock()
        resident = await self._services.residents.of_conversation(conversation)
        draft.remember(consent="declined", file=as_note(who, None, ()))
        if resident is not None:
            draft.belong_to(resident.id)
        draft.fill()
        async with self._services.database.transaction():
            await self._services.applications.save(draft.application, now)
            await self._records.note(conversation, "consent_witnessed", now, staff.id, words=said, agreed=False)

    async def paper_of(self, conversation: str, draft: Draft) -> str | None:
        """The choice that hands the photographed card in, where the matter wants it."""
        wanted = [each.material for each in needed(draft)]
        identity = draft.identity
        for paper in await self._services.papers.of_conversation(conversation):
            reading = paper.reading
            if paper.material or reading is None or reading.kind != ID_CARD:
                continue
            theirs = identity is not None and reading.fields.get("id_number") == identity.id_number
            if theirs and any(is_kind_of(reading, each) for each in wanted):
                return f"{SEND_PAPER}:{paper.id}"
        return None

    async def _identity(self, conversation: str) -> Identity:
        resident = await self._services.residents.of_conversation(conversation)
        if resident is None:
            raise CardFirst(conversation)
        return await self._services.residents.identity(resident.id)


def _purpose(draft: Draft) -> str:
    return str(read("applying")["purpose"]).format(name=draft.name)[:100]
