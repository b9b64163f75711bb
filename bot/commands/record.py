"""`bangban record …`: what was said and done, that nobody changed it, and one case's or resident's as a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from knowledge.anchors import Anchor
    from knowledge.chain import Broken
    from knowledge.database import Database
    from knowledge.evidence import Export
    from knowledge.keyring import Keyring

Result = TypeVar("Result")

app = typer.Typer(help="The record of what was said and done, and that nobody changed it.", no_args_is_help=True)

Subject = Annotated[str, typer.Argument(help="a case's number (ours or the platform's), or a conversation's id")]


@app.command("verify")
def verify(
    conversation: Annotated[str, typer.Argument(help="a conversation's id; empty: all")] = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Check the records and the anchors against what is stored now; exit code 1 when anything was changed."""

    async def work(opened: Database, keyring: Keyring) -> tuple[int, int, list[Broken]]:
        from bot.clock import now
        from knowledge.anchors import Anchors
        from knowledge.records import Records

        records, count = Records(opened, keyring), 0
        broken: list[Broken] = []
        if conversation:
            return 1, 0, await records.verify(conversation, now())
        async for each in records.conversations():
            count += 1
            broken += await records.verify(each, now())
        anchors, differing = await Anchors(opened).verify()
        return count, anchors, broken + differing

    count, anchors, broken = _on_records(data_dir, database, work)
    for each in broken:
        typer.echo(str(each))
    if broken:
        raise CommandFailed(f"{len(broken)} things are not as they were recorded")
    typer.echo(f"{count} conversations and {anchors} anchors are as they were recorded")


@app.command("anchor")
def anchor(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Fix where all records stand now; keep the printed line elsewhere (paper, another machine), once a day."""

    async def work(opened: Database, keyring: Keyring) -> Anchor:
        from bot.clock import now
        from knowledge.anchors import Anchors
        from knowledge.records import Records

        await Records(opened, keyring).sweep()
        return await Anchors(opened).make(now())

    made = _on_records(data_dir, database, work)
    typer.echo(f"{made.number}\t{made.at:%Y-%m-%dT%H:%M:%SZ}\t{len(made.heads)} records\t{made.hash.hex()}")


@app.command("export")
def export(
    subject: Subject,
    file: Annotated[Path, typer.Argument(help="where to: NAME.json or NAME.zip")],
    reason: Annotated[str, typer.Option(help="why; it stands in the record from now on")],
    by: Annotated[str, typer.Option(help="for whom")] = "command line",
    whole: Annotated[bool, typer.Option("--whole", help="all that the case's resident said and did")] = False,
    full: Annotated[bool, typer.Option("--full", help="what forms hold, and with .zip the files, too")] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Write the record of a case, of its resident or of a conversation to a file that can be checked by itself."""
    if file.suffix not in (".json", ".zip"):
        raise CommandFailed(f"{file.name}: a name that ends in .json or .zip is wanted")
    if not reason.strip():
        raise CommandFailed("--reason is empty; somebody will ask")

    async def work(opened: Database, keyring: Keyring) -> Export:
        from bot.clock import now
        from knowledge.evidence import Evidence

        return await Evidence(opened, keyring).export(subject, by, reason.strip(), now(), whole=whole, full=full)

    made = _on_records(data_dir, database, work)
    file.write_bytes(made.as_zip() if file.suffix == ".zip" else made.as_json())
    typer.echo(f"{file}: {len(made.told['conversations'])} conversations, {len(made.told['cases'])} cases")
    if made.broken:
        raise CommandFailed(f"{made.broken} things are not as they were recorded; the file says which")


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a file that `record export` wrote")]) -> None:
    """Check an exported record by itself, without the database; exit code 1 when anything was changed."""
    from knowledge.evidence import check_export

    count, broken = check_export(file.read_bytes())
    for each in broken:
        typer.echo(str(each))
    if broken:
        raise CommandFailed(f"{len(broken)} of {count} entries are not as they were recorded")
    typer.echo(f"{count} entries are as they were recorded")


def _on_records(
    data_dir: DataDir, database: DatabaseUrl, work: Callable[[Database, Keyring], Awaitable[Result]]
) -> Result:
    settings = settings_from(data_dir=data_dir, database_url=database)

    async def on_records(opened: Database) -> Result:
        from bot.keys import keyring_for

        return await work(opened, await keyring_for(settings, opened))

    return on_database(settings, on_records)
