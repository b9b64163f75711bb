"""`bangban bench papers`: photos of invented papers, read as the service reads them, against what was drawn."""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from PIL import Image

from bot.bench.papers.drawing import Drawn, draw, layouts, values_of
from bot.bench.papers.people import Inventor
from bot.bench.papers.photographing import Manner, photograph
from connectors.ocr.reader import WorkerReader
from connectors.ocr.service import FileRefused, PaperReader
from knowledge.household import Identity
from knowledge.matter import Material
from knowledge.paper import UNKNOWN, Finding, Reading, Sheet
from knowledge.paper_rules import paper_rules
from knowledge.prechecking import Facts, check

SEED = 20261127
TODAY = date(2026, 11, 27)
TURNS = (90, 180, 270)
NAMES = ("name", "head", "holder", "buyer")
NUMBERS = ("id_number", "account", "number", "credit_code", "household_number")

GOOD, TURNED = "clean, phone", "clean, phone: turned"
LIMITS = {"kind": 0.97, "name": 0.95, "number": 0.95, "seconds": 3.0}
"""What is promised of clean and phone-like photos; `seconds`: the most that 95 of 100 may take."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A photo: what was drawn, how it was photographed, and the file."""

    drawn: Drawn
    manner: Manner
    turned: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a photo."""

    shot: Shot
    reading: Reading
    findings: Sequence[Finding]
    seconds: float

    @property
    def kind_is_right(self) -> bool:
        """The kind, and the side where it has several."""
        parts = (self.shot.drawn.part,) if self.shot.drawn.part else self.reading.parts
        return (self.reading.kind, self.reading.parts) == (self.shot.drawn.kind, parts)

    def right(self, keys: Sequence[str]) -> Iterator[bool]:
        """For each of these fields that is on the paper, whether it was read as it stands there."""
        fields = self.reading.fields
        return (fields.get(key) == value for key, value in self.shot.drawn.truth.items() if key in keys)

    @property
    def is_sent_back(self) -> bool:
        """Whether the resident is told to mend something."""
        return any(each.severity == "bad" for each in self.findings)

    @property
    def is_read(self) -> bool:
        """Whether the names and numbers are all right."""
        return self.kind_is_right and all(self.right([*NAMES, *NUMBERS]))


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one manner. `honest`: read rightly or sent back; `alarms`: sent back although read rightly."""

    manner: str
    photos: int
    kind: float
    name: float
    number: float
    fields: float
    honest: float
    alarms: float
    p50: float
    p95: float


def shots(each: int, manners: Sequence[Manner], seed: int = SEED) -> Iterator[Shot]:
    """`each` photos of every paper in every manner; half of them turned. The same for the same seed."""
    for manner in manners:
        inventor, chance = Inventor(seed, TODAY), random.Random(f"{seed} {manner}")
        for at in range(each):
            for layout in layouts():
                drawn = draw(layout, values_of(inventor))
                turned = chance.choice(TURNS) if at % 2 else 0
                yield Shot(drawn, manner, turned, photograph(drawn.image, manner, chance, turned))


async def measure(each: int, manners: Sequence[Manner]) -> list[Seen]:
    """Read `each` photos of every paper in each manner. Raises FontMissing, ReaderUnavailable."""
    reader = WorkerReader(seconds=60)
    try:
        return [await read(reader, shot) for shot in shots(each, manners)]
    finally:
        await reader.close()


async def read(reader: PaperReader, shot: Shot) -> Seen:
    """Read a photo and check it for the person whose paper was drawn."""
    begun = time.perf_counter()
    try:
        reading = await reader.read(shot.content)
    except FileRefused:
        reading = Reading((Sheet(UNKNOWN),))
    seconds = time.perf_counter() - begun
    facts = Facts(TODAY, Identity(_owner(shot.drawn.truth), shot.drawn.truth.get("id_number", "")))
    slim = replace(shot, content=b"", drawn=replace(shot.drawn, image=Image.new("L", (1, 1))))
    return Seen(slim, reading, check(reading, material_of(shot.drawn), facts), seconds)


def material_of(drawn: Drawn) -> Material:
    """The material that a paper is asked for as."""
    return Material(paper_rules().kinds[drawn.kind].words[0])


def _owner(truth: Mapping[str, str]) -> str:
    return next((truth[key] for key in NAMES if key in truth), "")


def row(manner: str, seen: Sequence[Seen]) -> Row:
    """The figures of these photos."""
    seconds = sorted(each.seconds for each in seen)
    return Row(
        manner,
        len(seen),
        _share([each.kind_is_right for each in seen]),
        _share([right for each in seen for right in each.right(NAMES)]),
        _share([right for each in seen for right in each.right(NUMBERS)]),
        _share([right for each in seen for right in each.right(list(each.shot.drawn.truth))]),
        _share([each.is_read or each.is_sent_back for each in seen]),
        _share([each.is_read and each.is_sent_back for each in seen]),
        statistics.median(seconds),
        seconds[int(0.95 * (len(seconds) - 1))],
    )


def processor_seconds(photos: int) -> float:
    """Seconds of a core that the ended worker took for a photo, its start included: the same on a loaded machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) / photos


def rows_of(seen: Sequence[Seen]) -> list[Row]:
    """A row a manner; last what the limits are for: clean and phone-like, of them the turned ones, and all."""
    rows = [row(name, list(some)) for name, some in groupby(seen, key=lambda each: each.shot.manner)]
    good = [each for each in seen if each.shot.manner in ("clean", "phone")]
    turned = [each for each in good if each.shot.turned]
    return rows + [row(name, some) for name, some in ((TURNED, turned), (GOOD, good)) if some]


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the table."""
    yield (
        f"{'':<22}{'photos':>7}{'kind':>8}{'name':>8}{'number':>8}{'fields':>8}{'honest':>8}{'alarms':>8}"
        f"{'p50 s':>8}{'p95 s':>8}"
    )
    for each in rows:
        shares = (each.kind, each.name, each.number, each.fields, each.honest, each.alarms)
        figures = "".join(f"{share:>8.1%}" for share in shares)
        yield f"{each.manner:<22}{each.photos:>7}{figures}{each.p50:>8.2f}{each.p95:>8.2f}"


def verdicts(rows: Sequence[Row]) -> Iterator[str]:
    """Whether clean and phone-like photos keep what is promised."""
    good = rows[-1]
    if good.manner != GOOD:
        return
    for figure, limit in LIMITS.items():
        value = good.p95 if figure == "seconds" else getattr(good, figure)
        kept = value <= limit if figure == "seconds" else value >= limit
        yield f"{figure:<22}{value:>8.3f}   limit {limit:g}: {'kept' if kept else 'MISSED'}"


def mistakes(seen: Sequence[Seen]) -> Iterator[str]:
    """A line for each photo of which something was read wrongly. The people are invented."""
    for each in seen:
        drawn, fields = each.shot.drawn, each.reading.fields
        wrong = {key: (value, fields.get(key)) for key, value in drawn.truth.items() if fields.get(key) != value}
        if wrong or not each.kind_is_right or each.is_sent_back:
            read = f"{each.reading.kind} {'、'.join(each.reading.parts)}"
            said = [finding.text for finding in each.findings]
            yield f"{each.shot.manner} {each.shot.turned} {drawn.kind} {drawn.part} → {read}: {wrong} {said}"


def as_dict(each: Row) -> dict[str, Any]:
    """A row for `--json`."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(each).items()}


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 1.0
