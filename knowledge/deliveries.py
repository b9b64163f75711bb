"""What is still to reach people through their channels. A row for each pushed line, and for each answer that was late.

The row is stored with the line (`deliver_line`), so nothing is lost with a process or with Redis. Whoever holds a
person (`ChannelUsers.claim`) delivers to them; states end once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import orjson
from sqlalchemy import BindParameter, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.channel import ChannelUserRow, DeliveryRow
from knowledge.tables.conversation import ConversationRow

WAITING, HELD, SENT, DELIVERED, SEEN, FAILED = "waiting", "held", "sent", "delivered", "seen", "failed"
OPEN = (WAITING, HELD)

PAGE_FIRST = timedelta(seconds=60)
"""What is pushed while somebody is on the page goes to their channel only if the page has not said by then that it
has it."""

LATEST_TURN = timedelta(seconds=30)
"""A turn is stored at most so long after its message: a later one was not from this channel."""

LONGEST_ERROR = 200

MESSAGE: BindParameter[str] = bindparam("message")
NEAR = (
    select(DeliveryRow.id)
    .where(
        DeliveryRow.channel_user_id == bindparam("user"),
        or_(DeliveryRow.state.in_(OPEN), DeliveryRow.given_with == MESSAGE, DeliveryRow.message_id == MESSAGE),
    )
    .limit(1)
)
"""Built once: every message runs this one."""

IN_ORDER = (DeliveryRow.created_at, DeliveryRow.line, DeliveryRow.id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that is to reach somebody: the pushed line of that number, or the answer to a message of theirs.

    `tried`: the message with which it may have reached them already, though nobody said so.
    """

    id: str
    user: str
    conversation: str
    line: int | None
    message_id: str | None
    parts_sent: int
    attempts: int
    created_at: datetime
    state: str
    tried: str | None
    payload: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around an immediate answer: what else is to go, and what it brought along when it was given before.

    `owed`: the answer was not ready in time once, so it goes by the worker, wholly.
    """

    waiting: Sequence[Delivery] = ()
    given: Sequence[Delivery] = ()
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of a delivery: which way it went, or why it did not."""

    line: int | None
    message_id: str | None
    state: str
    way: str
    error: str
    ended_at: datetime | None


async def deliver_line(session: AsyncSession, conversation: str, number: int, at: datetime) -> bool:
    """Let a pushed line reach whoever talks in the conversation through a channel, in the running transaction.

    The channel that they wrote from last; if they have been on the page since, the page gets a minute first. False:
    nobody does.
    """
    user = (
        select(ChannelUserRow.id, ChannelUserRow.heard_at, ConversationRow.updated_at)
        .join(ConversationRow, ConversationRow.id == ChannelUserRow.conversation_id)
        .where(ChannelUserRow.conversation_id == conversation, ChannelUserRow.reachable)
        .order_by(ChannelUserRow.heard_at.desc(), ChannelUserRow.id.desc())
        .limit(1)
    )
    found = (await session.execute(user)).one_or_none()
    if found is None:
        return False
    id, heard_at, stored_at = found
    page_first = stored_at > heard_at + LATEST_TURN
    due_at = at + PAGE_FIRST if page_first else at
    about = {"channel_user_id": id, "conversation_id": conversation, "line": number, "page_first": page_first}
    await session.execute(insert(DeliveryRow).values(id=str(ULID()), due_at=due_at, created_at=at, **about))
    return True


async def waits_for_page(session: AsyncSession, conversation: str, number: int) -> bool:
    """Whether a line up to that one goes to a channel unless the page says that it has it."""
    return await session.scalar(select(DeliveryRow.id).where(*_for_page(conversation, number)).limit(1)) is not None


async def seen_on_page(session: AsyncSession, conversation: str, number: int, at: datetime) -> None:
    """The page has all lines up to that one: what was waiting for it to say so needn't go anywhere else."""
    seen = update(DeliveryRow).where(*_for_page(conversation, number))
    await session.execute(seen.values(state=SEEN, way="page", ended_at=at))


def _for_page(conversation: str, number: int) -> tuple[Any, ...]:
    row = DeliveryRow
    return row.conversation_id == conversation, row.line <= number, row.page_first, row.state.in_(OPEN)


class Deliveries:
    """The deliveries in a database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring
        new = database.insert(DeliveryRow.__table__)
        self._owing = new.on_conflict_do_nothing(index_elements=["channel_user_id", "message_id"])

    async def late(
        self, user: str, conversation: str, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> None:
        """The answer to this message was not ready in time: it follows. `payload` must go into JSON.

        The same message again changes nothing. Raises DatabaseUnavailable.
        """
        await self._owe(user, conversation, message_id, payload, at)

    async def rest(self, user: str, conversation: str, message_id: str, sent: int, at: datetime) -> None:
        """The first `sent` parts of the answer were given at once, the rest follows. Raises DatabaseUnavailable."""
        await self._owe(user, conversation, message_id, None, at, parts_sent=sent)

    async def waiting(self, user: str) -> list[Delivery]:
        """What is still to go to somebody, held too, the oldest first. Raises DatabaseUnavailable."""
        query = select(DeliveryRow).where(DeliveryRow.channel_user_id == user, DeliveryRow.state.in_(OPEN))
        async with self._database.looking() as session:
            rows = (await session.scalars(query.order_by(*IN_ORDER))).all()
            return [self._read(row) for row in rows]

    async def due(self, user: str, at: datetime) -> list[Delivery]:
        """What is to go to somebody now, the oldest first, and nothing before what waits longer.

        What was held goes along, in its place: what may be said again must not go before it.
        """
        async with self._database.looking() as session:
            query = select(DeliveryRow).where(DeliveryRow.channel_user_id == user, DeliveryRow.state.in_(OPEN))
            rows = (await session.scalars(query.order_by(*IN_ORDER))).all()
            now = list(takewhile(lambda row: row.state == HELD or row.due_at <= at, rows))
            return [self._read(row) for row in now] if any(row.state == WAITING for row in now) else []

    async def around(self, user: str, message_id: str) -> Around:
        """What an immediate answer to that message has to know. Raises DatabaseUnavailable."""
        row = DeliveryRow
        if not await self._is_near(user, message_id):
            return Around()
        near = or_(row.state.in_(OPEN), row.given_with == message_id, row.message_id == message_id)
        query = select(row).where(row.channel_user_id == user, near).order_by(*IN_ORDER)
        async with self._database.looking() as session:
            rows = (await session.scalars(query)).all()
            return Around(
                [self._read(each) for each in rows if each.state in OPEN and each.message_id != message_id],
                [self._read(each) for each in rows if each.given_with == message_id],
                any(each.was_late and each.message_id == message_id for each in rows),
            )

    async def _is_near(self, user: str, message_id: str) -> bool:
        """Most times there is nothing, which this finds out for less."""
        async with self._database.reading_connection() as connection:
            return await connection.scalar(NEAR, {"user": user, "message": message_id}) is not None

    async def give_with(self, user: str, ids: Collection[str], message_id: str, at: datetime) -> set[str]:
        """The immediate answer to that message brings these along: those of them that were still to go.

        None, while a worker has the person in hand: it is just bringing them.
        """
        lease = select(ChannelUserRow.lease_until).where(ChannelUserRow.id == user).with_for_update()
        mine = update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state.in_(OPEN))
        values = {"state": SENT, "way": "passive", "given_with": message_id, "payload": None, "ended_at": at}
        async with self._database.transaction() as session:
            leased = await session.scalar(lease)
            if leased is not None and leased > at:
                return set()
            done = await session.scalars(mine.values(**values).returning(DeliveryRow.id))
            return set(done.all())

    async def release(self, user: str, at: datetime) -> None:
        """Something may be sent again: what was held is due."""
        held = update(DeliveryRow).where(DeliveryRow.channel_user_id == user, DeliveryRow.state == HELD)
        async with self._database.transaction() as session:
            await session.execute(held.values(state=WAITING, due_at=at))

    async def sent(self, id: str, way: str, at: datetime, sent_id: str | None = None) -> None:
        """The platform has all of it."""
        await self._end(id, state=SENT, way=way, sent_id=sent_id, payload=None, error="", ended_at=at)

    async def sent_parts(self, id: str, parts: int) -> None:
        """The platform has its first parts."""
        await self._end(id, parts_sent=parts)

    async def tried(self, ids: Collection[str], message: str) -> None:
        """The platform may have all of these, as that message."""
        theirs = update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state.in_(OPEN))
        async with self._database.transaction() as session:
            await session.execute(theirs.values(sent_id=message))

    async def hold(self, ids: Collection[str], reason: str) -> None:
        """Nothing more may be sent now: until they write again."""
        waiting = update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state == WAITING)
        async with self._database.transaction() as session:
            await session.execute(waiting.values(state=HELD, error=reason[:LONGEST_ERROR]))

    async def note(self, ids: Collection[str], outcome: str) -> None:
        """What became of the message that told of these, behind why they are held."""
        held = update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state == HELD)
        noted = func.substr(DeliveryRow.error + f" {outcome}", 1, LONGEST_ERROR)
        async with self._database.transaction() as session:
            await session.execute(held.values(error=noted))

    async def again(self, ids: Collection[str], reason: str, due_at: datetime) -> None:
        """It did not work now: again at that time."""
        waiting = update(DeliveryRow).where(DeliveryRow.id.in_(ids), DeliveryRow.state == WAITING)
        values = {"error": reason[:LONGEST_ERROR], "due_at": due_at, "attempts": DeliveryRow.attempts + 1}
        async with self._database.transaction() as session:
            await session.execute(waiting.values(**values))

    async def fail(self, id: str, reason: str, at: datetime) -> None:
        """It can't reach them this way."""
        await self._end(id, state=FAILED, error=reason[:LONGEST_ERROR], payload=None, ended_at=at)

    async def receipt(self, sent_id: str, ok: bool, reason: str, at: datetime) -> Delivery | None:
        """The platform says what became of what it had: the delivery, or None where it is none of ours."""
        theirs = update(DeliveryRow).where(DeliveryRow.sent_id == sent_id, DeliveryRow.state.in_((SENT, DELIVERED)))
        values = {"state": DELIVERED if ok else FAILED, "error": reason[:LONGEST_ERROR], "ended_at": at}
        async with self._database.transaction() as session:
            changed = theirs.values(**values).returning(DeliveryRow)
            row = await session.scalar(changed.execution_options(populate_existing=True))
        return self._read(row) if row is not None else None

    async def of_conversation(self, conversation: str) -> list[Reached]:
        """What reached whom, and which way, oldest first."""
        row = DeliveryRow
        columns = select(row.line, row.message_id, row.state, row.way, row.error, row.ended_at)
        query = columns.where(row.conversation_id == conversation).order_by(*IN_ORDER)
        async with self._database.looking() as session:
            return [Reached(*each) for each in await session.execute(query)]

    async def _owe(
        self,
        user: str,
        conversation: str,
        message_id: str,
        payload: Mapping[str, Any] | None,
        at: datetime,
        parts_sent: int = 0,
    ) -> None:
        id = str(ULID())
        sealed = None
        if payload is not None:
            sealed = self._keyring.seal(orjson.dumps(payload), context(DeliveryRow.payload, id))
        owed = {"id": id, "channel_user_id": user, "conversation_id": conversation, "message_id": message_id}
        about = {"payload": sealed, "was_late": sealed is not None, "parts_sent": parts_sent}
        with suppress(IntegrityError):  # they were forgotten meanwhile
            async with self._database.transaction() as session:
                connection = await session.connection()
                await connection.execute(self._owing, {**owed, **about, "due_at": at, "created_at": at})

    async def _end(self, id: str, **values: Any) -> None:
        mine = update(DeliveryRow).where(DeliveryRow.id == id, DeliveryRow.state.in_(OPEN))
        async with self._database.transaction() as session:
            await session.execute(mine.values(**values))

    def _read(self, row: DeliveryRow) -> Delivery:
        payload = None
        if row.payload is not None:
            payload = orjson.loads(self._keyring.unseal(row.payload, context(DeliveryRow.payload, row.id)))
        return Delivery(
            *(row.id, row.channel_user_id, row.conversation_id, row.line, row.message_id),
            *(row.parts_sent, row.attempts, row.created_at),
            *(row.state, row.sent_id, payload),
        )
