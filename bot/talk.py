"""What talks with residents, put together: the engine with its actions, the assistant, files that come, forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from actions import Services, all_actions
from bot.casework import Casework
from bot.conversation import Assistant
from bot.coordination import TurnLock
from bot.desk_forms import FilledIn, FormsView
from bot.foundation import Foundation
from bot.hearing import hearing
from bot.mishearing import Mishearing
from bot.papers import paper_reader
from bot.people import People
from bot.rasa.engine import Engine
from bot.reading_aloud import ReadingAloud, reading_aloud
from bot.texting import Texting
from bot.thinking import Thinking
from bot.unsure import UnsureRecorder
from bot.uploads import Uploads
from bot.voice import Voice
from knowledge.rating_rules import rating_rules
from knowledge.records import Records
from knowledge.visit_rules import visits


def services_of(base: Foundation, casework: Casework, people: People, texting: Texting) -> Services:
    """What the actions need. Raises RatingRulesInvalid, VisitRulesInvalid."""
    ratings = base.settings.ratings
    return Services(
        *(base.database, base.catalogue, base.clock, base.keyring, casework.intake, casework.outbox),
        *(people.handoffs, people.agents),
        tickets_file=Path(base.settings.tickets) if base.settings.tickets else None,
        visits=visits(Path(base.settings.visits) if base.settings.visits else None),
        rating_rules=rating_rules(Path(ratings)) if ratings else None,
        remind_after=timedelta(days=base.settings.remind_days),
        public_url=base.settings.public_url,
        reads_on=frozenset(VOICE_CHANNELS if base.settings.reading_url else ()),
        answered_there=frozenset({"wecom"} if base.settings.wecom_people == "wecom" else ()),
        sms_contacts=None if base.settings.sms == "log" else texting.queue.contacts,
    )


VOICE_CHANNELS = ("wechat", "wecom")
"""Channels that take voice messages of ours."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The assistant, and what the desk shares with it."""

    assistant: Assistant
    engine: Engine
    forms: FormsView
    filled: FilledIn
    uploads: Uploads
    voice: Voice
    reading: ReadingAloud


@asynccontextmanager
async def talk(base: Foundation, thinking: Thinking, services: Services, people: People) -> AsyncIterator[Talk]:
    """Ready to answer, until the end."""
    settings, clock = base.settings, base.clock
    engine = Engine(base.model, all_actions(services), thinking.consider)
    forms = FormsView(services.applications, services.papers, services.files, base.catalogue, clock)
    filled = FilledIn(forms, services.applications, people, Records(base.database, base.keyring), clock)
    lock = TurnLock(base.redis, patience=settings.turn_timeout + 10)
    async with (
        aclosing(lock),
        hearing(settings, base.catalogue, base.metrics) as voice,
        reading_aloud(settings, base.conversations, base.metrics) as reading,
        aclosing(Uploads(paper_reader(settings), services.files, services.papers, clock)) as uploads,
    ):
        assistant = Assistant(
            *(engine, base.database, lock, base.news, clock, settings.region, settings.turn_timeout, base.metrics),
            *(UnsureRecorder(base.database, clock), uploads, people.relay, filled, people.rescue),
            *(voice, Mishearing(engine, services.applications, clock), services.reads_on),
        )
        yield Talk(assistant, engine, forms, filled, uploads, voice, reading)
