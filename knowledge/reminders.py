"""When a resident is reminded of what they put off: a column of the application, so that a restart loses none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from knowledge.application import Application
from knowledge.database import Database
from knowledge.tables.conversation import ConversationRow
from knowledge.tables.resident import ApplicationRow

NEW = 1
"""The version of an application of which nothing was said yet."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One that is due, for that application in that conversation."""

    application_id: str
    conversation_id: str
    due_at: datetime


class Reminders:
    """The timers in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, at: datetime, limit: int = 100) -> list[Reminder]:
        """What is due, the oldest first; not while a person has the conversation. Raises DatabaseUnavailable."""
        query = (
            select(ApplicationRow.id, ApplicationRow.conversation_id, ApplicationRow.remind_at)
            .join(ConversationRow, ConversationRow.id == ApplicationRow.conversation_id)
            .where(ApplicationRow.remind_at <= at, ConversationRow.mode == "bot")
            .order_by(ApplicationRow.remind_at)
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = await session.execute(query)
            return [Reminder(id, conversation, due) for id, conversation, due in rows if due is not None]

    async def take(self, reminder: Reminder) -> bool:
        """It is told in this transaction. False: it was meanwhile, or the application changed or is gone."""
        same = (ApplicationRow.id == reminder.application_id) & (ApplicationRow.remind_at == reminder.due_at)
        done = update(ApplicationRow).where(same).values(remind_at=None).returning(ApplicationRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(done) is not None


def remind_at(application: Application, at: datetime, after: timedelta) -> datetime | None:
    """When to remind of an application that is stored now: of a draft, and of papers that follow; None: never."""
    if not after:
        return None
    if application.state == "draft":
        return at + after if application.version > NEW or application.values else None
    return at + after if application.state == "submitted" and put_off(application.papers) else None


def put_off(papers: Mapping[str, Mapping[str, object]], states: Collection[str] = ("later", "window")) -> list[str]:
    """The names of the papers that were promised for later, or for the window."""
    return [name for name, kept in papers.items() if kept.get("state") in states]
