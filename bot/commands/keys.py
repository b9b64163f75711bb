"""`bangban keys …`: the keys that seal personal data in the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge.database import Database
    from knowledge.keyring import Keyring
    from knowledge.rotation import Rotated

Result = TypeVar("Result")

app = typer.Typer(help="The keys that seal personal data.", no_args_is_help=True)


@app.command("list")
def list_(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Show the keys' numbers and how many values each seals; never the keys."""
    from knowledge.sealing_keys import usage

    settings = settings_from(data_dir=data_dir, database_url=database)
    keyring, used = _on_keys(settings, lambda opened, keyring: usage(opened))
    typer.echo(f"from {_source(settings)}")
    for number in keyring.numbers:
        roles = [
            "seals" if number == keyring.newest.number else "opens",
            *(["makes fingerprints"] if number == keyring.oldest.number else []),
        ]
        typer.echo(f"{number}\t{used[number]} values\t{', '.join(roles)}")


@app.command("add")
def add(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Make a new key, which seals from the next start on; what is sealed waits for `bangban keys rotate`."""
    settings = settings_from(data_dir=data_dir, database_url=database)

    async def nothing_more(_: Database, keyring: Keyring) -> None:
        """The keys are looked at by opening."""

    keyring, _ = _on_keys(settings, nothing_more)
    added = keyring.with_new_key()
    if settings.keys.get_secret_value():
        typer.echo("set BANGBAN_KEYS to this line everywhere, start again, then `bangban keys rotate`:", err=True)
        typer.echo(added.text)
    else:
        typer.echo(f"key {added.newest.number} is made: start the service again, then `bangban keys rotate`")


@app.command("rotate")
def rotate(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Seal everything with the newest key. May be ended and run again, also while the service runs."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    done = on_database(settings, lambda opened: _rotated(settings, opened))
    typer.echo(f"{done.resealed} values sealed anew, {done.fingerprints} fingerprints made anew")
    if done.unopened:
        counts = ", ".join(f"{column} {count}" for column, count in sorted(done.unopened.items()))
        raise CommandFailed(f"{done.unopened.total()} values open with no key and stay as they are: {counts}")


@app.command("drop")
def drop(
    number: Annotated[int, typer.Argument(help="the key's number")],
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Take a key that seals nothing any more out of the ring. Stop the service before."""
    from knowledge.rotation import retire

    settings = settings_from(data_dir=data_dir, database_url=database)
    _, left = _on_keys(settings, lambda opened, keyring: retire(opened, keyring, number))
    if settings.keys.get_secret_value():
        typer.echo("set BANGBAN_KEYS to this line everywhere before the next start:", err=True)
        typer.echo(left.text)
    else:
        typer.echo(f"key {number} is gone")


async def _rotated(settings: Settings, opened: Database) -> Rotated:
    """Keys that seal nothing are forgotten first: a file that was lost before its first use may be made again."""
    from bot.clock import now
    from bot.keys import keyring_for
    from knowledge.rotation import rotate
    from knowledge.sealing_keys import forget_unused, remember

    await forget_unused(opened)
    keyring = await keyring_for(settings, opened)
    await remember(opened, keyring, now())
    done = await rotate(opened, keyring)
    await forget_unused(opened, keep=keyring.numbers)
    return done


def _on_keys(settings: Settings, work: Callable[[Database, Keyring], Awaitable[Result]]) -> tuple[Keyring, Result]:
    """Do something with the database and its keys, which are looked at first."""

    async def run(opened: Database) -> tuple[Keyring, Result]:
        from bot.keys import open_keys

        keyring = await open_keys(settings, opened)
        return keyring, await work(opened, keyring)

    return on_database(settings, run)


def _source(settings: Settings) -> str:
    return "BANGBAN_KEYS" if settings.keys.get_secret_value() else str(settings.keys_file)
