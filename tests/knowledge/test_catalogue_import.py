"""An import is all or nothing, makes drafts of what differs, and never touches what residents are told."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.checking import BadRows
from knowledge.database import Database
from knowledge.differences import differences
from knowledge.exporting import export_catalogue
from knowledge.formats import write_records
from knowledge.importing import import_file
from knowledge.matter import MatterNotFound
from knowledge.matter_store import PUBLISHED, load
from knowledge.publishing import CatalogueChangedMeanwhile, NothingToPublish, publish
from knowledge.starter import load_starter
from knowledge.tables.catalogue import MatterRow

FULL = {
    "code": "M001",
    "name": "最低生活保障",
    "type": "行政给付",
    "department": "民政局",
    "promise_days": 22,
    "aliases": ["低保", "吃低保"],
    "materials": [{"name": "身份证", "original": 1}],
    "forms": [{"name": "申请表", "fields": [{"key": "name", "label": "姓名", "rule": {"maxLength": 30}}]}],
    "guide": {"purpose": "按月补一份生活费。", "steps": ["填表", "审核"]},
}
PLAIN = {"code": "M005", "name": "高龄津贴", "type": "行政给付", "department": "民政局"}


def catalogue_file(folder: Path, *records: dict[str, Any], name: str = "in.json") -> Path:
    write_records(folder / name, records)
    return folder / name


async def names(database: Database) -> dict[str, str]:
    return {entry.code: entry.name async for entry in Catalogue(database).entries()}


async def test_the_first_import_is_published_at_once_and_reads_back_whole(database: Database, tmp_path: Path) -> None:
    report = await import_file(database, catalogue_file(tmp_path, FULL, PLAIN))
    assert report.release is not None and report.release.number == 1
    matter = await Catalogue(database).matter("M001")
    assert (matter.version, matter.release, matter.aliases) == (1, 1, ("低保", "吃低保"))
    assert matter.materials[0].original == 1 and matter.guide and matter.guide.steps == ("填表", "审核")
    assert matter.forms[0].fields[0].rule == {"maxLength": 30}


async def test_an_import_with_a_bad_row_names_its_line_and_stores_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("事项编码,事项名称,事项类型\nM001,低保,05\nM002,,05\nM003,高龄,77\nM001,又一个,05\n", "utf-8")
    with pytest.raises(BadRows) as caught:
        await import_file(database, path)
    assert [problem.place for problem in caught.value.problems] == [f"bad.csv 第 {line} 行" for line in (3, 4, 5)]
    assert "没有填" in str(caught.value) and "重复" in str(caught.value)
    assert await names(database) == {} and not await differences(database)


async def test_a_later_import_waits_as_a_draft_until_it_is_published(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL, PLAIN))
    report = await import_file(database, catalogue_file(tmp_path, {**FULL, "fee": "不收费"}, PLAIN))
    assert (report.changed, report.unchanged, report.release) == ((("M001", "000000000000"),), 1, None)
    assert (await Catalogue(database).matter("M001")).fee == ""
    release = await publish(database, "改收费")
    matter = await Catalogue(database).matter("M001")
    assert (matter.fee, matter.version, matter.release) == ("不收费", 2, release.number)
    with pytest.raises(NothingToPublish):
        await publish(database)


async def test_the_differences_say_field_by_field_what_would_change(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL, PLAIN))
    new = {"code": "M009", "name": "新事项"}
    changed = {**FULL, "promise_days": 20, "aliases": ["低保"]}
    await import_file(database, catalogue_file(tmp_path, changed, new), replace=True)
    found = await differences(database)
    assert [matter.code for matter in found.added] == ["M009"]
    assert [matter.code for matter in found.retired] == ["M005"]
    assert [(f.label, f.old, f.new) for f in found.changed[0].fields] == [
        ("承诺办结时限", 22, 20),
        ("别名", ["低保", "吃低保"], ["低保"]),
    ]


async def test_a_whole_catalogue_retires_what_it_leaves_out_when_published(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL, PLAIN))
    report = await import_file(database, catalogue_file(tmp_path, FULL), replace=True)
    assert report.retiring == (("M005", "000000000000"),)
    assert "M005" in await names(database)
    await publish(database)
    with pytest.raises(MatterNotFound):
        await Catalogue(database).matter("M005")
    back = await import_file(database, catalogue_file(tmp_path, PLAIN))
    await publish(database)
    assert back.added and (await Catalogue(database).matter("M005")).version == 2


async def test_a_matter_that_a_later_import_contains_is_not_retired(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL, PLAIN))
    await import_file(database, catalogue_file(tmp_path, FULL), replace=True)
    await import_file(database, catalogue_file(tmp_path, PLAIN))
    assert not await differences(database)


async def test_importing_what_is_published_takes_the_draft_back(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL))
    await import_file(database, catalogue_file(tmp_path, {**FULL, "name": "低保"}))
    await import_file(database, catalogue_file(tmp_path, FULL))
    assert not await differences(database)


async def test_what_a_table_has_no_column_for_stays(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, FULL))
    path = tmp_path / "fees.csv"
    path.write_text("事项编码,事项名称,收费说明,承诺办结时限\nM001,最低生活保障,不收费,\n", "utf-8")
    await import_file(database, path)
    (change,) = (await differences(database)).changed
    assert {field.key for field in change.fields} == {"fee", "promise_days"}
    assert change.new.aliases == ("低保", "吃低保") and change.new.guide == change.old.guide


async def test_what_follows_from_a_changed_column_changes_too(database: Database, tmp_path: Path) -> None:
    path, heading = tmp_path / "a.csv", "事项编码,事项名称,行使层级,是否收费,收费标准,收费依据,收费项目,网上支付\n"
    path.write_text(f"{heading}M001,低保,县,否,,,,\n", "utf-8")
    await import_file(database, path)
    path.write_text(f"{heading}M001,低保,镇,是,5元/本,某文,工本费,是\n", "utf-8")
    await import_file(database, path)
    (change,) = (await differences(database)).changed
    assert (change.old.fee, change.new.fee) == ("不收费", "5元/本")
    assert (change.old.accept_level, change.new.accept_level) == ("县", "镇")


@pytest.mark.parametrize("ending", [".yaml", ".json", ".csv", ".xlsx"])
async def test_an_export_imports_back_to_the_identical_catalogue(
    database: Database, tmp_path: Path, ending: str
) -> None:
    await load_starter(database)
    path = tmp_path / f"out{ending}"
    assert await export_catalogue(database, path) == 240
    report = await import_file(database, path, replace=True)
    assert (report.added, report.changed, report.unchanged, report.retiring) == ((), (), 240, ())
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    async with other.engine.begin() as connection:
        await connection.run_sync(MatterRow.metadata.create_all)
    await import_file(other, path)
    assert await published(other) == await published(database)
    await other.close()


async def published(database: Database) -> list[Any]:
    async with database.reading() as session:
        return [stored.matter for stored in await load(session, MatterRow.status == PUBLISHED)]


async def test_an_unknown_column_is_said_and_not_stored(database: Database, tmp_path: Path) -> None:
    report = await import_file(database, catalogue_file(tmp_path, {**PLAIN, "guid": "打错了"}))
    assert [problem.reason for problem in report.warnings] == ["不认识“guid”这一项,没有存"]


async def test_of_two_imports_at_once_none_is_half_stored(
    database: Database, second_database: Database, tmp_path: Path
) -> None:
    one, two = catalogue_file(tmp_path, FULL), catalogue_file(tmp_path, PLAIN, {**FULL, "fee": "免费"}, name="2.json")
    results = await asyncio.gather(
        import_file(database, one), import_file(second_database, two), return_exceptions=True
    )
    assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, CatalogueChangedMeanwhile)]
    assert await Catalogue(database).current_release() == 1


async def test_a_draft_with_a_day_of_its_own_begins_that_day(database: Database, tmp_path: Path) -> None:
    await import_file(database, catalogue_file(tmp_path, {**FULL, "effective_from": "2026-01-01"}))
    await import_file(database, catalogue_file(tmp_path, {**FULL, "name": "低保", "effective_from": "2026-07-01"}))
    await publish(database, on=date(2026, 3, 1))
    catalogue = Catalogue(database)
    assert (await catalogue.matter("M001", on=date(2026, 6, 30))).version == 1
    assert (await catalogue.matter("M001", on=date(2026, 7, 1))).name == "低保"
