"""The papers that were handed in, with what was read and found. The reading is sealed, the file lies in Files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import CursorResult, Select, delete, insert, select, update
from ulid import ULID

from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.paper import Finding, Reading, reading_of
from knowledge.sealing import context
from knowledge.tables.paper import PaperRow

Verdict = Literal["good", "warn", "bad", "unread"]


class PaperMissing(LookupError):
    """There is no such paper in this conversation."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as stored. `reading` None: nobody could look at it, the clerk will. `replaced_by`: a later one's id."""

    id: str
    conversation_id: str
    application_id: str | None
    file_id: str
    material: str
    reading: Reading | None
    findings: tuple[Finding, ...]
    created_at: datetime
    replaced_by: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The gravest of its findings; `unread` when nobody looked at it yet."""
        if self.reading is None:
            return "unread"
        grave = {each.severity for each in self.findings}
        return "bad" if "bad" in grave else "warn" if grave else "good"


PLAIN = ("id", "conversation_id", "application_id", "file_id", "material", "created_at", "replaced_by")


class Papers:
    """The papers in a database. Inside a turn's transaction they are stored with the turn, and seen there.

    Reading them raises, besides what is named, KeyMissing and SealBroken.
    """

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def put(
        self,
        conversation_id: str,
        file_id: str,
        material: str,
        reading: Reading | None,
        findings: Sequence[Finding],
        at: datetime,
        application_id: str | None = None,
    ) -> Paper:
        """Store a paper; what it takes the place of (the same side of the same paper) is marked as replaced.

        The same file for the same material again gives the same row, with what was found now.
        """
        new = Paper(str(ULID()), conversation_id, application_id, file_id, material, reading, tuple(findings), at)
        async with self._database.transaction() as session:
            if known := await self._same(new):
                new = replace(new, id=known.id, created_at=known.created_at)
                await session.execute(update(PaperRow).where(PaperRow.id == known.id).values(self._row(new)))
            else:
                await session.execute(insert(PaperRow).values(self._row(new)))
            await self._replace_earlier(new)
        return new

    async def of_application(self, application_id: str) -> list[Paper]:
        """The papers in force of an application, the oldest first."""
        return await self._listed(_in_force().where(PaperRow.application_id == application_id))

    async def of_conversation(self, conversation_id: str) -> list[Paper]:
        """The papers in force of a conversation, the oldest first."""
        return await self._listed(_in_force().where(PaperRow.conversation_id == conversation_id))

    async def find(self, conversation_id: str, paper_id: str) -> Paper:
        """Raises PaperMissing."""
        theirs = (PaperRow.id == paper_id) & (PaperRow.conversation_id == conversation_id)
        found = await self._listed(select(PaperRow).where(theirs))
        if not found:
            raise PaperMissing(paper_id)
        return found[0]

    async def assign(
        self,
        conversation_id: str,
        paper_id: str,
        material: str,
        findings: Sequence[Finding],
        at: datetime,
        application_id: str | None = None,
    ) -> Paper:
        """It is for another material or application, with what was found against that. Raises PaperMissing."""
        paper = await self.find(conversation_id, paper_id)
        moved = replace(
            paper,
            material=material,
            findings=tuple(findings),
            application_id=application_id or paper.application_id,
            created_at=at,
            replaced_by=None,
        )
        async with self._database.transaction() as session:
            same = await self._same(moved)
            if same and same.id != paper_id:
                await session.execute(delete(PaperRow).where(PaperRow.id == same.id))
            await session.execute(update(PaperRow).where(PaperRow.id == paper_id).values(self._row(moved)))
            await self._replace_earlier(moved)
        return moved

    async def remove(self, conversation_id: str, paper_id: str) -> None:
        """Take a paper back; what it had replaced stays replaced. Raises PaperMissing."""
        await self.find(conversation_id, paper_id)
        async with self._database.transaction() as session:
            await session.execute(delete(PaperRow).where(PaperRow.id == paper_id))

    async def forget(self, conversation_id: str) -> int:
        """Delete all papers of a conversation; how many."""
        async with self._database.transaction() as session:
            gone = await session.execute(delete(PaperRow).where(PaperRow.conversation_id == conversation_id))
        assert isinstance(gone, CursorResult)
        return gone.rowcount

    async def _replace_earlier(self, paper: Paper) -> None:
        """Mark what the paper takes the place of; a paper that is for no material yet takes nothing's."""
        if not paper.material:
            return
        earlier = [each.id for each in await self._beside(paper) if each.id != paper.id and takes_place(paper, each)]
        async with self._database.transaction() as session:
            await session.execute(update(PaperRow).where(PaperRow.id.in_(earlier)).values(replaced_by=paper.id))

    async def _same(self, paper: Paper) -> Paper | None:
        same = (
            (PaperRow.conversation_id == paper.conversation_id)
            & (PaperRow.file_id == paper.file_id)
            & (PaperRow.material == paper.material)
        )
        found = await self._listed(select(PaperRow).where(same))
        return found[0] if found else None

    async def _beside(self, paper: Paper) -> list[Paper]:
        """The papers in force for the same material: of its application, else of its conversation."""
        of = (
            PaperRow.application_id == paper.application_id
            if paper.application_id
            else PaperRow.conversation_id == paper.conversation_id
        )
        return await self._listed(_in_force().where(of, PaperRow.material == paper.material))

    async def _listed(self, query: Select[Any]) -> list[Paper]:
        async with self._database.looking() as session:
            return [self._paper(row) for row in (await session.execute(query)).scalars()]

    def _row(self, paper: Paper) -> dict[str, Any]:
        reading = paper.reading.as_dict() if paper.reading else None
        content = orjson.dumps({"reading": reading, "findings": [asdict(each) for each in paper.findings]})
        return {
            **{name: getattr(paper, name) for name in PLAIN},
            "kind": paper.reading.kind if paper.reading else "",
            "verdict": paper.verdict,
            "content": self._keyring.seal(content, context(PaperRow.content, paper.id)),
        }

    def _paper(self, row: PaperRow) -> Paper:
        content = orjson.loads(self._keyring.unseal(row.content, context(PaperRow.content, row.id)))
        reading = reading_of(content["reading"]) if content["reading"] else None
        findings = tuple(Finding(**each) for each in content["findings"])
        return Paper(**{name: getattr(row, name) for name in PLAIN}, reading=reading, findings=findings)


def takes_place(new: Paper, old: Paper) -> bool:
    """Whether a paper makes an earlier one for the same material needless.

    What was not known for what it is, is replaced by whatever comes next, and so is the same side or page of the same
    person: the back doesn't replace the front, nor the son's page of the 户口簿 the father's.
    """
    if new.reading is None or old.reading is None:
        return False
    if old.reading.kind != new.reading.kind:
        return old.verdict == "bad"
    same_side = not old.reading.parts or bool(set(old.reading.parts) & set(new.reading.parts))
    return same_side and (old.verdict == "bad" or _whose(old.reading) == _whose(new.reading))


def _whose(reading: Reading) -> tuple[str, ...]:
    return tuple(reading.fields.get(key, "") for key in ("name", "id_number", "head", "account", "number"))


def _in_force() -> Select[Any]:
    return select(PaperRow).where(PaperRow.replaced_by.is_(None)).order_by(PaperRow.created_at, PaperRow.id)
