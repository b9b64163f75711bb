"""What goes with a hand-off: what the resident wants, how far it came, what the bot tried. Nothing is asked for it."""

from __future__ import annotations

from typing import Any

from actions.services import Services
from actions.turn import Turn
from knowledge.application import Application
from knowledge.conversations import Conversations, Line
from knowledge.matter import Matter
from knowledge.papers import Paper

LAST_LINES = 12
LONGEST_LINE = 300


class Packets:
    """Makes packets. What they name (application, papers) is looked up there when it is shown: it goes on changing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._conversations = Conversations(services.database)

    async def of(self, turn: Turn, reason: str, matter: Matter | None) -> dict[str, Any]:
        """The packet as JSON has it."""
        lines = await self._conversations.transcript(turn.conversation, LAST_LINES)
        application = await self._services.applications.latest(turn.conversation, ("draft", "submitted"))
        papers = await self._services.papers.of_conversation(turn.conversation)
        return {
            "reason": reason,
            "wants": turn.said or turn.text,
            "region": turn.region,
            "elder": turn.elder,
            "language": turn.slot("language") or "",
            "before": _before(turn.slot("after_person")),
            "matter": {"code": matter.code, "name": matter.name, "version": matter.version} if matter else None,
            "said": [_line(line) for line in lines],
            "known": dict(turn.slot("said") or {}),
            "application": _application(application) if application else None,
            "papers": [_paper(paper) for paper in papers if paper.replaced_by is None],
            "tried": {
                "misunderstood": int(turn.slot("misunderstood") or 0),
                "offered": [choice.label for choice in turn.offered],
                "part": turn.slot("part"),
            },
        }


def _before(after: Any) -> dict[str, str] | None:
    """What the person before did, for the next one: nobody has to tell their story twice."""
    return {name: str(after.get(name) or "") for name in ("outcome", "summary")} if after else None


def _line(line: Line) -> dict[str, Any]:
    return {"from": line.sender, "text": line.text[:LONGEST_LINE], "at": line.sent_at.isoformat()}


def _application(application: Application) -> dict[str, Any]:
    filled = sum(1 for value in application.values.values() if value.value not in (None, ""))
    shown = ("id", "matter_code", "bundle", "step", "state")
    return {name: getattr(application, name) for name in shown} | {"filled": filled}


def _paper(paper: Paper) -> dict[str, Any]:
    findings = [finding.text for finding in paper.findings]
    return {"id": paper.id, "material": paper.material, "verdict": paper.verdict, "findings": findings}
