"""补正: the platform asks for papers of a case; sent in the chat, checked, and handed on when all are there."""

from __future__ import annotations

from typing import Any

from actions.applying.taking import is_kind_of, typed_identity
from actions.progress import cases_of
from actions.services import Services
from actions.turn import Turn
from knowledge.applications import ApplicationNotFound
from knowledge.case import Case
from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.papers import Paper
from knowledge.prechecking import Facts, check
from knowledge.working_days import CHINA


class Supplementing:
    """Takes what a case still waits for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def waiting(self, turn: Turn) -> tuple[Case, list[str], str] | None:
        """The case that waits, the names of the papers it waits for, and what the platform's clerk said; None: none."""
        for case in await cases_of(self._services, turn):
            if case.state == "supplement":
                step = (await self._services.cases.history(case.reference))[-1]
                return case, list(step.materials), step.text
        return None

    async def take(self, turn: Turn, paper: Paper) -> bool:
        """Take the paper for the case that waits. False: none does."""
        waits = await self.waiting(turn)
        if waits is None:
            return False
        case, names, _ = waits
        given = (
            dict(turn.slot("supplement") or {}) if (turn.slot("supplement") or {}).get("case") == case.reference else {}
        )
        papers: dict[str, Any] = dict(given.get("papers") or {})
        still = [each for each in names if each not in papers] or names[-1:] or [case.matter_name]
        material = next(
            (each for each in still if paper.reading and is_kind_of(paper.reading, Material(each))), still[0]
        )
        findings = check(paper.reading, Material(material), await self._facts(turn, case)) if paper.reading else []
        bad = next((each for each in findings if each.severity == "bad"), None)
        if bad and given.get("refused") != paper.file_id:
            turn.remember(supplement={**given, "case": case.reference, "refused": paper.file_id})
            turn.say("utter_paper_bad", finding=bad.text)
            return True
        stored, _ = await self._services.files.get(turn.conversation, paper.file_id)
        papers[material] = {"paper": paper.id, "file": paper.file_id, "sha256": stored.sha256.hex()}
        await self._services.papers.assign(
            turn.conversation, paper.id, material, findings, self._services.clock(), case.application_id
        )
        turn.remember(supplement={"case": case.reference, "papers": papers})
        turn.say("utter_paper_good", material=material, read_out="", told="")
        missing = [each for each in names if each not in papers]
        if missing:
            turn.say("utter_supplement_waiting", name=case.matter_name, materials="、".join(missing), by="")
            return True
        await self._send(turn, case, papers)
        return True

    async def _send(self, turn: Turn, case: Case, papers: dict[str, Any]) -> None:
        """All is there: off it goes, once for each time that the platform asked."""
        step = (await self._services.cases.history(case.reference))[-1]
        materials = [{"name": name, "state": "file", "files": [each["sha256"]]} for name, each in papers.items()]
        body = {"values": {}, "materials": materials, "note": ""}
        files = [each["file"] for each in papers.values()]
        await self._services.submissions.supplement(case, body, files, self._services.clock(), key=f"{step.sequence}")
        turn.remember(supplement=None)
        turn.say("utter_supplement_sent", name=case.matter_name, reference=case.reference)

    async def _facts(self, turn: Turn, case: Case) -> Facts:
        today = self._services.clock().astimezone(CHINA).date()
        values = await self._values(case)
        applicant = typed_identity(values)
        resident = await self._services.residents.of_conversation(turn.conversation)
        if resident is None:
            return Facts(today, applicant, values=values)
        identity: Identity = await self._services.residents.identity(resident.id)
        others = (identity,) if applicant is None or identity.id_number != applicant.id_number else ()
        return Facts(today, applicant, others, values=values)

    async def _values(self, case: Case) -> dict[str, Any]:
        """What stood on the form: whose papers they are, and what they have to agree with."""
        try:
            application = await self._services.applications.find(case.application_id or "")
        except ApplicationNotFound:  # deleted at the resident's wish
            return {}
        return {key: each.value for key, each in application.values.items() if each.value is not None}
