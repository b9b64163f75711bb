"""`bangban match`: which matter is meant, a phrase a line."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from
from bot.logs import configure

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge.catalogue import Catalogue


def match(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON a line")] = False,
    explained: Annotated[bool, typer.Option("--explain", help="say what made each decision")] = False,
) -> None:
    """Read phrases from standard input, one a line; say for each which matters it may mean."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    configure("ERROR")
    on_catalogue(settings, lambda catalogue: _keep_matcher(catalogue, settings))
    failed = _run(sys.stdin.buffer, as_json, explained)
    if failed:
        raise typer.Exit(1)


async def _keep_matcher(catalogue: Catalogue, settings: Settings) -> None:
    from bot.matching import MatcherKeeper
    from bot.thinking import second_opinion

    await MatcherKeeper(catalogue, settings.indexes, second_opinion(settings, at_once=True)).refresh()


def _run(lines: Iterable[bytes], as_json: bool, explained: bool) -> bool:
    """Match each line as it comes; a line that is not UTF-8 is named and the rest goes on."""
    from bot.explained import in_lines

    failed = False
    for number, raw in enumerate(lines, 1):
        try:
            text = (raw.removeprefix(BOM_UTF8) if number == 1 else raw).decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            print(f"bangban: line {number} is not UTF-8 ({error.reason} at byte {error.start})", file=sys.stderr)
            failed = True
            continue
        found = _found(text, explained)
        sys.stdout.buffer.write(orjson.dumps(found) + b"\n" if as_json else f"{in_lines(found)}\n".encode())
        sys.stdout.buffer.flush()
    return failed


def _found(text: str, explained: bool) -> dict[str, Any]:
    """What the contract says of a text, with `explanation` where it is wanted."""
    from bot.catalogue import match_as_dict
    from nlu.explaining import explain

    if not explained:
        return match_as_dict(text)
    match, why = explain(text)
    return {**match_as_dict(text, match), "explanation": why and asdict(why)}
