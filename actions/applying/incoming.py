"""A photo or a PDF that comes while no form is open: for a case that waits for it, for a form, or for what?"""

from __future__ import annotations

from actions.applying.drafts import Drafts
from actions.applying.form import FORM
from actions.applying.supplementing import Supplementing
from actions.choices import person, starters
from actions.services import Services
from actions.turn import Capability, Turn


class TakePaper(Capability):
    """Finds what the photo is for."""

    label = "action_take_paper"

    def __init__(self, services: Services) -> None:
        self._drafts = Drafts(services)
        self._papers = services.papers
        self._supplementing = Supplementing(services)

    async def answer(self, turn: Turn) -> None:
        """The supplement of a case goes first, then the form that was left."""
        paper = await self._papers.find(turn.conversation, turn.argument or "")
        if await self._supplementing.take(turn, paper):
            return
        draft = await self._drafts.open_one(turn) or await self._drafts.latest(turn)
        if draft:
            turn.say("utter_application_again", name=draft.name)
            turn.open_form(FORM)
        else:
            kind = paper.reading.kind if paper.reading and paper.reading.kind != "unknown" else ""
            turn.say("utter_paper_without_matter", [*starters(), person()], told=f"（{kind}）" if kind else "")
