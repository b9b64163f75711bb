"""Complaints that bad marks make (差评整改): opened with a day by which they are put right, handled with what was done.

Who has the complaint sees the conversation it came from; the resident is told the outcome (回访).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.rating_rules import RatingRules
from knowledge.sealing import context
from knowledge.spoken_reference import ATTEMPTS, ReferencesExhausted, spoken_reference
from knowledge.tables.after import ComplaintRow, RatingRow

OPEN, HANDLED = "open", "handled"


class ComplaintNotOpen(LookupError):
    """There is no such complaint, or it was handled."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint with what it is about. `outcome` None: not handled, or forgotten with the resident."""

    reference: str
    kind: str
    subject: str
    conversation_id: str | None
    staff_id: int | None
    office_code: str | None
    matter_code: str | None
    region_code: str
    mark: int
    reason: str
    state: str
    opened_at: datetime
    due_at: datetime
    outcome: str | None
    handled_by: int | None
    handled_at: datetime | None


OF_RATING = ("kind", "subject", "staff_id", "office_code", "matter_code", "region_code", "mark", "reason")
COLUMNS = [getattr(RatingRow if name in OF_RATING else ComplaintRow, name) for name in Complaint.__dataclass_fields__]


class Complaints:
    """The complaints in a database. Reading them raises, besides what is named, KeyMissing and SealBroken."""

    def __init__(self, database: Database, keyring: Keyring, rules: RatingRules) -> None:
        self._database = database
        self._keyring = keyring
        self._rules = rules

    async def open(self, rating_id: str, conversation_id: str | None, region: str, at: datetime) -> Complaint:
        """Make a complaint of a bad mark, in the running transaction. Raises ReferencesExhausted."""
        due = self._rules.deadline(region).after(at)
        row = {"rating_id": rating_id, "conversation_id": conversation_id, "opened_at": at, "due_at": due}
        async with self._database.transaction() as session:
            for _ in range(ATTEMPTS):
                reference = spoken_reference("TS", at)
                try:
                    async with session.begin_nested():
                        await session.execute(insert(ComplaintRow).values(**row, reference=reference, state=OPEN))
                except IntegrityError:
                    continue
                return await self.find(reference)
        raise ReferencesExhausted(f"{at:%Y-%m-%d}")

    async def find(self, reference: str) -> Complaint:
        """Raises ComplaintNotOpen."""
        found = await self._listed(ComplaintRow.reference == reference)
        if not found:
            raise ComplaintNotOpen(reference)
        return found[0]

    async def listed(self, state: str = OPEN, limit: int = 500) -> list[Complaint]:
        """Those in that state, the most urgent first."""
        return await self._listed(ComplaintRow.state == state, limit=limit)

    async def handle(self, reference: str, staff_id: int, outcome: str, at: datetime) -> Complaint:
        """It was put right, or explained; `outcome` is what the resident is told. Raises ComplaintNotOpen."""
        sealed = self._keyring.seal(outcome.encode(), context(ComplaintRow.outcome, reference))
        still = update(ComplaintRow).where(ComplaintRow.reference == reference, ComplaintRow.state == OPEN)
        handled = still.values(state=HANDLED, outcome=sealed, handled_by=staff_id, handled_at=at)
        async with self._database.transaction() as session:
            if await session.scalar(handled.returning(ComplaintRow.reference)) is None:
                raise ComplaintNotOpen(reference)
            return await self.find(reference)

    def reason_words(self, complaint: Complaint) -> str:
        """The reason as it stood on its button; "" for none."""
        return self._rules.bad.get(complaint.reason, "")

    async def _listed(self, wanted: object, limit: int = 500) -> list[Complaint]:
        query = select(*COLUMNS).join(RatingRow, RatingRow.id == ComplaintRow.rating_id).where(wanted)  # type: ignore[arg-type]
        ordered = query.order_by(ComplaintRow.due_at, ComplaintRow.reference).limit(limit)
        async with self._database.looking() as session:
            return [self._complaint(*row) for row in await session.execute(ordered)]

    def _complaint(self, *row: object) -> Complaint:
        told = dict(zip(Complaint.__dataclass_fields__, row, strict=True))
        if isinstance(sealed := told["outcome"], bytes):
            plain = self._keyring.unseal(sealed, context(ComplaintRow.outcome, str(told["reference"])))
            told["outcome"] = plain.decode()
        return Complaint(**told)  # type: ignore[arg-type]
