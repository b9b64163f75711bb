"""What was shown to staff although screens mask it: by whom, when, why. The log is only ever added to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.sealing import context
from knowledge.tables.staff import RevealRow


@dataclass(frozen=True, slots=True)
class Reveal:
    """One time that somebody saw something. `reason` is None once the resident is forgotten."""

    id: str
    at: datetime
    staff_id: int | None
    handoff_id: str | None
    what: str
    reason: str | None = field(repr=False)


class Reveals:
    """The log in a database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def note(
        self, staff_id: int, handoff_id: str | None, conversation_id: str, what: str, reason: str, at: datetime
    ) -> None:
        """Write it down: before it is shown, in the same transaction as it is read."""
        id = str(ULID())
        sealed = self._keyring.seal(reason.encode(), context(RevealRow.reason, id))
        row = {"id": id, "at": at, "staff_id": staff_id, "handoff_id": handoff_id, "conversation_id": conversation_id}
        async with self._database.transaction() as session:
            await session.execute(insert(RevealRow).values({**row, "what": what, "reason": sealed}))

    async def last(self, limit: int = 200) -> list[Reveal]:
        """The newest first. Raises KeyMissing, SealBroken."""
        columns = (RevealRow.id, RevealRow.at, RevealRow.staff_id, RevealRow.handoff_id, RevealRow.what)
        query = select(*columns, RevealRow.reason).order_by(RevealRow.id.desc()).limit(limit)
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return [Reveal(*row[:-1], self._opened(row.id, row.reason)) for row in rows]

    def _opened(self, id: str, sealed: bytes | None) -> str | None:
        return None if sealed is None else self._keyring.unseal(sealed, context(RevealRow.reason, id)).decode()
