"""Staff accounts and their sessions at the desk. Passwords are kept as Argon2id hashes, tokens as SHA-256."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database, DatabaseUnavailable
from knowledge.tables.staff import StaffRow, StaffSessionRow

Role = Literal["agent", "supervisor", "clerk", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

TWO_STEPS: frozenset[Role] = frozenset({"supervisor", "admin"})
"""Who signs in with a code besides the password."""

SHORTEST_PASSWORD = 10
"""Characters; length is what makes a password hard to guess (NIST SP 800-63B asks for 8 at least)."""

SESSION = timedelta(hours=12)
"""A working day: who comes in the morning logs in once."""

IDLE = timedelta(hours=2)
"""A session that nobody used for so long has ended: the desk's open page uses it every 20 seconds."""
TOUCHED_EVERY = timedelta(minutes=5)
"""How exactly it is kept when a session was used: a statement that writes is not worth more."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's least for Argon2id: 19 MiB and about 30 ms, so that a few logins at once don't fill a small machine."""


class StaffExists(Exception):
    """There is an account of that name."""


class StaffNotFound(LookupError):
    """There is no account of that name."""


class PasswordTooShort(ValueError):
    """A password has SHORTEST_PASSWORD characters at least."""


class LoginRefused(Exception):
    """Name and password don't belong together, or the account is disabled: which of them is not said."""


class SubjectUnknown(Exception):
    """The single sign-on knows somebody who has no account here, or whose account is disabled or is another's."""


class SessionRefused(Exception):
    """There is no session, it has ended, or its account is disabled: a new login is needed."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One account. `region`: a division code, empty for all; times are aware, in UTC.

    `subject`: who they are in the single sign-on.
    """

    id: int
    name: str
    role: Role
    region: str
    created_at: datetime
    disabled_at: datetime | None
    subject: str | None = field(default=None, repr=False)

    @property
    def needs_two_steps(self) -> bool:
        """Whether their role decides for others. With a single sign-on the second step is the provider's."""
        return self.role in TWO_STEPS and self.subject is None


COLUMNS = [getattr(StaffRow, name) for name in Staff.__dataclass_fields__]


WHO = (
    select(*COLUMNS, StaffSessionRow.seen_at)
    .join(StaffSessionRow, StaffSessionRow.staff_id == StaffRow.id)
    .where(StaffSessionRow.token_hash == bindparam("token"), StaffSessionRow.expires_at > bindparam("now"))
    .where(StaffRow.disabled_at.is_(None))
)
"""Built once: every request of the desk begins with it."""


class StaffAccounts:
    """The accounts in a database. `clock` tells the time, aware, in UTC."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def add(self, name: str, role: Role, password: str, region: str = "") -> None:
        """Raises StaffExists, PasswordTooShort, DatabaseUnavailable."""
        row = StaffRow(
            name=name, role=role, region=region, password_hash=await _hashed(password), created_at=self._clock()
        )
        try:
            async with self._database.transaction() as session:
                session.add(row)
        except IntegrityError as error:
            raise StaffExists(name) from error

    async def listed(self) -> list[Staff]:
        """All accounts by name, the disabled ones too."""
        async with self._database.reading() as session:
            return [Staff(*row) for row in await session.execute(select(*COLUMNS).order_by(StaffRow.name))]

    async def named(self, name: str) -> Staff:
        """Raises StaffNotFound."""
        async with self._database.reading() as session:
            row = (await session.execute(select(*COLUMNS).where(StaffRow.name == name))).one_or_none()
        if row is None:
            raise StaffNotFound(name)
        return Staff(*row)

    async def name_of(self, staff_id: int) -> str:
        """The name of an account, a disabled one's too; "" for none."""
        async with self._database.reading() as session:
            return await session.scalar(select(StaffRow.name).where(StaffRow.id == staff_id)) or ""

    async def disable(self, name: str) -> None:
        """Refuse this account from now on, and end its sessions. Raises StaffNotFound."""
        await self._change(name, disabled_at=self._clock())

    async def set_password(self, name: str, password: str) -> None:
        """Give an account another password, end its sessions, and let it in again, without the single sign-on.

        Raises StaffNotFound, PasswordTooShort.
        """
        await self._change(name, password_hash=await _hashed(password), disabled_at=None, subject=None)

    async def check(self, name: str, password: str) -> Staff:
        """The account of that name and password; one of the single sign-on has none. Raises LoginRefused."""
        query = select(StaffRow.password_hash, *COLUMNS).where(StaffRow.name == name)
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        staff = Staff(*row[1:]) if row else None
        fits = await asyncio.to_thread(_fits, row[0] if row else None, password)
        if not fits or staff is None or staff.disabled_at or staff.subject:
            raise LoginRefused(name)
        return staff

    async def log_in(self, name: str, password: str) -> tuple[Staff, str]:
        """The account and its new session's token, of which only the hash is kept. Raises LoginRefused."""
        staff = await self.check(name, password)
        return staff, await self.open_session(staff)

    async def of_subject(self, subject: str, name: str) -> Staff:
        """The account of somebody whom the single sign-on knows as `subject`.

        The first time it is the account of that name, which is theirs from then on. Raises SubjectUnknown.
        """
        theirs = select(*COLUMNS).where(StaffRow.subject == subject, StaffRow.disabled_at.is_(None))
        unbound = (StaffRow.name == name, StaffRow.subject.is_(None), StaffRow.disabled_at.is_(None))
        async with self._database.transaction() as session:
            row = (await session.execute(theirs)).one_or_none()
            if row is None:
                bound = update(StaffRow).where(*unbound).values(subject=subject).returning(*COLUMNS)
                row = (await session.execute(bound)).one_or_none()
        if row is None:
            raise SubjectUnknown
        return Staff(*row)

    async def who(self, token: str) -> Staff:
        """Whose session that is; it is in use. Raises SessionRefused."""
        now = self._clock()
        async with self._database.reading_connection() as connection:
            row = (await connection.execute(WHO, {"token": _hash(token), "now": now})).one_or_none()
        if row is None or (row[-1] is not None and now - row[-1] > IDLE):
            raise SessionRefused
        if row[-1] is None or now - row[-1] > TOUCHED_EVERY:
            await self._touch(token, now)
        return Staff(*row[:-1])

    async def log_out(self, token: str) -> None:
        """End that session, if there is one."""
        async with self._database.transaction() as session:
            await session.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == _hash(token)))

    async def log_out_everywhere(self, staff_id: int) -> None:
        """End all sessions of an account."""
        async with self._database.transaction() as session:
            await session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))

    async def open_session(self, staff: Staff) -> str:
        """A new session's token; sessions that have ended are swept away."""
        token, now = secrets.token_urlsafe(32), self._clock()
        row = StaffSessionRow(token_hash=_hash(token), staff_id=staff.id, expires_at=now + SESSION, seen_at=now)
        async with self._database.transaction() as session:
            await session.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at <= now))
            session.add(row)
        return token

    async def _touch(self, token: str, now: datetime) -> None:
        """Used just now. A database that can't write now is no reason to refuse."""
        touched = update(StaffSessionRow).where(StaffSessionRow.token_hash == _hash(token)).values(seen_at=now)
        with suppress(DatabaseUnavailable):
            async with self._database.transaction() as session:
                await session.execute(touched)

    async def _change(self, name: str, **values: object) -> None:
        changed = update(StaffRow).where(StaffRow.name == name).values(**values).returning(StaffRow.id)
        async with self._database.transaction() as session:
            staff = await session.scalar(changed)
            if staff is None:
                raise StaffNotFound(name)
            await session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff))


async def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    return await asyncio.to_thread(HASHER.hash, password)


def _fits(hashed: str | None, password: str) -> bool:
    """`hashed` is None for an unknown name: that takes as long to refuse as a wrong password."""
    try:
        return HASHER.verify(hashed or _of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    """A hash that nobody knows a password for."""
    return HASHER.hash(secrets.token_urlsafe())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
