"""What supervisors see and do after the chats: figures, complaints, records; as the desk's routes are given it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.reaching import Push
from connectors.message import Reply
from knowledge.catalogue import Catalogue
from knowledge.complaints import Complaint, Complaints
from knowledge.database import Database
from knowledge.division import division_code
from knowledge.evidence import Evidence, packed
from knowledge.figure_facts import Span, staff_names
from knowledge.figures import Figures, Table
from knowledge.working_days import CHINA

DAYS = 30
"""How far back the figures go when nobody says since when."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FiguresDesk:
    """`/desk/api/figures`."""

    def __init__(self, figures: Figures, clock: Callable[[], datetime]) -> None:
        self._figures = figures
        self._clock = clock

    async def tables(self, since: date | None, until: date | None, region: str) -> dict[str, Any]:
        """All tables of the days from `since` to `until`, both included, in China."""
        first, last = self._days(since, until)
        tables = await self._tables(first, last, region)
        return {"since": first, "until": last, "region": region, "tables": [asdict(table) for table in tables]}

    async def csv(self, name: str, since: date | None, until: date | None, region: str) -> str | None:
        """One table as CSV with a heading, for a spreadsheet; None: there is none of that name."""
        tables = await self._tables(*self._days(since, until), region)
        return next((as_csv(table) for table in tables if table.name == name), None)

    async def _tables(self, first: date, last: date, region: str) -> list[Table]:
        start, end = (datetime.combine(day, time(), CHINA) for day in (first, last + timedelta(days=1)))
        return await self._figures.tables(Span(start, end, division_code(region)), self._clock())

    def _days(self, since: date | None, until: date | None) -> tuple[date, date]:
        last = until or self._clock().astimezone(CHINA).date()
        return since or last - timedelta(days=DAYS - 1), last


class ComplaintsDesk:
    """`/desk/api/complaints`. `push` tells a resident what became of theirs."""

    def __init__(
        self,
        database: Database,
        complaints: Complaints,
        catalogue: Catalogue,
        says: Callable[[str], Reply],
        push: Push,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._complaints = complaints
        self._catalogue = catalogue
        self._says = says
        self._push = push
        self._clock = clock

    async def listed(self, state: str, sees: Callable[[str], bool]) -> list[dict[str, Any]]:
        """Those in that state, the most urgent first, of the divisions that one may see."""
        found = [each for each in await self._complaints.listed(state) if sees(each.region_code)]
        offices = {office.code: office.name for office in await self._catalogue.offices()}
        codes = {each.matter_code for each in found if each.matter_code}
        matters = {matter.code: matter.name for matter in await self._catalogue.matters(sorted(codes))}
        async with self._database.reading() as session:
            staff = await staff_names(session)
        return [self._shown(each, offices, matters, staff) for each in found]

    async def handle(self, reference: str, staff: int, outcome: str, sees: Callable[[str], bool]) -> bool:
        """Close it and tell the resident; False: one may not see it. Raises ComplaintNotOpen."""
        async with self._database.transaction():
            if not sees((await self._complaints.find(reference)).region_code):
                return False
            handled = await self._complaints.handle(reference, staff, outcome, self._clock())
            if handled.conversation_id is not None:
                said = self._says("utter_complaint_handled").text.format(reference=reference, outcome=outcome)
                await self._push(handled.conversation_id, "system", Reply(said, "notice"))
        return True

    def _shown(
        self, complaint: Complaint, offices: dict[str, str], matters: dict[str, str], staff: dict[int, str]
    ) -> dict[str, Any]:
        told = asdict(complaint)
        shown = ("reference", "kind", "subject", "mark", "reason", "state", "opened_at", "due_at", "outcome")
        return {name: told[name] for name in shown} | {
            "reason_words": self._complaints.reason_words(complaint),
            "conversation": complaint.conversation_id,
            "agent": staff.get(complaint.staff_id) if complaint.staff_id else None,
            "office": offices.get(complaint.office_code or ""),
            "matter": matters.get(complaint.matter_code or "", complaint.matter_code),
            "late": complaint.state == "open" and complaint.due_at <= self._clock(),
        }


class RecordsDesk:
    """`/desk/api/records`."""

    def __init__(self, evidence: Evidence, clock: Callable[[], datetime]) -> None:
        self._evidence = evidence
        self._clock = clock

    async def export(
        self, of: str, by: str, reason: str, *, whole: bool, full: bool, sees: Callable[[str], bool]
    ) -> bytes | None:
        """The record as a zip; None: it is of a division that one may not see. Raises SubjectUnknown."""
        if not all(sees(region) for region in await self._evidence.regions(of, whole=whole)):
            return None
        return await packed(await self._evidence.export(of, by, reason, self._clock(), whole=whole, full=full))


def as_csv(table: Table) -> str:
    """The table with its heading. What a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([f"{each.label}({each.unit})" if each.unit else each.label for each in table.columns])
    writer.writerows([[_cell(row[each.key]) for each in table.columns] for row in table.rows])
    return written.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
