"""`bangban retention …`: what is deleted after its time, and what is held from being deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import orjson
import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from knowledge.database import Database
    from knowledge.holds import Holds
    from knowledge.retention import Done

Result = TypeVar("Result")

app = typer.Typer(help="What is deleted after its time, and what is held.", no_args_is_help=True)

Subject = Annotated[str, typer.Argument(help="a case's number (ours or the platform's), or a conversation's id")]
Reason = Annotated[str, typer.Option(help="why, for those who ask later")]
By = Annotated[str, typer.Option(help="who decided it")]


@app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="delete nothing, say what would go")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON")] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Delete what is over its time (recordings, papers, logs, conversations); each row leaves a line."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    from knowledge.periods import Periods

    periods = Periods.read(Path(settings.retention) if settings.retention else None)

    async def work(opened: Database) -> Done:
        from bot.clock import now
        from knowledge.retention import Retention
        from knowledge.unsure import UnsureSayings

        done = await Retention(opened, periods, settings.region).run(now(), dry_run)
        done.sayings = await UnsureSayings(opened).drop_unreviewed(now(), dry=dry_run)
        return done

    done = on_database(settings, work)
    typer.echo(_as_json(done, dry=dry_run) if as_json else _in_words(done, dry=dry_run))


@app.command("hold")
def hold(
    subject: Subject,
    reason: Reason,
    by: By = "command line",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Keep a case, with all conversations of its resident, or one conversation, from being deleted."""
    if not reason.strip():
        raise CommandFailed("--reason is empty; somebody will ask")

    async def work(holds: Holds) -> str:
        from bot.clock import now

        placed = await holds.place(subject, reason.strip(), by, now())
        return f"held: {placed.kind} {placed.subject}"

    typer.echo(_on_holds(data_dir, database, work))


@app.command("release")
def release(subject: Subject, by: By = "command line", data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """End the holds on a case or a conversation."""

    async def work(holds: Holds) -> int:
        from bot.clock import now

        return await holds.release(subject, by, now())

    typer.echo(f"released: {_on_holds(data_dir, database, work)}")


@app.command("holds")
def holds_(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Show the holds in force, the oldest first."""
    found = _on_holds(data_dir, database, lambda holds: holds.in_force())
    for each in found:
        typer.echo(f"{each.subject}\t{each.kind}\t{each.placed_at:%Y-%m-%d}\t{each.placed_by}\t{each.reason}")
    if not found:
        typer.echo("nothing is held")


def _in_words(done: Done, *, dry: bool) -> str:
    verb = "would delete" if dry else "deleted"
    lines = [f"{verb} {count}\t{kind}\t{table}" for (kind, table), count in _named(done.deleted)]
    lines += [f"held {count}\t{kind}\t{table}" for (kind, table), count in _named(done.held)]
    if done.sayings:
        lines.append(f"{verb} {done.sayings}\tsayings that nobody reviewed")
    return "\n".join(lines) or "nothing is over its time"


def _as_json(done: Done, *, dry: bool) -> str:
    told = {
        name: [{"kind": kind, "table": table, "rows": count} for (kind, table), count in _named(some)]
        for name, some in (("deleted", done.deleted), ("held", done.held))
    }
    return orjson.dumps({"run": done.run, "dry": dry, **told, "sayings": done.sayings}).decode()


def _named(counts: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted((each, count) for each, count in counts.items() if count)


def _on_holds(data_dir: DataDir, database: DatabaseUrl, work: Callable[[Holds], Awaitable[Result]]) -> Result:
    async def on_holds(opened: Database) -> Result:
        from knowledge.holds import Holds

        return await work(Holds(opened))

    return on_database(settings_from(data_dir=data_dir, database_url=database), on_holds)
