"""The outbox: what the platform must be told, stored with the turn that wants it told, delivered later and once.

A letter is claimed for a time (its lease), delivered, and marked. A worker that dies leaves a lease that runs out, and
the letter goes out again under the same key: the platform does it once. The letters of one subject (a case) go in
order: the next one waits until the one before is delivered, or a person has dropped it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import KeyMissing, Keyring, SealBroken
from knowledge.sealing import context
from knowledge.tables.case import LetterRow

WAITING, DELIVERED, DEAD, DROPPED = "waiting", "delivered", "dead", "dropped"

LEASE = timedelta(seconds=60)
"""How long a claimed letter is left to its worker: longer than any call to the platform may take."""

ATTEMPTS = 20
LONGEST_ERROR = 500


class LetterNotFound(LookupError):
    """There is no letter with this id."""


class LetterNotDead(Exception):
    """The letter is not dead (any more): it can't be sent again or dropped."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as stored, without its content. `subject` is a case's reference; times are aware, in UTC."""

    id: str
    kind: str
    subject: str
    key: str
    state: str
    attempts: int
    due_at: datetime
    error: str
    created_at: datetime
    ended_at: datetime | None
    decided_by: str
    note: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that `worker` has in hand. `attempts` counts this one too."""

    id: str
    worker: str
    kind: str
    subject: str
    key: str
    attempts: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, how many are dead, since when the oldest of both waits."""

    waiting: int
    dead: int
    oldest: datetime | None


COLUMNS = [getattr(LetterRow, name) for name in Letter.__dataclass_fields__]
_before = aliased(LetterRow)
_IS_BLOCKED = (
    select(_before.id)
    .where(_before.subject == LetterRow.subject, _before.place < LetterRow.place)
    .where(_before.state.in_((WAITING, DEAD)))
    .exists()
)


class Outbox:
    """The letters in a database. `on_put` is awaited after the commit of a transaction that put one."""

    def __init__(
        self, database: Database, keyring: Keyring, on_put: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._on_put = on_put

    def tell_on_put(self, on_put: Callable[[], Awaitable[None]]) -> None:
        """Whom to tell after a commit that there is something to deliver."""
        self._on_put = on_put

    async def put(
        self,
        kind: str,
        subject: str,
        payload: Mapping[str, Any],
        key: str,
        at: datetime,
        *,
        conversation_id: str | None = None,
        resident_id: str | None = None,
    ) -> None:
        """Store a letter in the running transaction; under a key that is there already nothing is stored.

        `payload` must go into JSON. A conversation or resident that is forgotten takes its letters along.
        Raises DatabaseUnavailable.
        """
        about = {"conversation_id": conversation_id, "resident_id": resident_id}
        async with self._database.transaction() as session:
            for _ in range(ATTEMPTS):
                if await session.scalar(select(LetterRow.id).where(LetterRow.key == key)) is not None:
                    return
                row = await self._row(kind, subject, payload, key, at, about)
                try:
                    async with session.begin_nested():
                        session.add(row)
                except IntegrityError:  # another transaction took the place, or the key, at the same moment
                    continue
                break
            else:
                raise RuntimeError(f"no place for a letter about {subject}")
            if self._on_put is not None:
                self._database.after_commit(self._on_put)

    async def anything_due(self, at: datetime) -> bool:
        """Whether a claim would find something, without a lock. Raises DatabaseUnavailable."""
        async with self._database.reading() as session:
            return await session.scalar(self._claimable(at, 1)) is not None

    async def claim(self, worker: str, at: datetime, limit: int, lease: timedelta = LEASE) -> list[Claimed]:
        """Letters for this worker alone until the lease ends, at most one a subject. Raises DatabaseUnavailable.

        PostgreSQL's workers pass over what another is just claiming; SQLite has one writer at a time.
        """
        async with self._database.transaction() as session:
            # skip_locked: no word of it on SQLite
            chosen = self._claimable(at, limit).with_for_update(skip_locked=True, of=LetterRow)
            ids = (await session.scalars(chosen)).all()
            taken = (
                update(LetterRow)
                .where(LetterRow.id.in_(ids))
                .values(worker=worker, lease_until=at + lease, attempts=LetterRow.attempts + 1)
                .returning(LetterRow)
                .execution_options(synchronize_session=False, populate_existing=True)
            )
            rows = (await session.scalars(taken)).all() if ids else []
            claimed = [await self._opened(row, at) for row in sorted(rows, key=lambda row: row.id)]
        return [letter for letter in claimed if letter is not None]

    async def delivered(self, letter: Claimed, at: datetime) -> bool:
        """Mark it as delivered and forget its content; False: another worker was first, and has said so."""
        values = {"state": DELIVERED, "ended_at": at, "payload": None, "error": ""}
        return await self._end(letter.id, (WAITING, DEAD, DROPPED), **values)

    async def failed(self, letter: Claimed, error: str, retry_at: datetime) -> bool:
        """It could not be delivered now: again after that time. False: it is no longer this worker's."""
        return await self._give_back(letter, error=error[:LONGEST_ERROR], due_at=retry_at)

    async def dead(self, letter: Claimed, error: str, at: datetime) -> bool:
        """It can't be delivered: a person has to look. False: it is no longer this worker's."""
        return await self._give_back(letter, state=DEAD, error=error[:LONGEST_ERROR], ended_at=at)

    async def send_again(self, id: str, by: str, at: datetime) -> Letter:
        """Let a dead letter wait again, due at once, its attempts forgotten. Raises LetterNotFound, LetterNotDead."""
        values = {"state": WAITING, "attempts": 0, "due_at": at, "ended_at": None, "decided_by": by}
        letter = await self._decide(id, **values)
        async with self._database.transaction():
            if self._on_put is not None:
                self._database.after_commit(self._on_put)
        return letter

    async def drop(self, id: str, by: str, reason: str, at: datetime) -> Letter:
        """Give a dead letter up; those after it go on. Raises LetterNotFound, LetterNotDead."""
        return await self._decide(id, state=DROPPED, payload=None, decided_by=by, note=reason, ended_at=at)

    async def find(self, id: str) -> Letter:
        """One letter. Raises LetterNotFound."""
        async with self._database.looking() as session:
            row = (await session.execute(select(*COLUMNS).where(LetterRow.id == id))).one_or_none()
        if row is None:
            raise LetterNotFound(id)
        return Letter(*row)

    async def dead_letters(self, limit: int = 200) -> list[Letter]:
        """Those that a person has to look at, the oldest first."""
        return await self._listed((DEAD,), limit)

    async def waiting_letters(self, limit: int = 200) -> list[Letter]:
        """Those that are still to go, the oldest first."""
        return await self._listed((WAITING,), limit)

    async def waiting(self) -> Waiting:
        """The figures for those who watch. Raises DatabaseUnavailable."""
        counts = select(LetterRow.state, func.count(), func.min(LetterRow.created_at))
        query = counts.where(LetterRow.state.in_((WAITING, DEAD))).group_by(LetterRow.state)
        async with self._database.reading() as session:
            found = {state: (count, oldest) for state, count, oldest in await session.execute(query)}
        waiting, dead = (found.get(state, (0, None)) for state in (WAITING, DEAD))
        oldest = min((each for each in (waiting[1], dead[1]) if each is not None), default=None)
        return Waiting(waiting[0], dead[0], oldest)

    def _claimable(self, at: datetime, limit: int) -> Any:
        is_free = or_(LetterRow.lease_until.is_(None), LetterRow.lease_until <= at)
        due = select(LetterRow.id).where(LetterRow.state == WAITING, LetterRow.due_at <= at, is_free)
        return due.where(~_IS_BLOCKED).order_by(LetterRow.due_at, LetterRow.id).limit(limit)

    async def _listed(self, states: Collection[str], limit: int) -> list[Letter]:
        query = select(*COLUMNS).where(LetterRow.state.in_(states)).order_by(LetterRow.created_at, LetterRow.id)
        async with self._database.reading() as session:
            return [Letter(*row) for row in await session.execute(query.limit(limit))]

    async def _row(
        self, kind: str, subject: str, payload: Mapping[str, Any], key: str, at: datetime, about: Mapping[str, Any]
    ) -> LetterRow:
        id = str(ULID())
        async with self._database.transaction() as session:
            last = await session.scalar(select(func.max(LetterRow.place)).where(LetterRow.subject == subject))
        sealed = self._keyring.seal(orjson.dumps(payload), context(LetterRow.payload, id))
        return LetterRow(
            id=id,
            kind=kind,
            subject=subject,
            place=(last or 0) + 1,
            key=key,
            payload=sealed,
            due_at=at,
            created_at=at,
            **about,
        )

    async def _opened(self, row: LetterRow, at: datetime) -> Claimed | None:
        """The letter with its content; one that can't be opened is dead, and does not hold up those of other cases."""
        letter = Claimed(row.id, row.worker or "", row.kind, row.subject, row.key, row.attempts, {})
        try:
            plain = self._keyring.unseal(row.payload or b"", context(LetterRow.payload, row.id))
        except (KeyMissing, SealBroken) as error:
            await self.dead(letter, f"can't be opened ({type(error).__name__})", at)
            return None
        return replace(letter, payload=orjson.loads(plain))

    async def _end(self, id: str, states: Collection[str], *more: Any, **values: Any) -> bool:
        """Change a letter that is in one of these states and let its lease go; whether it was."""
        changed = update(LetterRow).where(LetterRow.id == id, LetterRow.state.in_(states), *more)
        async with self._database.transaction() as session:
            done = await session.execute(changed.values(worker=None, lease_until=None, **values))
        return done.rowcount == 1  # type: ignore[attr-defined,no-any-return]

    async def _give_back(self, letter: Claimed, **values: Any) -> bool:
        return await self._end(letter.id, (WAITING,), LetterRow.worker == letter.worker, **values)

    async def _decide(self, id: str, **values: Any) -> Letter:
        async with self._database.transaction():
            if not await self._end(id, (DEAD,), **values):
                await self.find(id)
                raise LetterNotDead(id)
            return await self.find(id)
