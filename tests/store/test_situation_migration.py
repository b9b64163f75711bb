"""A county's own situations stay when they become trees."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection, text

from knowledge.database import Database
from knowledge.references import load_references
from knowledge.schema import alembic_config, upgrade
from knowledge.situation import SituationOption


def make_flat_situation(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "0001")
    connection.execute(text("INSERT INTO situation VALUES ('F1', '过渡', '[\"过河\"]', '白天还是夜里？')"))
    connection.execute(text("INSERT INTO situation VALUES ('F2', '空', '[\"空\"]', '哪个？')"))
    option = "INSERT INTO situation_option (situation, position, label, means, matter, outcome) VALUES "
    connection.execute(text(f"{option} ('F1', 1, '白天', '', '', '白天不用登记。')"))
    connection.execute(text(f"{option} ('F1', 0, '夜里', '要登记。', 'C1', '')"))


async def test_the_options_of_a_flat_situation_are_kept_in_their_order(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    async with database.transaction() as session:
        await (await session.connection()).run_sync(make_flat_situation)
    await upgrade(database)
    async with database.reading() as session:
        situations = (await load_references(session)).situations
    await database.close()
    assert situations["F1"].options == (
        SituationOption("夜里", means="要登记。", matter="C1"),
        SituationOption("白天", outcome="白天不用登记。"),
    )
    assert situations["F2"].options == ()
