"""`bangban match`: which matter is meant, a phrase a line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from
from bot.logs import configure

if TYPE_CHECKING:
    from knowledge.catalogue import Catalogue


def match(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON a line")] = False,
) -> None:
    """Read phrases from standard input, one a line; say for each which matters it may mean."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    configure("ERROR")
    on_catalogue(settings, _keep_matcher)
    failed = _run(sys.stdin.buffer, as_json)
    if failed:
        raise typer.Exit(1)


async def _keep_matcher(catalogue: Catalogue) -> None:
    from bot.catalogue import MatcherKeeper

    await MatcherKeeper(catalogue).refresh()


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
