"""A form that was left on another channel is taken up here: its answers come along, and its papers too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from actions.applying.draft import Draft
from actions.services import Services
from knowledge.application import Application
from knowledge.files import FileMissing
from knowledge.forms.value import RESIDENT
from knowledge.papers import PaperMissing


class TakingUp:
    """Takes what a resident did for the same matter in other conversations, and did not hand in."""

    def __init__(self, services: Services) -> None:
        self._applications = services.applications
        self._papers, self._files = services.papers, services.files
        self._clock = services.clock

    async def take(self, draft: Draft, earlier: Sequence[Application]) -> bool:
        """Answers and papers, the newest of each; the forms that were left end. Whether anything came.

        `earlier`: the resident's applications, the newest first.
        """
        mine = draft.application
        same = [each for each in earlier if each.state == "draft" and each.id != mine.id and is_same(each, mine)]
        for each in same:
            draft.take_over({key: value for key, value in _answers(each).items() if key not in draft.values})
            if each.papers and draft.note("papers_of") in (None, _whose(each)):
                await self._take_papers(draft, each)
            await self._applications.save(replace(each, state="abandoned", remind_at=None), self._clock())
        return any(each.papers or _answers(each) for each in same)

    async def _take_papers(self, draft: Draft, left: Application) -> None:
        """Photos are copied: a conversation's files go when it goes."""
        partly, came = set(left.notes.get("partly") or ()), set()
        for material, kept in left.papers.items():
            if material in draft.application.papers:
                continue
            entries = [copied for each in kept.get("papers", ()) if (copied := await self._copied(draft, left, each))]
            if entries or not kept.get("papers"):
                draft.put_paper(material, {**kept, "papers": entries} if entries else kept)
                came.add(material)
        draft.remember(partly=sorted({*(draft.note("partly") or ()), *(partly & came)}) or None)
        draft.remember(papers_of=_whose(left))
        if readings := left.notes.get("readings"):
            draft.remember(readings={**readings, **(draft.note("readings") or {})})

    async def _copied(self, draft: Draft, left: Application, entry: Mapping[str, Any]) -> dict[str, Any] | None:
        """The photo as one of this conversation; None: it is over its time and gone."""
        to, at = draft.application, self._clock()
        try:
            paper = await self._papers.find(left.conversation_id, entry["paper"])
            file, content = await self._files.content(entry["file"])
        except (PaperMissing, FileMissing):
            return None
        stored = await self._files.put(to.conversation_id, file.name, file.media_type, content, at)
        copied = await self._papers.put(
            to.conversation_id, stored.id, paper.material, paper.reading, paper.findings, at, to.id
        )
        return {**entry, "paper": copied.id, "file": stored.id}


def part_with(draft: Draft) -> None:
    """It turns out to be for another person than the form that was taken up: those papers are not theirs."""
    whose, applicant = draft.note("papers_of"), draft.note("applicant")
    if whose and applicant and whose != applicant:
        for material in draft.application.papers:
            draft.put_paper(material, None)
        draft.remember(papers_of=None, partly=None, readings=None)


def _whose(left: Application) -> str:
    return left.notes.get("applicant") or ""


def _answers(left: Application) -> dict[str, Any]:
    return {key: value for key, value in left.values.items() if value.source == RESIDENT}


def is_same(one: Application, other: Application) -> bool:
    """Whether both are for the same matter or bundle."""
    return (one.matter_code, one.bundle) == (other.matter_code, other.bundle)
