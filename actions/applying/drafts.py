"""Applications as drafts of a turn: begun, found again, stored."""

from __future__ import annotations

from dataclasses import replace

from actions.applying.draft import Draft
from actions.here import look_around
from actions.services import Services
from actions.turn import Turn
from knowledge.application import Application
from knowledge.applications import ApplicationNotFound
from knowledge.bundles import Bundle, bundles
from knowledge.matter import Matter
from knowledge.reminders import remind_at
from knowledge.working_days import CHINA


class Drafts:
    """The applications of a conversation."""

    def __init__(self, services: Services) -> None:
        self._applications = services.applications
        self._residents = services.residents
        self._catalogue = services.catalogue
        self._visits = services.window_visits
        self._clock = services.clock
        self._remind_after = services.remind_after

    async def open_one(self, turn: Turn) -> Draft | None:
        """The application that the conversation is filling in; None: none, or it is a draft no more."""
        id = turn.slot("application")
        if not id:
            return None
        try:
            application = await self._applications.find(id)
        except ApplicationNotFound:  # deleted at the resident's wish
            return None
        return await self._of(turn, application) if application.state == "draft" else None

    async def begin(self, turn: Turn, matter: Matter, bundled: Bundle | None) -> Draft | None:
        """A new application, or the one that was begun for the same; None: nobody has written a form for it."""
        kept = await self._begun(turn, matter, bundled)
        application = kept or await self._applications.open(
            turn.conversation, matter.code, matter.version, self._clock(), bundle=bundled.code if bundled else None
        )
        draft = await self._of(turn, application)
        if draft is None or not draft.form.fields:
            return None
        if kept is None:
            draft.remember(said=turn.slot("said"))
        if visit := await self._visits.serving(turn.conversation, self._clock()):
            draft.filled_by(visit.staff_id)
        turn.remember(application=application.id)
        return draft

    async def latest(self, turn: Turn) -> Draft | None:
        """The application that was left last in this conversation, or by this resident anywhere."""
        for application in await self._kept(turn):
            if draft := await self._of(turn, application):
                turn.remember(application=application.id)
                return draft
        return None

    async def save(self, draft: Draft) -> None:
        """Store what the turn changed. Raises ApplicationConflict."""
        if draft.changed:
            now = self._clock()
            application = replace(draft.application, remind_at=remind_at(draft.application, now, self._remind_after))
            draft.application = await self._applications.save(application, now)
            draft.changed = False

    async def _begun(self, turn: Turn, matter: Matter, bundled: Bundle | None) -> Application | None:
        wanted = (matter.code, bundled.code if bundled else None)
        kept = await self._kept(turn)
        return next((each for each in kept if (each.matter_code, each.bundle) == wanted), None)

    async def _kept(self, turn: Turn) -> list[Application]:
        """What was left unfinished: in this conversation, and anywhere by the resident who is known to speak in it."""
        here = await self._applications.latest(turn.conversation)
        resident = await self._residents.of_conversation(turn.conversation)
        theirs = await self._applications.by_resident(resident.id) if resident else []
        return ([here] if here else []) + [each for each in theirs if here is None or each.id != here.id]

    async def _of(self, turn: Turn, application: Application) -> Draft | None:
        here = await look_around(self._catalogue, turn.region)
        bundled = bundles().get(application.bundle) if application.bundle else None
        codes = [each.matter for each in bundled.components if each.matter] if bundled else [application.matter_code]
        matters = {each.code: each for each in await here.matters(codes)}
        draft = Draft(application, matters, self._clock().astimezone(CHINA).date(), bundled)
        return draft if draft.matters else None
