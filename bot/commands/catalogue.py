"""`bangban catalogue …`: import, look at, and publish the county's matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from
from knowledge.database import Database
from knowledge.matter import Release
from knowledge.references import References
from knowledge.situation import templates_of

app = typer.Typer(help="The catalogue of matters: import it, look at it, publish it.", no_args_is_help=True)
MOST_LINES = 50


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=".yaml, .json, .csv or .xlsx, national field names or ours")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="the file is the whole catalogue: retire what is missing in it")
    ] = False,
) -> None:
    """Take a file's matters as drafts, all of them or none. The first catalogue of an empty database is published."""
    from knowledge.importing import import_file

    report = on_database(
        settings_from(data_dir=data_dir, database_url=database), lambda d: import_file(d, file, replace)
    )
    for warning in report.warnings[:MOST_LINES]:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(
        f"{len(report.added)} new, {len(report.changed)} changed, {report.unchanged} unchanged, "
        f"{len(report.retiring)} to retire, {len(report.warnings)} warnings"
    )
    if report.release:
        typer.echo(f"published as release {report.release.number}")
    elif report.added or report.changed or report.retiring:
        typer.echo("kept as drafts: see `bangban catalogue diff`, then `bangban catalogue publish`")


@app.command("validate")
def validate(file: Annotated[Path, typer.Argument(help="a file, or the word starter")]) -> None:
    """Check a file without importing it; every bad row is named with its reason."""
    from knowledge.checking import validate_file

    problems = validate_file(file)
    for problem in problems:
        typer.echo(f"{problem.level}: {problem}")
    errors = sum(problem.level == "error" for problem in problems)
    typer.echo(f"{errors} errors, {len(problems) - errors} warnings")
    if errors:
        raise typer.Exit(1)


@app.command("diff")
def diff(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Show what the next publication would change, field by field."""
    from knowledge.differences import differences

    found = on_database(settings_from(data_dir=data_dir, database_url=database), differences)
    for matter in found.added:
        typer.echo(f"+ {matter.code} {matter.name}")
    for change in found.changed:
        typer.echo(f"~ {change.new.code} {change.new.name}")
        for field in change.fields:
            for line in _changes(field.label, field.old, field.new):
                typer.echo(f"    {line}")
    for matter in found.retired:
        typer.echo(f"- {matter.code} {matter.name}")
    if not found:
        typer.echo("no differences")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="its ending chooses the format")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Write the published catalogue to a file that imports back to the same."""
    from knowledge.exporting import export_catalogue

    number = on_database(settings_from(data_dir=data_dir, database_url=database), lambda d: export_catalogue(d, file))
    typer.echo(f"{file}: {number} matters")


@app.command("publish")
def publish(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    note: Annotated[str, typer.Option(help="what this release is")] = "",
    force: Annotated[bool, typer.Option("--force", help="publish although fewer sayings would be understood")] = False,
) -> None:
    """Put the drafts in force from today, unless fewer sayings would be understood than now.

    Running services answer from them within seconds.
    """
    from bot.release_check import PublicationRefused, publish_checked

    settings = settings_from(data_dir=data_dir, database_url=database)
    try:
        release, losses = on_database(settings, lambda d: publish_checked(d, note, force))
    except PublicationRefused as refused:
        lines = "\n".join(f"  {loss}" for loss in refused.losses)
        raise CommandFailed(
            f"fewer sayings would be understood, nothing was published (--force does)\n{lines}"
        ) from refused
    for loss in losses:
        typer.echo(f"warning: {loss}", err=True)
    typer.echo(f"published as release {release.number}")


@app.command("references")
def references(
    folder: Annotated[Path, typer.Argument(help="a folder, or the word starter")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Replace all situations, standards, regions and offices by a folder's four YAML files. In force at once."""
    from knowledge.checking import STARTER

    place = STARTER if str(folder) == "starter" else folder
    read = _read_references(place)
    release, strays = on_database(
        settings_from(data_dir=data_dir, database_url=database), lambda d: _renew(d, place, read)
    )
    for stray in strays[:MOST_LINES]:
        typer.echo(f"warning: {stray}", err=True)
    typer.echo(
        f"{len(read.situations)} situations, {len(read.standards)} standards, {len(read.regions)} regions, "
        f"{len(read.offices)} offices: published as release {release.number}"
    )


@app.command("offices")
def offices(
    file: Annotated[Path, typer.Argument(help="a sheet of offices: .csv or .xlsx")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    check: Annotated[bool, typer.Option("--check", help="say what would change, and change nothing")] = False,
    export: Annotated[bool, typer.Option("--export", help="write the offices in force into the file instead")] = False,
) -> None:
    """Take offices, windows, hours, closures and market days from a sheet, all of it or nothing. In force at once."""
    from knowledge.catalogue import Catalogue
    from knowledge.office_sheet import import_offices, write_offices

    settings = settings_from(data_dir=data_dir, database_url=database)
    if export:
        known = on_database(settings, lambda d: Catalogue(d).offices())
        write_offices(file, known)
        typer.echo(f"{len(known)} offices written to {file}")
        return
    report = on_database(settings, lambda d: import_offices(d, file, store=not check))
    typer.echo(f"{len(report.added)} new, {len(report.changed)} changed, {report.unchanged} unchanged")
    if report.release:
        typer.echo(f"published as release {report.release.number}")


def _changes(label: str, old: Any, new: Any) -> Iterator[str]:
    """What differs, a line each: of a list the entries that go and come, of a mapping each of its keys."""
    if isinstance(old or {}, dict) and isinstance(new or {}, dict):
        before, after = old or {}, new or {}
        for key in [key for key in {**before, **after} if before.get(key) != after.get(key)]:
            yield from _changes(f"{label} {key}", before.get(key), after.get(key))
    elif isinstance(old or [], list) and isinstance(new or [], list):
        gone, come = (
            [each for each in one if each not in other]
            for one, other in ((old or [], new or []), (new or [], old or []))
        )
        lines = [*(f"{label}: - {each}" for each in gone), *(f"{label}: + {each}" for each in come)]
        yield from lines or [f"{label}: in another order"]
    else:
        yield f"{label}: {old!r} → {new!r}"


def _read_references(folder: Path) -> References:
    """A folder's references. Raises BadRows, BrokenFile, FileNotFoundError, CommandFailed."""
    from knowledge.references import read_references
    from nlu.known import template_problem

    try:
        read = read_references(folder)
    except KeyError as error:
        raise CommandFailed(f"{folder}: an entry has no {error}; nothing was replaced") from error
    except (TypeError, AttributeError, ArithmeticError) as error:  # a text where a list belongs, "ten" as an amount
        raise CommandFailed(f"{folder}: an entry is not as docs/converse.md says ({error})") from error
    for situation in read.situations.values():
        if template := template_problem(templates_of(situation.options)):
            raise CommandFailed(f"{folder}: situations.yml {situation.code}: {template!r} is no sentence template")
    codes = [office.code for office in read.offices]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise CommandFailed(f"{folder}: offices.yml has {'、'.join(sorted(twice))} twice; nothing was replaced")
    return read


async def _renew(database: Database, folder: Path, read: References) -> tuple[Release, list[str]]:
    """The new release, and the standards of matters that are not in force. Raises BadRows, CommandFailed."""
    from knowledge.catalogue import Catalogue
    from knowledge.checking import BadRows
    from knowledge.situation_file import unknown_matters
    from knowledge.starter import renew_references

    catalogue = Catalogue(database)
    if not await catalogue.current_release():  # it would pass for a catalogue without matters
        raise CommandFailed("nothing is published yet: import a catalogue first, or start the service once")
    situations, standards = read.situations.values(), {standard.matter: standard for standard in read.standards}
    spoken = {code for situation in situations for code in situation.matters} | set(standards)
    known = frozenset(matter.code for matter in await catalogue.matters(spoken))
    if unknown := unknown_matters(situations, known, "situations.yml"):
        raise BadRows(unknown)
    release = await renew_references(database, folder)
    strays = [f"{each.subject}: there is no matter {code}" for code, each in standards.items() if code not in known]
    return release, strays
