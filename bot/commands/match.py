"""`bangban match`: which matter is meant, a phrase a line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer

from bot.commands.options import DatabaseUrl, DataDir, settings_from
from bot.logs import configure
from bot.settings import Settings


def match(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON a line")] = False,
) -> None:
    """Read phrases from standard input, one a line; say for each which matters it may mean."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    configure("ERROR")
    asyncio.run(_ready(settings))
    failed = _run(sys.stdin.buffer, as_json)
    if failed:
        raise typer.Exit(1)


async def _ready(settings: Settings) -> None:
    from bot.catalogue import MatcherKeeper
    from knowledge.catalogue import Catalogue
    from knowledge.database import Database
    from knowledge.schema import upgrade
    from knowledge.starter import ensure_catalogue

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        await upgrade(database)
        await ensure_catalogue(database)
        await MatcherKeeper(Catalogue(database)).refresh()
    finally:
        await database.close()


def _run(lines: Iterable[bytes], as_json: bool) -> bool:
    """Match each line as it comes; a line that is not UTF-8 is named and the rest goes on."""
    from bot.catalogue import match_as_dict

    failed = False
    for number, raw in enumerate(lines, 1):
        try:
            text = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            print(f"bangban: line {number} is not UTF-8 ({error.reason} at byte {error.start})", file=sys.stderr)
            failed = True
            continue
        found = match_as_dict(text)
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n" if as_json else _in_words(found).encode())
        sys.stdout.buffer.flush()
    return failed


def _in_words(found: dict[str, object]) -> str:
    candidates = found["candidates"]
    assert isinstance(candidates, list)
    lines = [f"{found['text']}: {found['decision']}"]
    lines += [f"  {one['score']:.2f} {one['code']} {one['name']}" for one in candidates]
    return "\n".join(lines) + "\n"
