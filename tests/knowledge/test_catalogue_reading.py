"""The conversation's view: the nearest region, the day's version, and as few statements as can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from knowledge.catalogue import Catalogue, RegionNotFound, SituationNotFound
from knowledge.database import Database
from knowledge.formats import write_records
from knowledge.importing import import_file
from knowledge.matter import MatterNotFound
from knowledge.publishing import publish
from knowledge.starter import ensure_catalogue

VILLAGE, TOWN, COUNTY = "430423101218", "430423101000", "430423"


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(database.reading_engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.reading_engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture
async def regional(database: Database, tmp_path: Path) -> Catalogue:
    records = [
        {"code": "M1", "name": "全国的"},
        {"code": "M1", "name": "湖南的", "region": "43"},
        {"code": "M1", "name": "衡山的", "region": "430423"},
        {"code": "M2", "name": "只有衡山有", "region": "430423"},
    ]
    write_records(tmp_path / "in.json", records)
    await import_file(database, tmp_path / "in.json")
    return Catalogue(database)


async def test_the_row_of_the_nearest_region_up_the_tree_wins(regional: Catalogue) -> None:
    assert (await regional.matter("M1", VILLAGE)).name == "衡山的"
    assert (await regional.matter("M1", "430406")).name == "湖南的"
    assert (await regional.matter("M1", "51")).name == "全国的"
    with pytest.raises(MatterNotFound):
        await regional.matter("M2", "51")


async def test_the_places_of_a_name_are_those_where_a_matter_in_force_has_it(
    regional: Catalogue, database: Database, tmp_path: Path
) -> None:
    shared = [{"code": f"N{number}", "name": "同名的", "region": region} for number, region in ((2, "51"), (1, "43"))]
    ended = {
        "code": "N3",
        "name": "同名的",
        "region": "44",
        "effective_from": "2020-01-01",
        "effective_until": "2021-01-01",
    }
    write_records(tmp_path / "more.json", [*shared, ended])
    await import_file(database, tmp_path / "more.json")
    assert await regional.places_of("同名的") == [], "drafts are not in force"
    await publish(database)
    assert await regional.places_of("同名的") == [("N1", "430000000000"), ("N2", "510000000000")]
    assert await regional.places_of("衡山的") == [("M1", "430423000000")]


async def test_a_region_that_is_not_known_gets_the_widest(regional: Catalogue) -> None:
    assert (await regional.matter("M1")).name == "全国的"
    assert (await regional.matter("M2")).name == "只有衡山有"


async def test_several_matters_come_in_the_order_asked_for(regional: Catalogue) -> None:
    found = await regional.matters(["M2", "M0", "M1"], VILLAGE)
    assert [matter.code for matter in found] == ["M2", "M1"]


async def test_every_region_s_row_is_indexed(regional: Catalogue) -> None:
    entries = [entry async for entry in regional.entries()]
    assert [(entry.code, entry.region[:6]) for entry in entries] == [
        ("M1", "000000"),
        ("M1", "430000"),
        ("M1", "430423"),
        ("M2", "430423"),
    ]


async def test_a_guide_read_again_costs_one_statement_or_none(database: Database) -> None:
    release = await ensure_catalogue(database)
    catalogue = Catalogue(database)
    await catalogue.matter("M123", VILLAGE)
    await catalogue.standards("M005", VILLAGE)
    with statements(database) as seen:
        await catalogue.matter("M123", VILLAGE)
        assert len(seen) == 1
        await catalogue.matter("M123", VILLAGE, release=release)
        await catalogue.standards("M005", VILLAGE, release=release)
        await catalogue.office_for(VILLAGE, release=release)
        assert len(seen) == 1


async def test_a_new_release_is_seen_at_once_by_another_process(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    here, there = Catalogue(database), Catalogue(second_database)
    for name in ("旧名", "新名"):
        write_records(tmp_path / "in.json", [{"code": "M1", "name": name}])
        report = await import_file(database, tmp_path / "in.json")
        if report.release is None:
            await publish(database)
        assert (await there.matter("M1")).name == (await here.matter("M1")).name == name


async def test_standards_and_offices_are_those_of_the_nearest_region(database: Database) -> None:
    await ensure_catalogue(database)
    catalogue = Catalogue(database)
    amounts = {s.subject: s.amount for s in await catalogue.standards("M005", VILLAGE, on=date(2026, 6, 1))}
    assert amounts["90–99岁"] == Decimal(100) and amounts["80–89岁"] is None
    village, town = await catalogue.office_for(VILLAGE), await catalogue.office_for(VILLAGE, "镇")
    assert village and village.region == VILLAGE and village.hours["mon-fri"]
    assert town and town.region == TOWN
    assert await catalogue.office_for(None) is None


async def test_situations_and_regions_are_found_by_code(database: Database) -> None:
    await ensure_catalogue(database)
    catalogue = Catalogue(database)
    assert (await catalogue.situation("S01")).options[0].matter == "M123"
    assert (await catalogue.region(COUNTY)).name == "衡山县"
    with pytest.raises(SituationNotFound):
        await catalogue.situation("S99")
    with pytest.raises(RegionNotFound):
        await catalogue.region("11")
