"""The starter catalogue is sound, and a fresh database gets it once, however many processes start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from knowledge.checking import STARTER, validate_file
from knowledge.database import Database
from knowledge.division import level_of, lineage
from knowledge.formats import write_records
from knowledge.importing import import_file
from knowledge.starter import Starter, ensure_catalogue, load_starter, read_starter, renew_references, sources


@pytest.fixture(scope="module")
def starter() -> Starter:
    return read_starter()


def test_the_starter_has_nothing_wrong() -> None:
    assert [str(problem) for problem in validate_file("starter")] == []


def test_the_starter_has_all_240_matters_under_their_codes(starter: Starter) -> None:
    assert [matter.code for matter in starter.matters] == [f"M{number:03}" for number in range(1, 241)]
    assert all(matter.code == path.stem for matter, path in zip(starter.matters, files(), strict=True))


def files() -> list[Path]:
    return sorted((STARTER / "matters").glob("*.yml"))


def test_sixty_matters_have_a_guide_and_twenty_a_rhyme(starter: Starter) -> None:
    guides = [matter.guide for matter in starter.matters if matter.guide]
    assert len(guides) >= 60 and sum(len(guide.rhyme) == 4 for guide in guides) >= 20
    assert all(guide.purpose and guide.who and guide.steps and guide.where and guide.call for guide in guides)


def test_every_source_is_listed(starter: Starter) -> None:
    cited = {source for matter in starter.matters for source in matter.sources}
    cited |= {standard.source for standard in starter.references.standards if standard.source}
    assert cited <= set(sources())


def test_every_standard_and_office_is_of_a_matter_and_a_division_code(starter: Starter) -> None:
    codes = {matter.code for matter in starter.matters}
    assert {standard.matter for standard in starter.references.standards} <= codes
    places = {standard.region for standard in starter.references.standards}
    assert all(len(code) == 12 for code in places | {office.region for office in starter.references.offices})


def test_a_region_s_parent_and_level_are_those_that_its_code_contains(starter: Starter) -> None:
    regions = starter.references.regions
    for region in regions.values():
        path = lineage(region.code)
        assert region.level == level_of(region.code)
        assert region.parent == (path[1] if len(path) > 1 else "") and (not region.parent or region.parent in regions)


async def test_a_fresh_database_is_filled_once(database: Database) -> None:
    assert await load_starter(database)
    assert not await load_starter(database)
    assert await ensure_catalogue(database) == 1


async def test_of_two_workers_that_start_at_once_one_fills(database: Database, second_database: Database) -> None:
    filled = await asyncio.gather(load_starter(database), load_starter(second_database))
    assert sorted(filled) == [False, True]
    assert len([entry async for entry in Catalogue(database).entries()]) == 240


async def test_a_county_s_own_catalogue_gets_the_regions_but_not_our_matters(
    database: Database, tmp_path: Path
) -> None:
    write_records(tmp_path / "county.json", [{"code": "H1", "name": "本县的事项"}])
    await import_file(database, tmp_path / "county.json")
    assert await ensure_catalogue(database) == 1
    catalogue = Catalogue(database)
    assert [entry.code async for entry in catalogue.entries()] == ["H1"]
    assert await catalogue.regions() and await catalogue.situations() == []


async def test_renewed_references_are_a_new_release(database: Database) -> None:
    await ensure_catalogue(database)
    assert (await renew_references(database)).number == 2
    assert len(await Catalogue(database).situations()) == len(read_starter().references.situations)
