"""The second step of signing in: a code of six digits from the telephone (TOTP, RFC 6238). Secrets are sealed."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from sqlalchemy import delete, insert, select, update
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.staff import StaffTotpRow

SECONDS = 30
EARLIER_AND_LATER = (0, -1, 1)
"""Time steps that a telephone's clock may be off."""
ISSUER = "帮办"


class AlreadySetUp(Exception):
    """The account has its second step: an administrator drops it first (`bangban staff second-step`)."""


class CodeWrong(Exception):
    """That is not the code of now, or it was used already."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a telephone's app has to be told. `uri`: the same as it is drawn as a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class TwoSteps:
    """The accounts' second steps in a database."""

    def __init__(self, database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    async def is_set_up(self, staff_id: int) -> bool:
        """Whether the account has confirmed one: then it does not get in without."""
        query = select(StaffTotpRow.id).where(StaffTotpRow.staff_id == staff_id, StaffTotpRow.confirmed_at.is_not(None))
        async with self._database.looking() as session:
            return await session.scalar(query) is not None

    async def begin(self, staff_id: int, name: str) -> Enrolment:
        """A new secret, which counts once a code confirms it. Raises AlreadySetUp."""
        secret, id = pyotp.random_base32(), str(ULID())
        sealed = self._keyring.seal(secret.encode(), context(StaffTotpRow.secret, id))
        begun = delete(StaffTotpRow).where(StaffTotpRow.staff_id == staff_id)
        async with self._database.transaction() as session:
            if await self.is_set_up(staff_id):
                raise AlreadySetUp(staff_id)
            await session.execute(begun)
            row = {"id": id, "staff_id": staff_id, "secret": sealed, "last_step": 0}
            await session.execute(insert(StaffTotpRow).values(row))
        return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))

    async def confirm(self, staff_id: int, code: str) -> None:
        """The telephone shows the right code: from now on it is asked for. Raises CodeWrong."""
        async with self._database.transaction() as session:
            await self._take(staff_id, code, is_confirmed=False)
            confirmed = update(StaffTotpRow).where(StaffTotpRow.staff_id == staff_id)
            await session.execute(confirmed.values(confirmed_at=self._clock()))

    async def check(self, staff_id: int, code: str) -> None:
        """Take a code, once. Raises CodeWrong, KeyMissing, SealBroken."""
        await self._take(staff_id, code, is_confirmed=True)

    async def drop(self, staff_id: int) -> None:
        """The telephone was lost: it is set up anew at the next login."""
        async with self._database.transaction() as session:
            await session.execute(delete(StaffTotpRow).where(StaffTotpRow.staff_id == staff_id))

    async def _take(self, staff_id: int, code: str, is_confirmed: bool) -> None:
        confirmed = StaffTotpRow.confirmed_at.is_not(None) if is_confirmed else StaffTotpRow.confirmed_at.is_(None)
        columns = (StaffTotpRow.id, StaffTotpRow.secret, StaffTotpRow.last_step)
        async with self._database.transaction() as session:
            row = (await session.execute(select(*columns).where(StaffTotpRow.staff_id == staff_id, confirmed))).first()
            if row is None:
                raise CodeWrong
            secret = self._keyring.unseal(row.secret, context(StaffTotpRow.secret, row.id)).decode()
            step = _step_of(secret, code, self._clock())
            if step is None:
                raise CodeWrong
            taken = update(StaffTotpRow).where(StaffTotpRow.id == row.id, StaffTotpRow.last_step < step)
            if await session.scalar(taken.values(last_step=step).returning(StaffTotpRow.id)) is None:
                raise CodeWrong


def _step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step of which this is the code; None: of none near now."""
    now, totp = int(at.timestamp()) // SECONDS, pyotp.TOTP(secret)
    fitting = [now + off for off in EARLIER_AND_LATER if _same(totp.generate_otp(now + off), code)]
    return fitting[0] if fitting else None


def _same(expected: str, code: str) -> bool:
    return hmac.compare_digest(expected.encode(), code.encode())
