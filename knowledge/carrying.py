"""A conversation goes on elsewhere: by a link that opens the page, or a code that is said on another channel.

Of both only a hash is kept. A code of eight digits is good for ten minutes and once; whoever used it may use it again
(channels redeliver). A link is good for three days, and once.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, update

from knowledge.database import Database
from knowledge.tables.channel import CarryRow

CODE, LINK = "code", "link"
GOOD_FOR = {CODE: timedelta(minutes=10), LINK: timedelta(days=3)}
CODE_DIGITS = 8
PAGE = "page"
SAID = re.compile(r"^\s*接着聊[\s:：,，]*((?:\d[\s-]?){8})\s*[。.!！]?\s*$")


class CarryRefused(Exception):
    """There is no such code or link, not any more, or somebody else has used it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What carries a conversation on: `secret` is the code or the link's last part."""

    kind: str
    secret: str
    expires_at: datetime


def code_said(text: str) -> str | None:
    """The code in 接着聊 1234 5678; None: the text is something else."""
    found = SAID.match(text)
    return re.sub(r"\D", "", found[1]) if found else None


def said_as(code: str) -> str:
    """How a code is said on the other channel."""
    return f"接着聊 {code[:4]} {code[4:]}"


def page_address(public_url: str, secret: str) -> str:
    """The address that opens the conversation on a page."""
    return f"{public_url.rstrip('/')}/?carry={secret}"


class Carrying:
    """The codes and links in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def offer(self, conversation: str, kind: str, at: datetime) -> Carried:
        """A new code or link, stored in the running transaction. Raises DatabaseUnavailable."""
        digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        secret = digits if kind == CODE else secrets.token_urlsafe(24)
        expires_at = at + GOOD_FOR[kind]
        row = {"hash": _hash(secret), "conversation_id": conversation, "kind": kind, "expires_at": expires_at}
        async with self._database.transaction() as session:
            await session.execute(delete(CarryRow).where(or_(CarryRow.expires_at < at, CarryRow.hash == row["hash"])))
            await session.execute(insert(CarryRow).values(**row))
        return Carried(kind, secret, expires_at)

    async def take(self, secret: str, by: str, at: datetime) -> str:
        """Use a code, or on a page a link: the conversation that goes on. `by`: the channel user's id, or PAGE.

        Eight digits can be guessed by who may try for ever, so a page takes none: whoever says one is known, and has
        five tries. Raises CarryRefused, DatabaseUnavailable.
        """
        kind = LINK if by == PAGE else CODE
        good = (CarryRow.hash == _hash(secret), CarryRow.kind == kind, CarryRow.expires_at > at)
        unused = CarryRow.used_by.is_(None)
        mine = unused if by == PAGE else or_(unused, CarryRow.used_by == by)  # one page can't be told from another
        async with self._database.transaction() as session:
            used = update(CarryRow).where(*good, mine).values(used_by=by).returning(CarryRow.conversation_id)
            conversation = await session.scalar(used)
        if conversation is None:
            raise CarryRefused
        return conversation


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
