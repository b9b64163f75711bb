"""What is handed in to the platform: a case and the letter that brings it, stored together in the running turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ulid import ULID

from knowledge.case import Case, NewCase
from knowledge.cases import Cases
from knowledge.outbox import Outbox

SUBMIT, SUPPLEMENT, WITHDRAW, REVOKE, RESULT = "submit", "supplement", "withdraw", "revoke", "result"
OVERDUE = "overdue"


class Submissions:
    """Puts letters about cases into the outbox. `files`: ids of stored files that the platform needs before.

    Bodies are those of connectors/intake/openapi.yml; a material names its files by their SHA-256.
    """

    def __init__(self, cases: Cases, outbox: Outbox) -> None:
        self._cases = cases
        self._outbox = outbox

    async def submit(self, new: NewCase, body: Mapping[str, Any], files: Sequence[str], at: datetime) -> Case:
        """Open a case and hand it in; an application that is submitted again gives the case that it is already.

        `body`: CaseRequest without reference, matter (of a bundle none), region and submitted_at, which are `new`'s.
        Raises ReferencesExhausted, DatabaseUnavailable.
        """
        case, is_new = await self._cases.open(new, at)
        if is_new:
            request = {
                **body,
                "reference": case.reference,
                "matter": None if new.bundle else {"code": new.matter_code, "name": new.matter_name},
                "region": new.region,
                "submitted_at": at,
            }
            await self._put(SUBMIT, case, {"body": request, "files": list(files)}, f"submit-{case.reference}", at)
        return case

    async def supplement(
        self, case: Case, body: Mapping[str, Any], files: Sequence[str], at: datetime, key: str = ""
    ) -> None:
        """Hand in what was asked for (Supplement); with the same `key` (the message's id, say) it is done once."""
        key = f"supplement-{case.reference}-{key or ULID()}"
        await self._put(SUPPLEMENT, case, {"body": dict(body), "files": list(files)}, key, at)

    async def withdraw(self, case: Case, reason: str, at: datetime) -> None:
        """Take the case back, once it is there; also when the resident is forgotten meanwhile."""
        payload = {"reason": reason, "reference": case.reference}
        await self._outbox.put(WITHDRAW, case.reference, payload, f"withdraw-{case.reference}", at)

    async def fetch_result(self, case: Case, sequence: int, at: datetime) -> None:
        """Fetch the result document that came with that event; it does not wait for the case's other letters."""
        key, subject = f"result-{case.reference}-{sequence}", f"{case.reference}/result"
        await self._put(RESULT, case, {}, key, at, subject=subject)

    async def tell_overdue(self, case: Case, at: datetime) -> None:
        """Tell the resident that the promised day has passed: once a day that was promised, however often it is asked.

        It waits for no other letter of the case, and holds none up.
        """
        key, subject = f"overdue-{case.reference}-{case.due_on}", f"{case.reference}/overdue"
        await self._put(OVERDUE, case, {}, key, at, subject=subject)

    async def revoke(self, authorisation: str, at: datetime) -> None:
        """End an authorisation at the platform, also when it is down now and the resident is forgotten meanwhile."""
        payload = {"authorisation": authorisation}
        await self._outbox.put(REVOKE, authorisation, payload, f"revoke-{authorisation}", at)

    async def _put(
        self, kind: str, case: Case, payload: Mapping[str, Any], key: str, at: datetime, subject: str = ""
    ) -> None:
        about = {"conversation_id": case.conversation_id, "resident_id": case.resident_id}
        payload = {**payload, "reference": case.reference}
        await self._outbox.put(kind, subject or case.reference, payload, key, at, **about)
