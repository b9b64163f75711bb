"""补正: the platform asks for papers of a case; sent in the chat, checked, and handed on when all are there.

Papers that were put off when the case was handed in, and those of a bundle's later stage, may come unasked too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from actions.applying.taking import is_kind_of, typed_identity
from actions.progress import cases_of
from actions.services import Services
from actions.turn import Turn
from knowledge.application import Application
from knowledge.applications import ApplicationNotFound
from knowledge.case import Case
from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.paper import Finding
from knowledge.papers import Paper
from knowledge.prechecking import Facts, check
from knowledge.reminders import put_off
from knowledge.working_days import CHINA

UNDECIDED = frozenset({"queued", "received", "accepted"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case, the names of the papers it waits for, and what tells this handing-in from another of the case."""

    case: Case
    materials: Sequence[str]
    key: str


class Supplementing:
    """Takes what a case still waits for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def take(self, turn: Turn, paper: Paper) -> bool:
        """Take the paper for the case that waits. False: none does."""
        waits = await self._asked(turn) or await self._put_off(turn, paper)
        if waits is None:
            return False
        given = turn.slot("supplement") or {}
        given = dict(given) if given.get("case") == waits.case.reference else {}
        material = _meant(waits, given, paper)
        findings = await self._findings(turn, waits.case, paper, material)
        bad = next((each for each in findings if each.severity == "bad"), None)
        if bad and given.get("refused") != paper.file_id:
            turn.remember(supplement={**given, "case": waits.case.reference, "refused": paper.file_id})
            turn.say("utter_paper_bad", finding=bad.text)
            return True
        await self._keep(turn, waits, given, paper, material, findings)
        return True

    async def _asked(self, turn: Turn) -> Waiting | None:
        """What the platform has asked for, in the newest case that waits."""
        for case in await cases_of(self._services, turn):
            if case.state == "supplement":
                step = (await self._services.cases.history(case.reference))[-1]
                return Waiting(case, step.materials, f"{step.sequence}")
        return None

    async def _put_off(self, turn: Turn, paper: Paper) -> Waiting | None:
        """A paper of that kind which was to follow a case that is not decided."""
        for case in await cases_of(self._services, turn):
            application = await self._application(case) if case.state in UNDECIDED else None
            following = put_off(application.papers, ("later", "window", "awaited")) if application else []
            for name in following:
                if paper.reading and is_kind_of(paper.reading, Material(name)):
                    return Waiting(case, (name,), f"following-{paper.file_id}")
        return None

    async def _keep(
        self,
        turn: Turn,
        waits: Waiting,
        given: dict[str, Any],
        paper: Paper,
        material: str,
        findings: Sequence[Finding],
    ) -> None:
        """It counts; when all are there, off they go."""
        case, services = waits.case, self._services
        stored = await services.files.find(paper.file_id)
        entry = {"paper": paper.id, "file": paper.file_id, "sha256": stored.sha256.hex()}
        papers = {**(given.get("papers") or {}), material: entry}
        await services.papers.assign(
            turn.conversation, paper.id, material, findings, services.clock(), case.application_id
        )
        turn.remember(supplement={"case": case.reference, "papers": papers})
        turn.say("utter_paper_good", material=material, read_out="", told="")
        if missing := [each for each in waits.materials if each not in papers]:
            turn.say("utter_supplement_waiting", name=case.matter_name, materials="、".join(missing), by="")
            return
        await self._send(turn, waits, papers)

    async def _send(self, turn: Turn, waits: Waiting, papers: dict[str, Any]) -> None:
        """All is there: off it goes, once for each time that it was asked for."""
        case, now = waits.case, self._services.clock()
        materials = [{"name": name, "state": "file", "files": [each["sha256"]]} for name, each in papers.items()]
        body = {"values": {}, "materials": materials, "note": ""}
        files = [each["file"] for each in papers.values()]
        await self._services.submissions.supplement(case, body, files, now, key=waits.key)
        if application := await self._application(case):
            await self._services.applications.save(_with_papers(application, papers), now)
        turn.remember(supplement=None)
        turn.say("utter_supplement_sent", name=case.matter_name, reference=case.reference)

    async def _findings(self, turn: Turn, case: Case, paper: Paper, material: str) -> list[Finding]:
        if paper.reading is None:  # nobody could look at it here: a clerk will
            return []
        return check(paper.reading, Material(material), await self._facts(turn, case))

    async def _facts(self, turn: Turn, case: Case) -> Facts:
        """Whose papers they are, and what they have to agree with: what stood on the form."""
        today = self._services.clock().astimezone(CHINA).date()
        application = await self._application(case)
        filled = application.values.items() if application else ()
        values = {key: each.value for key, each in filled if each.value is not None}
        applicant = typed_identity(values)
        resident = await self._services.residents.of_conversation(turn.conversation)
        if resident is None:
            return Facts(today, applicant, values=values)
        identity: Identity = await self._services.residents.identity(resident.id)
        others = (identity,) if applicant is None or identity.id_number != applicant.id_number else ()
        return Facts(today, applicant, others, values=values)

    async def _application(self, case: Case) -> Application | None:
        """What was handed in; None: deleted at the resident's wish."""
        try:
            return await self._services.applications.find(case.application_id or "")
        except ApplicationNotFound:
            return None


def _meant(waits: Waiting, given: dict[str, Any], paper: Paper) -> str:
    """Which of the papers this one is: the first that it may be, of those that are not there yet."""
    still = [each for each in waits.materials if each not in (given.get("papers") or {})]
    still = still or list(waits.materials[-1:]) or [waits.case.matter_name]
    return next((each for each in still if paper.reading and is_kind_of(paper.reading, Material(each))), still[0])


def _with_papers(application: Application, papers: dict[str, Any]) -> Application:
    """The application with these papers in it; nobody is reminded of what is there."""
    given = {name: {"state": "given", "papers": [{**each, "findings": []}]} for name, each in papers.items()}
    kept = {**application.papers, **given}
    return replace(application, papers=kept, remind_at=application.remind_at if put_off(kept) else None)
