"""What the tests of cases and of the outbox share: a key, a clock that only tests move, a conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge.case import NewCase
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring

KEYRING = Keyring.of("1:" + "A" * 43 + "=")
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = AT

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, **time: float) -> datetime:
        """Move on; the new time."""
        self.time += timedelta(**time)
        return self.time


async def a_conversation(database: Database) -> str:
    """The id of a new conversation."""
    return (await Conversations(database).open("web", None, False, AT))[0]


async def a_new_case(database: Database) -> NewCase:
    """高龄津贴, promised in 22 working days."""
    return NewCase(await a_conversation(database), "M005", "高龄津贴", "430423101218", promise_days=22)
