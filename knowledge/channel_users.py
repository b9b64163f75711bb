"""Who writes from a channel, and in which conversation: found by a fingerprint, the id itself is sealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from ulid import ULID

from knowledge import allowance
from knowledge.allowance import Grant
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.channel import ChannelUserRow, DeliveryRow

LEASE = timedelta(seconds=60)
"""How long a worker has somebody for itself: longer than its calls to the platform may take."""


SAME_MOMENT = timedelta(seconds=20)
"""What comes so soon after the last, and allows nothing new, is that again."""


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody on a channel: `channel` (`wechat`), our `account` there, and the id it knows them by (openid)."""

    channel: str
    account: str
    external: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChannelUser:
    """Somebody on a channel, and where they talk. `lease_until` names the claim of a worker."""

    id: str
    address: Address
    conversation: str
    reachable: bool
    heard_at: datetime
    nudged_at: datetime | None
    grants: tuple[Grant, ...] = ()
    lease_until: datetime | None = None
    nudge_id: str | None = None


class ChannelUsers:
    """The people of all channels in a database. What a running transaction has stored is seen."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def find(self, address: Address) -> ChannelUser | None:
        """Whoever that is, if they have been here. Raises DatabaseUnavailable."""
        values = {
            "fingerprint": self._keyring.fingerprint(address.external),
            "channel": address.channel,
            "account": address.account,
        }
        async with self._database.reading_connection() as connection:
            row = (await connection.execute(FIND, values)).one_or_none()
        return self._read(row) if row is not None else None

    async def get(self, id: str) -> ChannelUser | None:
        """By our own id; None: they were forgotten. Raises DatabaseUnavailable."""
        return await self._one(_columns().where(ChannelUserRow.id == id))

    async def of_conversation(self, conversation: str) -> list[ChannelUser]:
        """Everybody who talks in it, whoever was heard last first. Raises DatabaseUnavailable."""
        query = _columns().where(ChannelUserRow.conversation_id == conversation)
        async with self._database.looking() as session:
            rows = await session.execute(query.order_by(ChannelUserRow.heard_at.desc()))
            return [self._read(row) for row in rows]

    async def add(self, address: Address, conversation: str, at: datetime) -> ChannelUser | None:
        """Store somebody new in the running transaction; None: another process was first."""
        id = str(ULID())
        row = ChannelUserRow(
            id=id,
            channel=address.channel,
            account=address.account,
            external=self._keyring.seal(address.external.encode(), context(ChannelUserRow.external, id)),
            external_fingerprint=self._keyring.fingerprint(address.external),
            conversation_id=conversation,
            heard_at=at,
            grants=[],
            created_at=at,
        )
        async with self._database.transaction() as session:
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:
                return None
        return ChannelUser(id, address, conversation, True, at, None)

    async def spoke(self, user: ChannelUser, at: datetime, grant: Grant | None = None) -> None:
        """The same as `heard`, for somebody who was just found: one statement, unless something changed meanwhile."""
        before = list(user.grants)
        after = allowance.with_grant(before, grant) if grant else before
        if after == before and user.reachable and at - user.heard_at < SAME_MOMENT:
            return  # the same message again
        values = {"user": user.id, "at": at, "before": allowance.written(before), "after": allowance.written(after)}
        async with self._database.transaction() as session:
            connection = await session.connection()
            changed = (await connection.execute(SPOKE, values)).rowcount
        if not changed:
            await self.heard(user.id, at, grant)

    async def heard(self, id: str, at: datetime, grant: Grant | None = None) -> None:
        """They did something here now, which lets us say so much. Raises DatabaseUnavailable."""

        def changed(row: ChannelUserRow) -> None:
            row.reachable, row.heard_at = True, max(row.heard_at, at)
            if grant is not None:
                row.grants = allowance.written(allowance.with_grant(allowance.read(row.grants), grant))

        await self._change(id, changed)

    async def may_be_told(self, id: str, at: datetime) -> bool:
        """Whether one more message may be sent. Raises DatabaseUnavailable."""
        user = await self.get(id)
        return user is not None and allowance.left(user.grants, at) > 0

    async def spend(self, id: str, at: datetime) -> bool:
        """Use one message of their allowance up; False: nothing may be sent now. Raises DatabaseUnavailable."""
        allowed = False

        def changed(row: ChannelUserRow) -> None:
            nonlocal allowed
            grants = allowance.spent(allowance.read(row.grants), at)
            allowed = grants is not None
            if grants is not None:
                row.grants = allowance.written(grants)

        await self._change(id, changed)
        return allowed

    async def exhausted(self, id: str) -> None:
        """The platform says that nothing more may be sent, whatever we counted."""

        def changed(row: ChannelUserRow) -> None:
            row.grants = allowance.written(allowance.used_up(allowance.read(row.grants)))

        await self._change(id, changed)

    async def unreachable(self, id: str) -> None:
        """They no longer follow, or want nothing. What they write next makes them reachable again."""
        await self._set(id, reachable=False)

    async def nudged(self, id: str, at: datetime, nudge: str | None = None) -> None:
        """They were told outside the allowance that something waits; `nudge`: by which message of the platform's."""
        await self._set(id, nudged_at=at, nudge_id=nudge)

    async def move(self, id: str, conversation: str) -> None:
        """They go on in another conversation."""
        await self._set(id, conversation_id=conversation)

    async def forget(self, id: str) -> None:
        """They are gone (unsubscribed): the platform wants nothing of them kept here."""
        async with self._database.transaction() as session:
            await session.execute(delete(ChannelUserRow).where(ChannelUserRow.id == id))

    async def claim(self, worker: str, at: datetime, limit: int) -> list[ChannelUser]:
        """People to whom something is to go now, for this worker alone until the lease ends.

        PostgreSQL's workers pass over whom another is just claiming; SQLite has one writer at a time.
        """
        async with self._database.transaction() as session:
            chosen = _waiting(at).limit(limit).with_for_update(skip_locked=True)
            ids = (await session.scalars(chosen)).all()
            if not ids:
                return []
            taken = update(ChannelUserRow).where(ChannelUserRow.id.in_(ids))
            await session.execute(taken.values(worker=worker, lease_until=at + LEASE))
            rows = await session.execute(_columns().where(ChannelUserRow.id.in_(ids)))
            return [self._read(row) for row in rows]

    async def anybody(self, at: datetime) -> bool:
        """Whether a claim would find somebody, without a lock. Raises DatabaseUnavailable."""
        async with self._database.reading() as session:
            return await session.scalar(_waiting(at).limit(1)) is not None

    async def let_go(self, id: str, worker: str) -> None:
        """This worker is done with them."""
        mine = update(ChannelUserRow).where(ChannelUserRow.id == id, ChannelUserRow.worker == worker)
        async with self._database.transaction() as session:
            await session.execute(mine.values(worker=None, lease_until=None))

    async def _one(self, query: Select[Any]) -> ChannelUser | None:
        async with self._database.looking() as session:
            row = (await session.execute(query)).one_or_none()
        return self._read(row) if row is not None else None

    def _read(self, row: Any) -> ChannelUser:
        id, channel, account, sealed, conversation, reachable, heard_at, nudged_at, grants, lease, nudge = row
        external = self._keyring.unseal(sealed, context(ChannelUserRow.external, id)).decode()
        address = Address(channel, account, external)
        read = tuple(allowance.read(grants))
        return ChannelUser(id, address, conversation, reachable, heard_at, nudged_at, read, lease, nudge)

    async def _set(self, id: str, **values: Any) -> None:
        async with self._database.transaction() as session:
            await session.execute(update(ChannelUserRow).where(ChannelUserRow.id == id).values(**values))

    async def _change(self, id: str, change: Callable[[ChannelUserRow], None]) -> None:
        locked = select(ChannelUserRow).where(ChannelUserRow.id == id).with_for_update()
        async with self._database.transaction() as session:
            row = await session.scalar(locked.execution_options(populate_existing=True))
            if row is not None:
                change(row)
                await session.flush()


def _columns() -> Select[Any]:
    row = ChannelUserRow
    return select(
        *(row.id, row.channel, row.account, row.external, row.conversation_id, row.reachable, row.heard_at),
        *(row.nudged_at, row.grants, row.lease_until, row.nudge_id),
    )


FIND = _columns().where(
    ChannelUserRow.external_fingerprint == bindparam("fingerprint"),
    ChannelUserRow.channel == bindparam("channel"),
    ChannelUserRow.account == bindparam("account"),
)
SPOKE = (
    update(ChannelUserRow.__table__)  # type: ignore[arg-type]
    .where(ChannelUserRow.id == bindparam("user"), ChannelUserRow.grants == bindparam("before"))
    .values(reachable=True, heard_at=bindparam("at"), grants=bindparam("after"))
)
"""Built once: every message runs these two."""


def _waiting(at: datetime) -> Select[Any]:
    before = aliased(DeliveryRow)
    waits_longer = and_(
        *(before.channel_user_id == ChannelUserRow.id, before.state == "waiting"),
        *(before.due_at > at, before.created_at < DeliveryRow.created_at),
    )
    due = and_(
        *(DeliveryRow.channel_user_id == ChannelUserRow.id, DeliveryRow.state == "waiting", DeliveryRow.due_at <= at),
        ~exists().where(waits_longer),
    )
    free = or_(ChannelUserRow.lease_until.is_(None), ChannelUserRow.lease_until <= at)
    return select(ChannelUserRow.id).where(free, exists().where(due)).order_by(ChannelUserRow.id)
