"""Short messages that are to go out: stored with what wants them told, sent later and once, never in the night.

A message is claimed for a time and stands as `sending` before the provider is asked. Who dies meanwhile leaves a lease;
whoever takes it up then does not know whether it went (`Claimed.unsure`) and asks the provider before sending again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.conversations import DELIVERED
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.quiet import awake, midnight
from knowledge.sealing import context
from knowledge.sms_contacts import SmsContacts
from knowledge.tables.conversation import MessageRow
from knowledge.tables.sms import SmsRow

WAITING, SENDING, SENT, DROPPED, DEAD = "waiting", "sending", "sent", "dropped", "dead"

LEASE = timedelta(minutes=5)
"""How long a message is left to who sends it. The provider's own list of what it sent lags by a minute or two."""

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class ClaimedSms:
    """A message that `worker` has in hand. `unsure`: it may have gone out already, on the day of `tried_at`."""

    id: str
    worker: str
    conversation_id: str | None
    telephone: str
    key: str
    values: dict[str, str]
    attempts: int
    created_at: datetime
    not_after: datetime | None
    unless_seen: int | None
    unsure: bool
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class SentSms:
    """What became of a message, without its words and its number. Times are aware, in UTC."""

    id: str
    conversation_id: str | None
    text_key: str
    state: str
    reason: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    reached_at: datetime | None


COLUMNS = [getattr(SmsRow, name) for name in SentSms.__dataclass_fields__]


class Sms:
    """The messages in a database. `tell_on_queue`: what is awaited after a commit that queued one."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        self._on_queue: Callable[[], Awaitable[None]] | None = None
        self.contacts = SmsContacts(database, keyring)

    def tell_on_queue(self, on_queue: Callable[[], Awaitable[None]]) -> None:
        """Whom to tell after a commit that there is something to send."""
        self._on_queue = on_queue

    async def queue(
        self,
        conversation: str,
        key: str,
        values: Mapping[str, str],
        at: datetime,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        unless_seen: int | None = None,
        once: str | None = None,
    ) -> str | None:
        """Let a message go out, stored in the running transaction; its id. None: nobody may be written to, or it was.

        `key` and `values`: a text of connectors/sms/texts.yml. `not_after`: what can't go before then, by day, isn't
        stored. `unless_seen`: the number of the line that says the same in the conversation. `once`: under a key that
        is there already nothing is stored. Raises DatabaseUnavailable.
        """
        due_at = awake(max(at, not_before or at))
        if not_after is not None and due_at >= not_after:
            return None
        contact = await self.contacts.of(conversation)
        if contact is None or not contact.allows or await self.contacts.has_opted_out(contact.telephone):
            return None
        row = self._row(conversation, contact.telephone, key, values)
        row.once, row.unless_seen, row.created_at = once, unless_seen, at
        row.due_at, row.not_after = due_at, not_after
        id = row.id
        async with self._database.transaction() as session:
            if once and await session.scalar(select(SmsRow.id).where(SmsRow.once == once)):
                return None
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # the other of two that came at once
                return None
            if self._on_queue is not None:
                self._database.after_commit(self._on_queue)
        return id

    async def withdraw(self, about: str, at: datetime, but: str = "") -> None:
        """What waits about that thing (under `about:…`) is old news: it doesn't go, but for the one under `but`."""
        async with self._database.transaction() as session:
            await withdraw(session, about, at, but)

    async def hurry(self, lines: Collection[int], at: datetime) -> bool:
        """What waits in the place of these lines goes now, by day: they can't be seen. Whether something waits."""
        soon = awake(at)
        waiting = update(SmsRow).where(SmsRow.state == WAITING, SmsRow.unless_seen.in_(lines))
        earlier = waiting.values(due_at=case((SmsRow.due_at > soon, soon), else_=SmsRow.due_at)).returning(SmsRow.id)
        async with self._database.transaction() as session:
            found = (await session.scalars(earlier.execution_options(synchronize_session=False))).first() is not None
            if found and self._on_queue is not None:
                self._database.after_commit(self._on_queue)
        return found

    async def claim(self, worker: str, at: datetime, limit: int) -> list[ClaimedSms]:
        """Messages for this worker alone until the lease ends. Raises DatabaseUnavailable, KeyMissing, SealBroken."""
        async with self._database.looking() as session:
            if await session.scalar(select(SmsRow.id).where(_claimable(at)).limit(1)) is None:
                return []
        chosen = select(SmsRow.id, SmsRow.state).where(_claimable(at)).order_by(SmsRow.due_at, SmsRow.id).limit(limit)
        async with self._database.transaction() as session:
            found = (await session.execute(chosen.with_for_update(skip_locked=True))).all()
            states = {row.id: row.state for row in found}
            taken = (
                update(SmsRow)
                .where(SmsRow.id.in_(states))
                .values(state=SENDING, worker=worker, lease_until=at + LEASE, attempts=SmsRow.attempts + 1)
                .returning(SmsRow)
                .execution_options(synchronize_session=False, populate_existing=True)
            )
            rows = (await session.scalars(taken)).all() if states else []
            claimed = [
                self._claimed(row, states[row.id] == SENDING, at) for row in sorted(rows, key=lambda row: row.id)
            ]
            for row in rows:
                row.tried_at = row.tried_at or at
        return claimed

    async def not_wanted(self, sms: ClaimedSms) -> str:
        """Why it needn't go any more: opted_out, refused, seen, gone (the conversation); "" when it is wanted."""
        if await self.contacts.has_opted_out(sms.telephone):
            return "opted_out"
        contact = await self.contacts.of(sms.conversation_id) if sms.conversation_id else None
        if contact is None or contact.telephone != sms.telephone:
            return "gone"
        if not contact.allows:
            return "refused"
        return "seen" if await self._was_seen(sms) else ""

    async def sent_today(self, telephone: str, at: datetime) -> int:
        """How many went to this number since midnight in China."""
        theirs = SmsRow.telephone_fingerprint == self._keyring.fingerprint(telephone)
        query = select(func.count()).where(theirs, SmsRow.sent_at >= midnight(at), SmsRow.sent_at <= at)
        async with self._database.looking() as session:
            return int(await session.scalar(query) or 0)

    async def sent(self, sms: ClaimedSms, provider_id: str, at: datetime) -> bool:
        """The provider has it; False: another worker was first, and has said so."""
        return await self._end(sms, state=SENT, sent_at=at, provider_id=provider_id, ended_at=at, text_values=None)

    async def drop(self, sms: ClaimedSms, reason: str, at: datetime) -> bool:
        """It is not wanted any more."""
        return await self._end(sms, state=DROPPED, reason=reason, ended_at=at, text_values=None)

    async def bury(self, sms: ClaimedSms, reason: str, at: datetime) -> bool:
        """It can't be sent."""
        return await self._end(sms, state=DEAD, reason=reason[:LONGEST_REASON], ended_at=at, text_values=None)

    async def postpone(self, sms: ClaimedSms, reason: str, until: datetime) -> bool:
        """It did not go out: again then, but not in the night."""
        later = {"state": WAITING, "due_at": awake(until), "tried_at": None}
        return await self._end(sms, reason=reason[:LONGEST_REASON], **later)

    async def reached(self, id: str, at: datetime, failure: str = "") -> bool:
        """The provider's own news of a message: it is on the telephone, or why it isn't. False: it is unknown."""
        known = update(SmsRow).where(SmsRow.id == id, SmsRow.state.in_((SENT, SENDING)))
        told = {"state": DEAD, "reason": failure[:LONGEST_REASON]} if failure else {"state": SENT, "reached_at": at}
        ended = {"ended_at": at, "worker": None, "lease_until": None, "text_values": None}
        values = told | ended | {"sent_at": func.coalesce(SmsRow.sent_at, at)}
        async with self._database.transaction() as session:
            done = await session.execute(known.values(**values))
        return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    async def find(self, id: str) -> SentSms | None:
        """What became of one."""
        async with self._database.looking() as session:
            row = (await session.execute(select(*COLUMNS).where(SmsRow.id == id))).one_or_none()
        return SentSms(*row) if row else None

    async def of_conversation(self, conversation: str) -> list[SentSms]:
        """All of a conversation's, the oldest first."""
        query = select(*COLUMNS).where(SmsRow.conversation_id == conversation).order_by(SmsRow.id)
        async with self._database.looking() as session:
            return [SentSms(*row) for row in await session.execute(query)]

    async def _was_seen(self, sms: ClaimedSms) -> bool:
        """The line came to the page, or the resident has spoken since."""
        if sms.unless_seen is None:
            return False
        came = and_(MessageRow.number == sms.unless_seen, MessageRow.delivery == DELIVERED)
        spoke = and_(MessageRow.number > sms.unless_seen, MessageRow.sender == "resident")
        theirs = select(MessageRow.number).where(MessageRow.conversation_id == sms.conversation_id, or_(came, spoke))
        async with self._database.looking() as session:
            return await session.scalar(theirs.limit(1)) is not None

    async def _end(self, sms: ClaimedSms, **values: Any) -> bool:
        mine = update(SmsRow).where(SmsRow.id == sms.id, SmsRow.state == SENDING, SmsRow.worker == sms.worker)
        async with self._database.transaction() as session:
            done = await session.execute(mine.values(worker=None, lease_until=None, **values))
        return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    def _row(self, conversation: str, telephone: str, key: str, values: Mapping[str, str]) -> SmsRow:
        id = str(ULID())
        return SmsRow(
            id=id,
            conversation_id=conversation,
            telephone=self._keyring.seal(telephone.encode(), context(SmsRow.telephone, id)),
            telephone_fingerprint=self._keyring.fingerprint(telephone),
            text_key=key,
            text_values=self._keyring.seal(orjson.dumps(dict(values)), context(SmsRow.text_values, id)),
        )

    def _claimed(self, row: SmsRow, unsure: bool, at: datetime) -> ClaimedSms:
        telephone = self._keyring.unseal(row.telephone, context(SmsRow.telephone, row.id)).decode()
        values = orjson.loads(self._keyring.unseal(row.text_values or b"", context(SmsRow.text_values, row.id)))
        return ClaimedSms(
            *(row.id, row.worker or "", row.conversation_id, telephone, row.text_key, values, row.attempts),
            *(row.created_at, row.not_after, row.unless_seen, unsure, row.tried_at or at),
        )


async def withdraw(session: AsyncSession, about: str, at: datetime, but: str = "") -> None:
    """What waits under `about:…` (`once`) is not true any more: it doesn't go, in the running transaction."""
    theirs = SmsRow.once.startswith(f"{about}:", autoescape=True)
    waits = update(SmsRow).where(theirs, SmsRow.once != but, SmsRow.state == WAITING)
    await session.execute(waits.values(state=DROPPED, reason="changed", ended_at=at, text_values=None))


def _claimable(at: datetime) -> ColumnElement[bool]:
    due = and_(SmsRow.state == WAITING, SmsRow.due_at <= at)
    left = and_(SmsRow.state == SENDING, SmsRow.lease_until <= at)
    return or_(due, left)
