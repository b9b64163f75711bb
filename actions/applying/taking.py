"""A photo that came: for which paper it is, what is wrong with it, and whether it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from actions.applying.draft import Draft
from actions.applying.needed import needed
from actions.services import Services
from actions.turn import Turn
from actions.words import read
from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.paper import UNKNOWN, Finding, Reading
from knowledge.paper_rules import paper_rules
from knowledge.papers import Paper
from knowledge.prechecking import Facts, Given, check, check_together
from nlu.text import mask_personal

INCOMPLETE = frozenset({"part_missing", "own_page_missing", "too_few"})
"""Findings by which a paper counts, and another photo of it is still wanted."""


class Taking:
    """Takes photos into an application."""

    def __init__(self, services: Services) -> None:
        self._papers, self._files = services.papers, services.files
        self._clock = services.clock

    async def take(self, turn: Turn, draft: Draft, paper_id: str) -> None:
        """Check the photo; keep it if it is good, else say what is wrong and how to mend it."""
        paper = await self._papers.find(turn.conversation, paper_id)
        if any(each["file"] == paper.file_id for each in given_papers(draft)):
            turn.say("utter_paper_again")
            return
        material = _material(draft, paper)
        if material is None:
            turn.say("utter_paper_for_nothing")
            return
        if paper.reading is None:  # nobody could look at it here: a clerk will
            await self._keep(draft, material, paper, ())
            turn.say("utter_paper_unread", material=material.name)
            return
        findings = check(paper.reading, material, facts_of(draft))
        bad = next((each for each in findings if each.severity == "bad"), None)
        if bad:
            draft.remember(bad_paper={"paper": paper_id, "material": material.name})
            turn.say("utter_paper_bad", finding=bad.text)
            return
        still = await self._keep(draft, material, paper, findings)
        told = "".join(each.text for each in [*findings, *still])
        turn.say("utter_paper_good", material=material.name, read_out=_read_out(paper), told=told)

    async def keep_anyway(self, turn: Turn, draft: Draft) -> None:
        """The resident has no better one: it counts, marked for a person to judge."""
        bad: dict[str, Any] = draft.note("bad_paper")
        paper = await self._papers.find(turn.conversation, bad["paper"])
        material = next((each for each in materials_of(draft) if each.name == bad["material"]), None)
        if material is None:
            return
        findings = check(paper.reading, material, facts_of(draft)) if paper.reading else []
        await self._keep(draft, material, paper, findings)
        draft.remember(partly=[each for each in draft.note("partly") or () if each != material.name])
        turn.say("utter_paper_kept_anyway", material=material.name)

    async def _keep(self, draft: Draft, material: Material, paper: Paper, findings: Sequence[Finding]) -> list[Finding]:
        """Let the photo count; what of that paper is still missing (the other side)."""
        conversation, application = paper.conversation_id, draft.application.id
        await self._papers.assign(conversation, paper.id, material.name, findings, self._clock(), application)
        given = [each for each in await self._papers.of_application(application) if each.material == material.name]
        draft.put_paper(material.name, {"state": "given", "papers": [await self._entry(each) for each in given]})
        read = [Given(material.name, each.file_id, each.reading) for each in given if each.reading]
        still = [each for each in check_together(read, [material], facts_of(draft)) if each.defect in INCOMPLETE]
        partly = {each for each in draft.note("partly") or () if each != material.name}
        if paper.reading and paper.reading.kind != UNKNOWN:
            seen = {**(draft.note("readings") or {}), paper.reading.kind: dict(paper.reading.fields)}
            draft.remember(readings=seen)  # what stands on it may fill the form
        draft.remember(bad_paper=None, partly=sorted(partly | ({material.name} if still else set())))
        return still

    async def _entry(self, paper: Paper) -> dict[str, Any]:
        stored = await self._files.find(paper.file_id)
        found = [{"defect": each.defect, "severity": each.severity, "text": each.text} for each in paper.findings]
        return {"paper": paper.id, "file": paper.file_id, "sha256": stored.sha256.hex(), "findings": found}


def given_papers(draft: Draft) -> list[dict[str, Any]]:
    """The photos that go with it: paper, file, SHA-256 and findings of each."""
    return [each for kept in draft.application.papers.values() for each in kept.get("papers", ())]


def facts_of(draft: Draft) -> Facts:
    """What a paper of this application has to agree with."""
    applicant, identity, values = draft.applicant, draft.identity, draft.plain_values
    holder = Identity(applicant.name, applicant.id_number) if applicant else identity or typed_identity(values)
    others = tuple(each for each in (identity,) if each and holder and each.id_number != holder.id_number)
    return Facts(draft.today, holder, others, draft.household, values)


def typed_identity(values: Mapping[str, Any]) -> Identity | None:
    """Whom the form names as the one who applies, by its plain values."""
    keys = read("applying")["identity_keys"]
    name = next((values[key] for key in keys["name"] if key in values), None)
    number = next((values[key] for key in keys["id_number"] if key in values), None)
    return Identity(name, number) if name and number else None


def materials_of(draft: Draft) -> list[Material]:
    """All papers of the matters."""
    return [material for matter in draft.matters for material in matter.materials]


def is_kind_of(reading: Reading, material: Material) -> bool:
    """Whether a photo shows what that material may be."""
    return reading.kind in paper_rules().kinds_for(material)


def _material(draft: Draft, paper: Paper) -> Material | None:
    """The paper that was asked for, if the photo may be that; else another one that it is; None: nothing is needed."""
    wanted = [each.material for each in needed(draft)] or [each for each in materials_of(draft) if _is(paper, each)]
    if not wanted:
        return None
    reading = paper.reading
    if reading is None or reading.kind == UNKNOWN:
        return wanted[0]
    return next((each for each in wanted if is_kind_of(reading, each)), wanted[0])


def _is(paper: Paper, material: Material) -> bool:
    return paper.reading is not None and is_kind_of(paper.reading, material)


def _read_out(paper: Paper) -> str:
    """What was read, so that the resident notices a mistake: 姓名王桂英，号码430423********1067。"""
    assert paper.reading is not None
    labels: dict[str, str] = read("applying")["read_out"]
    fields = paper.reading.fields
    found = [f"{label}{_spoken(fields[key])}" for key, label in labels.items() if fields.get(key)]
    return f"（{'，'.join(found)}）" if found else ""


def _spoken(value: str) -> str:
    """A value that was read, as it is said: numbers masked, 2035-03-02 as 2035年3月2日."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return mask_personal(value)
    return f"{day.year}年{day.month}月{day.day}日"
