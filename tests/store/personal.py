"""Invented people and what tests of personal data share."""

from __future__ import annotations

from datetime import UTC, datetime

from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.household import Identity
from knowledge.keyring import Keyring, new_key

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
LIU = Identity("刘试岳", "43042319450307121X", "13900000001")
CHEN = Identity("陈试莲", "430423195211230025", "13900000002")


def ring(*numbers: int) -> Keyring:
    """A ring of new keys."""
    return Keyring({number: new_key(number) for number in numbers or (1,)})


async def conversation(database: Database) -> str:
    """A new conversation's id."""
    return (await Conversations(database).open("web", None, False, AT))[0]
