"""How far each account of 微信客服 was pulled, who pulls it, and which sessions a person in WeCom has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.tables.channel import WecomCursorRow, WecomPersonRow

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to be pulled, claimed."""

    account: str
    cursor: str
    token: str
    asked: int


class WecomCursors:
    """The cursors in a database. Everything raises DatabaseUnavailable."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def want(self, account: str, token: str, at: datetime) -> None:
        """A call-back came: pull this account."""
        row = WecomCursorRow
        values = {"account": account, "cursor": "", "token": token, "asked": 1, "wanted_at": at}
        put = self._database.insert(row).values(values)
        again = {"token": token, "wanted_at": at, "asked": row.asked + 1}
        async with self._database.transaction() as session:
            await session.execute(put.on_conflict_do_update(index_elements=["account"], set_=again))

    async def claim(self, now: datetime) -> Wanted | None:
        """An account that is to be pulled, for this caller alone until the lease ends."""
        row = WecomCursorRow
        free = or_(row.lease_until.is_(None), row.lease_until <= now)
        due = select(row.account).where(row.wanted_at <= now, free).order_by(row.wanted_at).limit(1)
        async with self._database.transaction() as session:
            account = await session.scalar(due)
            if account is None:
                return None
            mine = update(row).where(row.account == account, free).values(lease_until=now + LEASE)
            taken = (await session.execute(mine.returning(row.cursor, row.token, row.asked))).one_or_none()
        return Wanted(account, *taken) if taken else None

    async def moved(self, account: str, cursor: str) -> None:
        """All up to this cursor is stored."""
        await self._change(account, cursor=cursor)

    async def done(self, wanted: Wanted) -> None:
        """Pulled to the end; unless a call-back came meanwhile there is nothing more to do."""
        row = WecomCursorRow
        async with self._database.transaction() as session:
            quiet = update(row).where(row.account == wanted.account, row.asked == wanted.asked)
            await session.execute(quiet.values(wanted_at=None))
            await session.execute(update(row).where(row.account == wanted.account).values(lease_until=None))

    async def again(self, wanted: Wanted, at: datetime) -> None:
        """It could not be pulled: the same again then."""
        await self._change(wanted.account, wanted_at=at, lease_until=None)

    async def set_person(self, account: str, user: str, has: bool) -> None:
        """A person in WeCom has this session now, or has it no longer."""
        mark = self._mark(account, user)
        async with self._database.transaction() as session:
            await session.execute(delete(WecomPersonRow).where(WecomPersonRow.fingerprint == mark))
            if has:
                await session.execute(
                    self._database.insert(WecomPersonRow).values(fingerprint=mark).on_conflict_do_nothing()
                )

    async def with_person(self, account: str, user: str) -> bool:
        """Whether a person in WeCom answers there, so that we don't."""
        query = select(WecomPersonRow.fingerprint).where(WecomPersonRow.fingerprint == self._mark(account, user))
        async with self._database.reading() as session:
            return await session.scalar(query) is not None

    def _mark(self, account: str, user: str) -> bytes:
        return self._keyring.fingerprint(f"wecom {account} {user}")

    async def _change(self, account: str, **values: object) -> None:
        changed = update(WecomCursorRow).where(WecomCursorRow.account == account).values(**values)
        async with self._database.transaction() as session:
            await session.execute(changed)
