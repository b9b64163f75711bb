"""What screens mask, shown to staff for a reason that is kept (`/desk/api/chats/{id}/reveal`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.desk_cards import Cards, Shown
from bot.desk_chats import DeskChats
from bot.desk_forms import FilledIn, FormsView, NothingToReveal
from bot.people import People
from connectors.desk.access import Viewer, is_within
from knowledge.forms.showing import text_of
from knowledge.handoff import Handoff
from knowledge.residents import Residents
from knowledge.reveals import Reveals

SEEN_FOR = timedelta(seconds=60)
"""How long the page shows it."""
FIELD = "field:"


class DeskForms:
    """A resident's form and what is masked in it, for the desk's routes."""

    def __init__(
        self,
        people: People,
        chats: DeskChats,
        cards: Cards,
        view: FormsView,
        filled: FilledIn,
        residents: Residents,
        reveals: Reveals,
        clock: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._chats = chats
        self._cards = cards
        self._view = view
        self._filled = filled
        self._residents = residents
        self._reveals = reveals
        self._clock = clock

    async def fill_in(self, viewer: Viewer, id: str, key: str, text: str, version: int) -> Shown:
        """Fill a field in for the resident. Raises FormChanged, FieldUnknown, AnswerRefused, HandoffTaken."""
        handoff = await self._chats.mine(viewer, id)
        return await self._filled.fill_in(handoff, viewer.staff.id, key, text, version)

    async def reveal(self, viewer: Viewer, id: str, what: str, reason: str) -> Shown:
        """Show what is masked, once the reason is written down. Raises NothingToReveal."""
        handoff, _ = await self._chats.seen(viewer, id)
        async with self._people.database.transaction():
            value = await self._value(handoff, what)
            if not value:
                raise NothingToReveal(what)
            now = self._clock()
            await self._reveals.note(viewer.staff.id, id, handoff.conversation_id, what, reason, now)
        return {"value": value, "until": now + SEEN_FOR}

    async def reveals(self, viewer: Viewer) -> list[Shown]:
        """Who was shown what, newest first, in the area that one watches over."""
        last = await self._reveals.last()
        chats = await self._people.handoffs.found({each.handoff_id for each in last if each.handoff_id})
        area = viewer.staff.region
        shown = [each for each in last if not area or is_within(_region(chats.get(each.handoff_id or "")), area)]
        return [
            {"at": each.at, "by": await self._cards.staff(each.staff_id), "what": each.what, "chat": each.handoff_id}
            | {"reason": each.reason or ""}
            for each in shown
        ]

    async def _value(self, handoff: Handoff, what: str) -> str:
        if what.startswith(FIELD):
            return await self._field(handoff, what.removeprefix(FIELD))
        resident = await self._residents.of_conversation(handoff.conversation_id)
        if resident is None:
            return ""
        identity = await self._residents.identity(resident.id)
        return {"id_number": identity.id_number, "telephone": identity.telephone or resident.telephone}[what]

    async def _field(self, handoff: Handoff, key: str) -> str:
        draft = await self._view.draft(handoff)
        field = draft.form.field(key) if draft else None
        value = draft.values.get(key) if draft else None
        return text_of(field, value.value) if field and value and value.value is not None else ""


def _region(handoff: Handoff | None) -> str:
    return handoff.region_code if handoff else ""
