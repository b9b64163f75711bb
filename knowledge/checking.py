"""From the rows of a file to matters, with everything that is wrong said at once and by its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.formats import read_rows
from knowledge.formats.row import Row
from knowledge.matter import Matter, Problem
from knowledge.national import translated
from knowledge.record import BadRecord, completed, matter_of
from knowledge.validation import problems_of

STARTER = Path(__file__).with_name("starter")


class BadRows(Exception):
    """Rows were refused, and so the whole file; `problems` are all of them, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = [problem for problem in problems if problem.level == "error"]
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Checked:
    """The matters of a file, and what is wrong with it. A matter with an error is not among them."""

    matters: list[Matter] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def sound(self) -> list[Matter]:
        """All matters. Raises BadRows when a row is in error."""
        if any(problem.level == "error" for problem in self.problems):
            raise BadRows(self.problems)
        return self.matters

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.level == "warning"]


def validate_file(path: Path | str) -> list[Problem]:
    """Everything that is wrong with a file, with a folder of matters, or with the `starter`. Raises BrokenFile."""
    return check(read_rows(STARTER if str(path) == "starter" else Path(path))).problems


def check(rows: Iterable[Row], former: Mapping[tuple[str, str], Matter] | None = None) -> Checked:
    """Read and hold to the rules. A row of a table is completed from the `former` matter of its key."""
    checked = Checked()
    places: dict[tuple[str, str], str] = {}
    unknown: dict[str, str] = {}
    for row in rows:
        record, headings = translated(row.values)
        unknown |= {heading: row.place for heading in headings if heading not in unknown and not row.refused}
        _check_row(row, record, former or {}, places, checked)
    checked.problems += [
        Problem(place, f"不认识“{heading}”这一项,没有存", "warning") for heading, place in unknown.items()
    ]
    return checked


def _check_row(
    row: Row,
    record: Mapping[str, object],
    former: Mapping[tuple[str, str], Matter],
    places: dict[tuple[str, str], str],
    checked: Checked,
) -> None:
    try:
        matter = _matter(row, record, former)
    except BadRecord as error:
        checked.problems += [Problem(row.place, reason) for reason in error.reasons]
        return
    problems = problems_of(matter, row.place)
    if matter.key in places:
        problems.append(Problem(row.place, f"事项编码 {matter.code} 与{places[matter.key]}重复"))
    places.setdefault(matter.key, row.place)
    checked.problems += problems
    if not any(problem.level == "error" for problem in problems):
        checked.matters.append(matter)


def _matter(row: Row, record: Mapping[str, object], former: Mapping[tuple[str, str], Matter]) -> Matter:
    if row.refused:
        raise BadRecord([row.refused])
    matter = matter_of(record)
    known = former.get(matter.key)
    return completed(matter, record.keys(), known) if known and row.partial else matter
