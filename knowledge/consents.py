"""Consents (授权): what a resident was asked to allow, for what and until when, and what became of it.

个人信息保护法 第十四、十五、十七条: asked in plain words, with purpose, kind and time; taken back as easily as given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, insert, select, update
from ulid import ULID

from knowledge.database import Database
from knowledge.tables.resident import ConsentRow

Scope = Literal["proof", "identity", "household", "licences"]
ConsentState = Literal["asked", "granted", "refused", "expired", "revoked"]


class ConsentNotFound(LookupError):
    """There is no such consent."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent. `authorisation`: the platform's id of it; `purpose`: in words that were shown. Times in UTC."""

    id: str
    conversation_id: str
    resident_id: str | None
    authorisation: str
    scope: tuple[Scope, ...]
    purpose: str
    matter_code: str
    asked_at: datetime
    granted_at: datetime | None
    refused_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, at: datetime) -> ConsentState:
        """What holds at that time."""
        if self.revoked_at:
            return "revoked"
        if self.refused_at:
            return "refused"
        if at >= self.expires_at:
            return "expired"
        return "granted" if self.granted_at else "asked"

    def covers(self, scope: Sequence[Scope], at: datetime) -> bool:
        """Whether it allows all of that at that time."""
        return self.state(at) == "granted" and set(scope) <= set(self.scope)


COLUMNS = [getattr(ConsentRow, name) for name in Consent.__dataclass_fields__]


class Consents:
    """The consents in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(
        self,
        conversation_id: str,
        authorisation: str,
        scope: Sequence[Scope],
        purpose: str,
        at: datetime,
        expires_at: datetime,
        *,
        matter_code: str = "",
        resident_id: str | None = None,
    ) -> Consent:
        """Remember what was asked for and shown. `expires_at`: when the question ends, or what it allows."""
        consent = Consent(
            str(ULID()),
            conversation_id,
            resident_id,
            authorisation,
            tuple(scope),
            purpose,
            matter_code,
            at,
            None,
            None,
            expires_at,
            None,
        )
        row = {name: getattr(consent, name) for name in Consent.__dataclass_fields__} | {"scope": list(scope)}
        async with self._database.transaction() as session:
            await session.execute(insert(ConsentRow).values(row))
        return consent

    async def grant(
        self, consent_id: str, at: datetime, *, resident_id: str | None = None, expires_at: datetime | None = None
    ) -> Consent:
        """The resident agreed. Once: what was refused or taken back stays so. Raises ConsentNotFound."""
        more = {"resident_id": resident_id, "expires_at": expires_at}
        given = {name: value for name, value in more.items() if value is not None}
        return await self._change(consent_id, ("granted_at", "refused_at", "revoked_at"), granted_at=at, **given)

    async def refuse(self, consent_id: str, at: datetime) -> Consent:
        """The resident said no. Raises ConsentNotFound."""
        return await self._change(consent_id, ("granted_at", "refused_at", "revoked_at"), refused_at=at)

    async def revoke(self, consent_id: str, at: datetime) -> Consent:
        """The resident takes it back (撤回授权); the first time counts. Raises ConsentNotFound."""
        return await self._change(consent_id, ("revoked_at",), revoked_at=at)

    async def find(self, consent_id: str) -> Consent:
        """Raises ConsentNotFound."""
        found = await self._listed(select(*COLUMNS).where(ConsentRow.id == consent_id))
        if not found:
            raise ConsentNotFound(consent_id)
        return found[0]

    async def with_authorisation(self, authorisation: str) -> Consent:
        """The consent of that authorisation of the platform's. Raises ConsentNotFound."""
        found = await self._listed(select(*COLUMNS).where(ConsentRow.authorisation == authorisation))
        if not found:
            raise ConsentNotFound(authorisation)
        return found[0]

    async def active(self, conversation_id: str, at: datetime, scope: Sequence[Scope] = ()) -> Consent | None:
        """The newest consent of the conversation that allows all of `scope` at that time."""
        consents = await self.of_conversation(conversation_id)
        return next((each for each in consents if each.covers(scope, at)), None)

    async def asked(self, conversation_id: str, at: datetime) -> Consent | None:
        """The newest question of the conversation that has no answer yet and has not ended."""
        consents = await self.of_conversation(conversation_id)
        return next((each for each in consents if each.state(at) == "asked"), None)

    async def of_conversation(self, conversation_id: str) -> list[Consent]:
        """All of a conversation, the newest first."""
        return await self._listed(_newest_first().where(ConsentRow.conversation_id == conversation_id))

    async def of_resident(self, resident_id: str) -> list[Consent]:
        """All of a resident, from any conversation, the newest first."""
        return await self._listed(_newest_first().where(ConsentRow.resident_id == resident_id))

    async def _change(self, consent_id: str, still_empty: Sequence[str], **values: Any) -> Consent:
        unchanged = [getattr(ConsentRow, name).is_(None) for name in still_empty]
        changed = update(ConsentRow).where(ConsentRow.id == consent_id, *unchanged).values(**values)
        async with self._database.transaction() as session:
            await session.execute(changed)
            return await self.find(consent_id)

    async def _listed(self, query: Select[Any]) -> list[Consent]:
        async with self._database.looking() as session:
            return [_consent(row) for row in (await session.execute(query)).mappings()]


def _newest_first() -> Select[Any]:
    return select(*COLUMNS).order_by(ConsentRow.asked_at.desc(), ConsentRow.id.desc())


def _consent(row: Any) -> Consent:
    return Consent(**{**row, "scope": tuple(row["scope"])})
