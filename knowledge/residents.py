"""Residents: who they are is sealed, and found again by a fingerprint of the ID number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import orjson
from sqlalchemy import Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from ulid import ULID

from knowledge import id_number as id_numbers
from knowledge.database import Database
from knowledge.forgetting import Forgotten, forget
from knowledge.household import Identity
from knowledge.id_number import IdNumberInvalid
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.conversation import ConversationRow
from knowledge.tables.resident import ConversationResidentRow, ResidentRow


class ResidentNotFound(LookupError):
    """There is no such resident, or not any more."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident. The ID number is masked; `Residents.identity` has the whole one. Times are aware, in UTC."""

    id: str
    name: str = field(repr=False)
    id_masked: str = field(repr=False)
    birth: date = field(repr=False)
    gender: str = field(repr=False)
    telephone: str = field(repr=False)
    created_at: datetime
    updated_at: datetime


COLUMNS = (
    ResidentRow.id,
    ResidentRow.id_number,
    ResidentRow.person,
    ResidentRow.created_at,
    ResidentRow.updated_at,
)


class Residents:
    """The residents in a database. What a running transaction has stored is seen. Reading them raises, besides what
    is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def find_or_add(self, identity: Identity, at: datetime) -> Resident:
        """The resident of that ID number, name and telephone brought up to date. Raises IdNumberInvalid."""
        number = id_numbers.standard(identity.id_number)
        if reason := id_numbers.problem(number, at.date()):
            raise IdNumberInvalid(reason)
        identity = Identity(identity.name, number, identity.telephone)
        async with self._database.transaction():
            known = await self.with_id_number(number) or await self._add(identity, at)
            if known is None:  # another process added the same resident at the same moment
                known = await self.with_id_number(number)
            assert known is not None
            return await self._brought_up_to_date(known, identity, at)

    async def find(self, resident_id: str) -> Resident:
        """Raises ResidentNotFound."""
        found = await self._one(select(*COLUMNS).where(ResidentRow.id == resident_id))
        if found is None:
            raise ResidentNotFound(resident_id)
        return found

    async def with_id_number(self, number: str) -> Resident | None:
        """The resident of that ID number."""
        fingerprint = self._keyring.fingerprint(id_numbers.standard(number))
        return await self._one(select(*COLUMNS).where(ResidentRow.id_fingerprint == fingerprint))

    async def identity(self, resident_id: str) -> Identity:
        """Name, whole ID number, telephone: for a form or the platform, not for a screen. Raises ResidentNotFound."""
        query = select(ResidentRow.id_number, ResidentRow.person).where(ResidentRow.id == resident_id)
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            raise ResidentNotFound(resident_id)
        return self._identity(resident_id, *row)

    async def keep_telephone(self, resident_id: str, telephone: str, at: datetime) -> Resident:
        """Remember the number they are reached at; digits. Raises ResidentNotFound."""
        async with self._database.transaction():
            return await self._keep(await self.find(resident_id), telephone=telephone, at=at)

    async def bind(self, conversation_id: str, resident_id: str, at: datetime) -> None:
        """Say whose conversation it is from now on; before, it may have been somebody else's (the clerk's window)."""
        put = self._database.insert(ConversationResidentRow)
        whose = {"resident_id": resident_id, "since": at}
        bound = put.values(conversation_id=conversation_id, **whose)
        async with self._database.transaction() as session:
            await session.execute(bound.on_conflict_do_update(index_elements=["conversation_id"], set_=whose))

    async def of_conversation(self, conversation_id: str) -> Resident | None:
        """Who said who they are in that conversation."""
        query = select(*COLUMNS).join(ConversationResidentRow, ConversationResidentRow.resident_id == ResidentRow.id)
        return await self._one(query.where(ConversationResidentRow.conversation_id == conversation_id))

    async def conversations_of(self, resident_id: str) -> list[str]:
        """Their conversations' ids, the newest first."""
        row = ConversationResidentRow
        query = select(row.conversation_id).where(row.resident_id == resident_id).order_by(row.since.desc())
        async with self._database.looking() as session:
            return list(await session.scalars(query))

    async def theirs(self, conversation_id: str) -> list[str]:
        """All conversations of whoever talks in that one, where it is known who they are; that one first."""
        known = await self.of_conversation(conversation_id)
        others = await self.conversations_of(known.id) if known else []
        return list(dict.fromkeys([conversation_id, *others]))

    async def chose_elder(self, resident_id: str, besides: str) -> bool:
        """Whether they have 长辈版 in the conversation where they were last, but for that one."""
        bound, row = ConversationResidentRow, ConversationRow
        theirs = select(row.elder).join(bound, bound.conversation_id == row.id).where(bound.resident_id == resident_id)
        async with self._database.looking() as session:
            last = theirs.where(row.id != besides).order_by(row.updated_at.desc(), row.id.desc()).limit(1)
            return bool(await session.scalar(last))

    async def delete(self, resident_id: str) -> Forgotten:
        """Forget them (删掉我的资料): knowledge/forgetting.py says what goes and what stays.

        The platform is not told: revoke their consents there first. Raises ResidentNotFound.
        """
        async with self._database.transaction() as session:
            if await session.scalar(select(ResidentRow.id).where(ResidentRow.id == resident_id)) is None:
                raise ResidentNotFound(resident_id)
            conversations = await self.conversations_of(resident_id)
            return await forget(self._database, conversations, resident_id)

    async def forget_conversation(self, conversation_id: str) -> Forgotten:
        """The same for somebody who never said who they are: what that conversation holds."""
        return await forget(self._database, [conversation_id])

    async def _add(self, identity: Identity, at: datetime) -> Resident | None:
        resident_id = str(ULID())
        row = {
            "id": resident_id,
            "id_number": self._keyring.seal(identity.id_number.encode(), context(ResidentRow.id_number, resident_id)),
            "id_fingerprint": self._keyring.fingerprint(identity.id_number),
            "person": self._person(resident_id, identity.name, identity.telephone),
            "created_at": at,
            "updated_at": at,
        }
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    await session.execute(insert(ResidentRow).values(row))
            except IntegrityError:
                return None
        return await self.find(resident_id)

    async def _brought_up_to_date(self, known: Resident, identity: Identity, at: datetime) -> Resident:
        telephone = identity.telephone or known.telephone
        if (identity.name, telephone) == (known.name, known.telephone):
            return known
        return await self._keep(known, identity.name, telephone, at=at)

    async def _keep(self, known: Resident, name: str | None = None, telephone: str = "", *, at: datetime) -> Resident:
        person = self._person(known.id, name or known.name, telephone)
        changed = update(ResidentRow).where(ResidentRow.id == known.id).values(person=person, updated_at=at)
        async with self._database.transaction() as session:
            await session.execute(changed)
        return await self.find(known.id)

    def _person(self, resident_id: str, name: str, telephone: str) -> bytes:
        plain = orjson.dumps({"name": name, "telephone": telephone})
        return self._keyring.seal(plain, context(ResidentRow.person, resident_id))

    async def _one(self, query: Select[str, bytes, bytes, datetime, datetime]) -> Resident | None:
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        return self._resident(*row) if row else None

    def _resident(self, id: str, number: bytes, person: bytes, created_at: datetime, updated_at: datetime) -> Resident:
        who = self._identity(id, number, person)
        return Resident(
            id,
            who.name,
            id_numbers.masked(who.id_number),
            id_numbers.birth(who.id_number),
            id_numbers.gender(who.id_number),
            who.telephone,
            created_at,
            updated_at,
        )

    def _identity(self, id: str, number: bytes, person: bytes) -> Identity:
        plain = self._keyring.unseal(number, context(ResidentRow.id_number, id)).decode()
        known = orjson.loads(self._keyring.unseal(person, context(ResidentRow.person, id)))
        return Identity(known["name"], plain, known["telephone"])
