"""What comes after the talk, put together: what supervisors see, and the task that records, asks and counts."""

from __future__ import annotations

from dataclasses import dataclass

from actions import Services
from bot.after import AfterWorker
from bot.after_desk import ComplaintsDesk, FiguresDesk, RecordsDesk
from bot.asking import RatingAsker
from bot.desk_metrics import DeskMetrics
from bot.foundation import Foundation
from bot.people import People
from bot.reminding import Reminding
from bot.talk import Talk
from knowledge.evidence import Evidence
from knowledge.figures import Figures
from knowledge.records import Records


@dataclass(frozen=True, slots=True)
class After:
    """The desk's parts, and the task."""

    figures: FiguresDesk
    complaints: ComplaintsDesk
    records: RecordsDesk
    worker: AfterWorker

    @classmethod
    def of(cls, base: Foundation, services: Services, people: People, talk: Talk) -> After:
        """Over the running parts."""
        database, catalogue, clock = base.database, base.catalogue, base.clock
        says, push = talk.engine.says, talk.assistant.push
        figures, records = Figures(database), Records(database, base.keyring)
        asker = RatingAsker(database, services.ratings, catalogue, says, push, clock)
        counted = DeskMetrics(base.metrics.registry, figures, people.handoffs, people.agents, clock)
        return cls(
            FiguresDesk(figures, clock),
            ComplaintsDesk(database, services.ratings.complaints, catalogue, says, push, clock),
            RecordsDesk(Evidence(database, base.keyring), clock),
            AfterWorker(records, asker, Reminding(services, push, clock), counted, clock),
        )
