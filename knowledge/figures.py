"""Figures for supervisors, as tables: how long residents wait, who answers how fast, and what comes of it.

Times are of the hand-offs that were asked for within the span. No table tells anything about a single resident.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import yaml

from knowledge import figure_facts as facts
from knowledge.case import ENDED
from knowledge.database import Database
from knowledge.figure_facts import Chat, Grievance, Mark, Promise, Proxied, Span
from knowledge.rating_rules import MARKS, is_bad, rating_rules
from knowledge.working_days import CHINA

GOAL_SECONDS = 60
"""Within which a resident who asked for a person gets the first word (design, issue 5)."""

T = TypeVar("T")
Row = dict[str, Any]
Names = Mapping[Any, str]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit`: s (seconds), % (0 to 100), or "" for a count or a name."""

    key: str
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. A row has a value for each column; None: nothing to tell."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one span's tables are made of."""

    chats: Sequence[Chat]
    marks: Sequence[Mark]
    promises: Sequence[Promise]
    proxied: Sequence[Proxied]
    grievances: Sequence[Grievance]
    offices: Names
    staff: Names
    matters: Names


class Figures:
    """The figures of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tables(self, span: Span, now: datetime) -> list[Table]:
        """All tables of a span. `now` tells what is late. Raises DatabaseUnavailable."""
        known = await self.facts(span)
        words = _words()
        return [
            _chats("summary", known, lambda _: "", {"": words["all"]}),
            _chats("by_day", known, _day, {}, marks=False),
            _chats("by_office", known, lambda each: each.office, known.offices),
            _by_agent(known),
            _chats("by_matter", known, lambda each: each.matter, known.matters),
            _table("callbacks", known.offices, _grouped(known.promises, lambda each: each.office), _promised(now)),
            _table("proxies", {}, _grouped(known.proxied, lambda each: each.clerk), _proxied(now)),
            _table("complaints", known.offices, _grouped(known.grievances, lambda each: each.office), _aggrieved(now)),
            _reasons(known.marks),
        ]

    async def facts(self, span: Span) -> Facts:
        """What the tables are made of."""
        async with self._database.reading() as session:
            chats, marks = await facts.chats(session, span), await facts.marks(session, span)
            codes = {each.matter for each in chats} | {each.matter for each in marks}
            return Facts(
                chats,
                marks,
                await facts.promises(session, span),
                await facts.proxied(session, span),
                await facts.grievances(session, span),
                await facts.office_names(session),
                await facts.staff_names(session),
                await facts.matter_names(session, [code for code in codes if code]),
            )


def waiting_of(chats: Sequence[Chat]) -> Row:
    """How long those who asked for a person waited, and what came of it."""
    replies = [each.first_reply for each in chats if each.first_reply is not None]
    waits = [each.wait for each in chats if each.wait is not None]
    handled = [each.handling for each in chats if each.handling is not None]
    happened = sum((each.events for each in chats), Counter[tuple[str, int | None]]())
    return {
        "asked": len(chats),
        "answered": len(waits),
        "left": sum(each.was_left for each in chats),
        "wait": _median(waits),
        "wait_p90": percentile(waits, 90),
        "first_reply": _median(replies),
        "in_goal": _share(sum(reply <= GOAL_SECONDS for reply in replies), len(waits)),
        "handling": _median(handled),
        "returned": _times(happened, "returned", "given_back"),
        "tier_ups": _times(happened, "tier_up"),
        "passed": _times(happened, "passed"),
    }


def rated_of(marks: Sequence[Mark]) -> Row:
    """How those who rated were content."""
    given = [each.mark for each in marks if each.mark is not None]
    counts = Counter(given)
    return {
        "rated": len(given),
        **{f"mark{mark}": counts[mark] for mark in MARKS},
        "declined": sum(each.state == "declined" for each in marks),
        "satisfied": _share(sum(not is_bad(mark) for mark in given), len(given)),
    }


def percentile(values: Sequence[float], share: int) -> float | None:
    """The smallest value that so many per cent of them don't exceed."""
    return sorted(values)[max(0, ceil(len(values) * share / 100) - 1)] if values else None


def _chats(name: str, known: Facts, by: Callable[[Any], Hashable], names: Names, *, marks: bool = True) -> Table:
    chats = _grouped(known.chats, by)
    if name == "summary":
        chats.setdefault("", [])  # nothing happened: that is told too
    rated: dict[Hashable, list[Mark]] = _grouped(known.marks, by) if marks else {}
    groups = {key: (chats.get(key, []), rated.get(key, [])) for key in {**chats, **rated}}
    return _table(name, names, groups, lambda both: waiting_of(both[0]) | (rated_of(both[1]) if marks else {}))


def _by_agent(known: Facts) -> Table:
    """A chat is its last agent's; what somebody gave back is counted for who gave it back."""
    chats, rated = _grouped(known.chats, lambda each: each.staff), _grouped(known.marks, lambda each: each.staff)
    happened = sum((each.events for each in known.chats), Counter[tuple[str, int | None]]())
    theirs: dict[Hashable, Row] = {}
    everybody: set[Any] = {*chats, *rated, *(by for _, by in happened)} - {None}
    for staff in everybody:
        row = waiting_of(chats.get(staff, [])) | rated_of(rated.get(staff, []))
        row["returned"] = happened["returned", staff] + happened["given_back", staff]
        row["passed"] = happened["passed", staff]
        theirs[staff] = {key: value for key, value in row.items() if key not in ("left", "tier_ups")}
    return _table("by_agent", known.staff, theirs, lambda row: row)


def _promised(now: datetime) -> Callable[[Sequence[Promise]], Row]:
    def row(promises: Sequence[Promise]) -> Row:
        counts = Counter(each.status for each in promises)
        kept = [each for each in promises if each.status == "kept"]
        late = [each for each in promises if (each.ended_at or now) > each.promised_by and each.status != "dropped"]
        return {
            "promised": len(promises),
            "kept": counts["kept"],
            "in_time": sum(each not in late for each in kept),
            "missed": counts["missed"],
            "dropped": counts["dropped"],
            "open": counts["open"],
            "late": len(late),
        }

    return row


def _proxied(now: datetime) -> Callable[[Sequence[Proxied]], Row]:
    def row(cases: Sequence[Proxied]) -> Row:
        counts = Counter(each.state for each in cases)
        running = [each for each in cases if each.state not in ENDED]
        return {
            "cases": len(cases),
            **{state: counts[state] for state in ("approved", "refused", "withdrawn")},
            "running": len(running),
            "overdue": sum(each.due_at is not None and each.due_at <= now for each in running),
        }

    return row


def _aggrieved(now: datetime) -> Callable[[Sequence[Grievance]], Row]:
    def row(complaints: Sequence[Grievance]) -> Row:
        handled = [each for each in complaints if each.state == "handled"]
        late = [each for each in complaints if (each.handled_at or now) > each.due_at]
        return {"opened": len(complaints), "handled": len(handled), "overdue": len(late)}

    return row


def _reasons(marks: Sequence[Mark]) -> Table:
    rules = rating_rules()
    given = _grouped([each for each in marks if each.reason], lambda each: each.reason)
    return _table("reasons", {**rules.good, **rules.bad}, given, lambda same: {"times": len(same)})


def _table(name: str, names: Names, groups: Mapping[Hashable, T], row: Callable[[T], Row]) -> Table:
    """Rows by the name of what they are grouped by; what is not written down stands last."""
    words = _words()
    ordered = sorted(groups, key=lambda key: (key is None, str(names.get(key, key))))
    rows = tuple(
        {"name": words["nothing"] if key is None else names.get(key, key), **row(groups[key])} for key in ordered
    )
    keys = list(rows[0])[1:] if rows else []
    labels = [Column(key, words["columns"][key]["label"], words["columns"][key].get("unit", "")) for key in keys]
    return Table(name, words["titles"][name], (Column("name", words["first"][name]), *labels), rows)


def _grouped(things: Iterable[T], by: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for each in things:
        groups[by(each)].append(each)
    return dict(groups)


def _day(chat: Chat) -> str:
    return chat.entered_at.astimezone(CHINA).date().isoformat()


def _times(happened: Counter[tuple[str, int | None]], *what: str) -> int:
    return sum(count for (each, _), count in happened.items() if each in what)


def _median(values: Sequence[float]) -> float | None:
    return round(median(values), 1) if values else None


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.load(Path(__file__).with_suffix(".yml").read_text("utf-8"), yaml.CSafeLoader)
    return words
