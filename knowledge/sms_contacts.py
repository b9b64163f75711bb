"""Whom a short message may go to: the conversation's number, what the resident said to it, and 退订.

A number is known from a call-back or a form; nothing goes there before the resident has said yes, and nothing any more
to a number from which 退订 came, in whatever conversation it stands. What a resident says to a number holds in all
conversations that are known to be theirs; nobody else's yes counts, for anybody can type a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.residents import Residents
from knowledge.sealing import context
from knowledge.tables.sms import SmsContactRow, SmsOptOutRow

MOBILE = re.compile(r"1[3-9]\d{9}")

How = Literal["chat", "reply"]


@dataclass(frozen=True, slots=True)
class SmsContact:
    """A conversation's number, and what was said to it. Times are aware, in UTC."""

    conversation_id: str
    telephone: str
    asked_at: datetime | None
    allowed_at: datetime | None
    refused_at: datetime | None

    @property
    def allows(self) -> bool:
        """Whether the resident said yes, and not no after it."""
        return self.allowed_at is not None and (self.refused_at is None or self.refused_at < self.allowed_at)

    @property
    def said(self) -> dict[str, datetime | None]:
        """When it was asked and said."""
        return {"asked_at": self.asked_at, "allowed_at": self.allowed_at, "refused_at": self.refused_at}

    @property
    def is_open(self) -> bool:
        """Whether it was neither asked nor said yet."""
        return self.asked_at is None and self.allowed_at is None and self.refused_at is None


class SmsContacts:
    """The numbers in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._residents = Residents(database, keyring)

    async def know(self, conversation: str, telephone: str, at: datetime) -> bool:
        """Keep the conversation's number; what they said to it elsewhere holds here. False: it gets no messages.

        Another number than before has to be allowed anew. Raises DatabaseUnavailable.
        """
        if not MOBILE.fullmatch(telephone):
            return False
        known = await self.of(conversation)
        if known and known.telephone == telephone:
            return True
        new: dict[str, Any] = {
            "telephone": self._keyring.seal(telephone.encode(), context(SmsContactRow.telephone, conversation)),
            "known_at": at,
        } | await self._said_elsewhere(conversation, telephone)
        stored = (
            update(SmsContactRow).where(SmsContactRow.conversation_id == conversation).values(**new)
            if known
            else insert(SmsContactRow).values(conversation_id=conversation, **new)
        )
        async with self._database.transaction() as session:
            await session.execute(stored)
        return True

    async def of(self, conversation: str) -> SmsContact | None:
        """The conversation's number, if one is known. Raises KeyMissing, SealBroken."""
        query: Select[Any] = select(SmsContactRow).where(SmsContactRow.conversation_id == conversation)
        async with self._database.looking() as session:
            row = await session.scalar(query.execution_options(populate_existing=True))
            return self._contact(row) if row else None

    async def asked(self, conversation: str, at: datetime) -> None:
        """The resident was asked: they aren't again."""
        await self._change(conversation, asked_at=at)

    async def allow(self, conversation: str, at: datetime) -> SmsContact | None:
        """The resident says yes; who had said 退订 for this number before takes it back with that. None: no number."""
        await self._change(conversation, allowed_at=at)
        contact = await self.of(conversation)
        if contact:
            async with self._database.transaction() as session:
                row = await session.scalar(self._opted_out(contact.telephone))
                if row:
                    await session.delete(row)
        return contact

    async def refuse(self, conversation: str, at: datetime) -> SmsContact | None:
        """The resident says no, or 退订 in the chat: to this number nothing is sent any more. None: no number."""
        await self._change(conversation, refused_at=at)
        contact = await self.of(conversation)
        if contact and contact.allowed_at:
            await self.opt_out(contact.telephone, "chat", at)
        return contact

    async def stop(self, conversation: str, at: datetime) -> SmsContact | None:
        """退订 in the chat: nothing to this number any more, whoever allowed it. None: no number."""
        contact = await self.refuse(conversation, at)
        if contact:
            await self.opt_out(contact.telephone, "chat", at)
        return contact

    async def opt_out(self, telephone: str, how: How, at: datetime) -> bool:
        """Nothing to this number any more; False: it was so already."""
        row = self._opt_out_row(telephone, how, at)
        async with self._database.transaction() as session:
            if await session.scalar(self._opted_out(telephone)):
                return False
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # the other of two that came at once
                return False
        return True

    async def has_opted_out(self, telephone: str) -> bool:
        """Whether 退订 was said for this number."""
        async with self._database.looking() as session:
            return await session.scalar(self._opted_out(telephone)) is not None

    async def _change(self, conversation: str, **values: datetime) -> None:
        """In all conversations of theirs where that number stands."""
        contact = await self.of(conversation)
        if contact is None:
            return
        same = [each.conversation_id for each in await self._of_theirs(conversation, contact.telephone)]
        changed = update(SmsContactRow).where(SmsContactRow.conversation_id.in_(same)).values(**values)
        async with self._database.transaction() as session:
            await session.execute(changed)

    async def _said_elsewhere(self, conversation: str, telephone: str) -> dict[str, datetime | None]:
        theirs = await self._of_theirs(conversation, telephone)
        said = [each.said for each in theirs if each.conversation_id != conversation and not each.is_open]
        return said[0] if said else dict.fromkeys(("asked_at", "allowed_at", "refused_at"))

    async def _of_theirs(self, conversation: str, telephone: str) -> list[SmsContact]:
        """Where that number stands among the conversations of whoever talks in that one; the newest first."""
        ids = await self._residents.theirs(conversation)
        query = select(SmsContactRow).where(SmsContactRow.conversation_id.in_(ids))
        async with self._database.looking() as session:
            rows = await session.scalars(query.order_by(SmsContactRow.known_at.desc()))
            contacts = [self._contact(row) for row in rows.all()]
        return [each for each in contacts if each.telephone == telephone]

    def _opted_out(self, telephone: str) -> Select[SmsOptOutRow]:
        fingerprint = self._keyring.fingerprint(telephone)
        return select(SmsOptOutRow).where(SmsOptOutRow.telephone_fingerprint == fingerprint)

    def _opt_out_row(self, telephone: str, how: How, at: datetime) -> SmsOptOutRow:
        id = str(ULID())
        sealed = self._keyring.seal(telephone.encode(), context(SmsOptOutRow.telephone, id))
        fingerprint = self._keyring.fingerprint(telephone)
        return SmsOptOutRow(id=id, telephone=sealed, telephone_fingerprint=fingerprint, how=how, at=at)

    def _contact(self, row: SmsContactRow) -> SmsContact:
        where = context(SmsContactRow.telephone, row.conversation_id)
        telephone = self._keyring.unseal(row.telephone, where).decode()
        return SmsContact(row.conversation_id, telephone, row.asked_at, row.allowed_at, row.refused_at)
