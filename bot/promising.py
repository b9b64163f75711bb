"""A call-back promised to somebody who waited for a person until nobody was on duty any more."""

from __future__ import annotations

from datetime import datetime

from actions.callback import promised_by
from actions.places import week_of
from actions.spoken import spoken_moment
from actions.words import read
from bot.handoff_words import told, words
from connectors.message import Choice, Reply
from knowledge.callbacks import CallbackRequest, Callbacks
from knowledge.catalogue import Catalogue
from knowledge.database import Database
from knowledge.handoff import Handoff

LEAVE_NUMBER = "leave_callback"
"""The choice that asks for the number to call (`actions/callback.py`)."""


class Promising:
    """Records call-backs outside a turn."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._callbacks = Callbacks(database)
        self._catalogue = catalogue

    async def promise(self, handoff: Handoff, now: datetime) -> Reply:
        """Record it in the running transaction, once a conversation; what the resident is told."""
        office = await self._catalogue.office_for(handoff.region_code, "村")
        callback = await self._callbacks.open_in(handoff.conversation_id)
        if callback is None:
            request = CallbackRequest(
                handoff.conversation_id,
                office.code if office else None,
                handoff.matter_code,
                now,
                promised_by(week_of(office), now),
                handoff.region_code,
            )
            callback = await self._callbacks.record(request)
        said = {
            "reference": callback.reference,
            "promised": spoken_moment(callback.promised_by, now),
            "office": office.name if office else read("promises")["hotline_name"],
        }
        choices = () if callback.telephone else (Choice(LEAVE_NUMBER, words()["leave_number"]),)
        return told("callback", *choices, **said)
