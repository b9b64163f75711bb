"""On any day exactly one version of a published matter is in force."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue
from knowledge.importing import import_file
from knowledge.matter import MatterNotFound
from knowledge.publishing import NothingToPublish, Span, publish
from tests.conftest import fresh_place

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 30).map(lambda days: FIRST + timedelta(days))


@given(starts=st.lists(DAYS, min_size=1), day=DAYS)
def test_spans_cut_by_their_successors_never_overlap(starts: list[date], day: date) -> None:
    spans: list[Span] = []
    for start in starts:
        spans = [*(span.cut(start) for span in spans), Span(start, None)]
    in_force = [span for span in spans if span.start <= day and (span.end is None or day < span.end)]
    assert len(in_force) == (day >= min(starts))


@settings(max_examples=12, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.none() | DAYS), min_size=1, max_size=5))
async def test_on_any_day_exactly_one_version_of_a_published_code_is_in_force(
    steps: list[tuple[int, date | None]],
) -> None:
    with TemporaryDirectory() as folder:
        async with fresh_place("sqlite", Path(folder)) as place:
            database = place.open()
            today, file = FIRST, Path(folder) / "in.json"
            file.write_text('[{"code": "M1", "name": "第 0 版", "effective_from": "2026-01-01"}]', "utf-8")
            await import_file(database, file)
            for number, (later, begins) in enumerate(steps, 1):
                today += timedelta(later)
                record = {"code": "M1", "name": f"第 {number} 版", "effective_from": begins and begins.isoformat()}
                file.write_text(json.dumps([record]), "utf-8")
                await import_file(database, file)
                await publish(database, on=today)
            catalogue = Catalogue(database)
            versions = [(await catalogue.matter("M1", on=FIRST + timedelta(days))).version for days in range(45)]
            assert set(versions) <= set(range(1, len(steps) + 2)) and versions[-1] == len(steps) + 1
            await database.close()


async def test_a_retired_matter_is_in_force_until_the_day_before() -> None:
    with TemporaryDirectory() as folder:
        async with fresh_place("sqlite", Path(folder)) as place:
            database = place.open()
            both, one = Path(folder) / "both.json", Path(folder) / "one.json"
            both.write_text('[{"code": "M1", "name": "一"}, {"code": "M2", "name": "二"}]', "utf-8")
            one.write_text('[{"code": "M1", "name": "一"}]', "utf-8")
            await import_file(database, both)
            await import_file(database, one, replace=True)
            last = date.today() + timedelta(days=30)
            await publish(database, on=last)
            catalogue = Catalogue(database)
            assert (await catalogue.matter("M2", on=last - timedelta(days=1))).name == "二"
            assert await catalogue.matters(["M2"], on=last) == []
            await database.close()


async def test_publishing_nothing_is_refused_and_adds_no_release() -> None:
    with TemporaryDirectory() as folder:
        async with fresh_place("sqlite", Path(folder)) as place:
            database = place.open()
            with pytest.raises(NothingToPublish):
                await publish(database)
            assert await Catalogue(database).current_release() == 0
            with pytest.raises(MatterNotFound, match="M1"):
                await Catalogue(database).matter("M1")
            await database.close()
