"""A county's own forms stay when their fields become one value."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection, text

from knowledge.database import Database
from knowledge.schema import alembic_config, upgrade

FIELD = (
    "INSERT INTO form_field (form_id, position, key, label, type, required, choices, rule, question, example, reason,"
    " source) VALUES "
)


def make_form_of_rows(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "0003")
    connection.execute(text(_a_matter(connection)))
    connection.execute(text("INSERT INTO form (id, matter_id, position, code, name) VALUES (7, 1, 0, 'F', '表')"))
    connection.execute(text("INSERT INTO form (id, matter_id, position, code, name) VALUES (8, 1, 1, '', '空')"))
    connection.execute(text(f"{FIELD} (7, 1, 'b', '乙', 'choice', 0, '[\"一\"]', '{{}}', '哪个？', '', '', 'licence')"))
    connection.execute(text(f"{FIELD} (7, 0, 'a', '甲', 'string', 1, '[]', '{{\"minLength\": 1}}', '', '', '', '')"))


def _a_matter(connection: Connection) -> str:
    columns = connection.execute(text("SELECT name, type FROM pragma_table_info('matter') WHERE \"notnull\"")).all()
    values = {name: "'[]'" if kind == "JSON" else "1" if name == "id" else "0" for name, kind in columns}
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO matter ({names}) VALUES ({', '.join(values.values())})"


async def test_the_fields_of_a_form_are_kept_in_their_order(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    async with database.transaction() as session:
        await (await session.connection()).run_sync(make_form_of_rows)
    await upgrade(database)
    async with database.reading() as session:
        kept = (await session.execute(text("SELECT json(fields) FROM form ORDER BY id"))).scalars().all()
    await database.close()
    assert kept == [
        '[{"key":"a","label":"甲","type":"string","rule":{"minLength":1},"required":true},'
        '{"key":"b","label":"乙","type":"choice","question":"哪个？","choices":["一"],"required":false}]',
        "[]",
    ]
