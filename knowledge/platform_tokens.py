"""Access tokens of platforms, sealed: all processes use one, and a restart fetches none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from knowledge.database import Database
from knowledge.keyring import KeyMissing, Keyring, SealBroken
from knowledge.sealing import context
from knowledge.tables.channel import PlatformTokenRow


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token, until when it is good, and when it was fetched."""

    token: str = field(repr=False)
    expires_at: datetime
    fetched_at: datetime


class PlatformTokens:
    """The tokens in a database, by account."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def find(self, account: str) -> StoredToken | None:
        """The account's token; None: there is none that we can read. Raises DatabaseUnavailable."""
        row = PlatformTokenRow
        query = select(row.token, row.expires_at, row.fetched_at).where(row.account == account)
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            return None
        try:
            token = self._keyring.unseal(found.token, context(row.token, account)).decode()
        except (KeyMissing, SealBroken):
            return None
        return StoredToken(token, found.expires_at, found.fetched_at)

    async def put(self, account: str, stored: StoredToken) -> None:
        """Keep this one instead. Raises DatabaseUnavailable."""
        sealed = self._keyring.seal(stored.token.encode(), context(PlatformTokenRow.token, account))
        row = {"account": account, "token": sealed, "expires_at": stored.expires_at, "fetched_at": stored.fetched_at}
        async with self._database.transaction() as session:
            await session.execute(delete(PlatformTokenRow).where(PlatformTokenRow.account == account))
            await session.execute(insert(PlatformTokenRow).values(**row))
