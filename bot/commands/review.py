"""`bangban review …`: what was not surely understood, and what staff make of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import orjson
import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from
from bot.logs import configure

if TYPE_CHECKING:
    from bot.review import Group, Review
    from knowledge.database import Database

Result = TypeVar("Result")

app = typer.Typer(help="Sayings that were not surely understood: look at them, decide.", no_args_is_help=True)

Sayings = Annotated[list[int], typer.Argument(help="the sayings' numbers, as `review list` shows them")]
Note = Annotated[str, typer.Option(help="for those who read it later")]
BY = "command line"
"""Who decided: whoever may run commands. At the desk it is the account's name."""

AsJson = Annotated[bool, typer.Option("--json", help="one JSON a line")]


@app.command("list")
def list_(data_dir: DataDir = None, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Show what waits, near-equal sayings together, the most frequent first, with the nearest matters."""
    groups, total = _reviewing(data_dir, database, lambda review: review.groups(), matching=True)
    for group in groups:
        typer.echo(orjson.dumps(group.as_dict()).decode() if as_json else _in_words(group))
    if not as_json:
        typer.echo(f"{total} groups wait" if total else "nothing waits for review")


@app.command("accept")
def accept(
    sayings: Sayings,
    as_: Annotated[str, typer.Option("--as", help="the matter's code")],
    words: Annotated[str | None, typer.Option(help="the alias, in the place of a saying's own words")] = None,
    note: Note = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Make the sayings aliases of a matter: a draft, until `bangban catalogue publish`."""
    if words is not None and len(sayings) > 1:
        raise CommandFailed("--words are the alias of one saying; name one number")
    from bot.review import LONGEST_ALIAS, NoWordsForAlias

    try:
        aliases = _reviewing(data_dir, database, lambda review: review.accept(sayings, as_, BY, words, note))
    except NoWordsForAlias as error:
        reason = f"saying {error} has no words for an alias: all masked, or over {LONGEST_ALIAS} characters"
        raise CommandFailed(f"{reason}; give some with --words") from error
    typer.echo(f"{as_}: drafted {'、'.join(aliases)}; `bangban catalogue publish` puts it in force")


@app.command("reject")
def reject(
    sayings: Sayings,
    as_: Annotated[Literal["out_of_scope", "missing"], typer.Option("--as", help="none of ours, or a matter we lack")],
    note: Note = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Keep the sayings as none of ours, or as asking for a matter that the catalogue lacks."""
    _reviewing(data_dir, database, lambda review: review.reject(sayings, as_, BY, note))
    typer.echo(f"{as_}: {len(sayings)}")


@app.command("undo")
def undo(sayings: Sayings, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Take decisions back: the sayings wait again."""
    _reviewing(data_dir, database, lambda review: review.undo(sayings))
    typer.echo(f"open: {len(sayings)}")


@app.command("missing")
def missing(data_dir: DataDir = None, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Show what residents wanted and the catalogue lacks."""
    for saying in _reviewing(data_dir, database, lambda review: review.decided(("missing",))):
        line = orjson.dumps(asdict(saying)).decode() if as_json else f"{saying.times:>5} × {saying.text}  {saying.note}"
        typer.echo(line.rstrip())


def _in_words(group: Group) -> str:
    lines = [f"{group.times} × " + ", ".join(f"{reason} {count}" for reason, count in group.reasons.items())]
    lines += [f"  [{saying.id}] {saying.text}" for saying in group.sayings]
    for one in group.suggestions:
        lines.append(f"    {'chosen' if one.score is None else f'{one.score:.2f}'} {one.code} {one.name}")
    return "\n".join(lines)


def _reviewing(
    data_dir: DataDir, database: DatabaseUrl, work: Callable[[Review], Awaitable[Result]], matching: bool = False
) -> Result:
    configure("ERROR")
    settings = settings_from(data_dir=data_dir, database_url=database)

    async def on_review(opened: Database) -> Result:
        from bot.clock import now
        from bot.matching import MatcherKeeper
        from bot.review import Review
        from knowledge.catalogue import Catalogue

        catalogue = Catalogue(opened)
        if matching:
            await MatcherKeeper(catalogue, settings.indexes).refresh()
        return await work(Review(opened, catalogue, now))

    return on_database(settings, on_review)
