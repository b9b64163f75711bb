"""The papers that were handed in, with what was read and found. The reading is sealed, the file lies in Files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from knowledge.database import Database
from knowledge.paper import Finding, Reading

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


class Papers:
    """The papers in a database. Inside a turn's transaction they are stored with the turn."""

    def __init__(self, database: Database, keyring: object) -> None:
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
        raise NotImplementedError

    async def of_application(self, application_id: str) -> list[Paper]:
        """The papers in force of an application, the oldest first."""
        raise NotImplementedError

    async def of_conversation(self, conversation_id: str) -> list[Paper]:
        """The papers in force of a conversation, the oldest first."""
        raise NotImplementedError

    async def find(self, conversation_id: str, paper_id: str) -> Paper:
        """Raises PaperMissing."""
        raise NotImplementedError

    async def assign(
        self, paper_id: str, material: str, findings: Sequence[Finding], application_id: str | None = None
    ) -> None:
        """It is for another material, or an application now; with what was found against that."""
        raise NotImplementedError

    async def forget(self, conversation_id: str) -> int:
        """Delete all papers of a conversation; how many."""
        raise NotImplementedError
