"""`bangban staff …`: who may log in at the desk."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_database, settings_from

if TYPE_CHECKING:
    from knowledge.database import Database
    from knowledge.staff import StaffAccounts

Result = TypeVar("Result")

app = typer.Typer(help="Who may log in at the desk.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="what they log in with, 1 to 64 characters")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="agent, supervisor, clerk or admin")] = "agent",
    region: Annotated[str, typer.Option(help="division code of where they work; empty: everywhere")] = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Make an account. The password is asked for, or read as one line from standard input; never an argument."""
    from knowledge.division import NotADivisionCode, division_code
    from knowledge.staff import ROLES

    if role not in ROLES:
        raise CommandFailed(f"role {role}: one of {', '.join(ROLES)}")
    if not name.strip() or len(name) > 64:
        raise CommandFailed("a name has 1 to 64 characters")
    try:
        place = division_code(region) if region else ""
    except NotADivisionCode as error:
        raise CommandFailed(f"region {region} is no division code") from error
    password = _password()
    _on_accounts(data_dir, database, lambda accounts: accounts.add(name, role, password, place))
    typer.echo(f"{name}: {role}")


@app.command("agent")
def agent(
    name: Name,
    office: Annotated[str, typer.Option(help="code of the office that they answer for")] = "",
    skill: Annotated[list[str] | None, typer.Option(help="department, matter code, dialect …; one each")] = None,
    capacity: Annotated[int, typer.Option(min=1, max=50, help="chats at a time")] = 3,
    hours: Annotated[str, typer.Option(help='own week, {"mon-fri": ["09:00-19:00"]}; empty: the office\'s')] = "",
    off: Annotated[bool, typer.Option("--off", help="they answer nobody any more")] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Make an account an agent (坐席) of an office, or change what they are."""
    from bot.agents import made_agent

    try:
        told = _run(
            data_dir, database, lambda opened: made_agent(opened, name, office, skill or [], capacity, hours, off)
        )
    except (LookupError, ValueError) as error:
        raise CommandFailed(str(error)) from error
    typer.echo(told)


@app.command("list")
def list_(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Show the accounts, the disabled ones too."""
    for one in _on_accounts(data_dir, database, lambda accounts: accounts.listed()):
        since = f"disabled {one.disabled_at:%Y-%m-%d}" if one.disabled_at else f"since {one.created_at:%Y-%m-%d}"
        typer.echo(f"{one.name}\t{one.role}\t{one.region or '-'}\t{since}")


@app.command("disable")
def disable(name: Name, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Let this account in no more, and end its sessions at once. What it decided stays."""
    _on_accounts(data_dir, database, lambda accounts: accounts.disable(name))
    typer.echo(f"{name}: disabled")


@app.command("password")
def password(name: Name, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Give an account a new password and let it in (again). Its sessions end."""
    new = _password()
    _on_accounts(data_dir, database, lambda accounts: accounts.set_password(name, new))
    typer.echo(f"{name}: new password")


@app.command("second-step")
def second_step(
    name: Name,
    drop: Annotated[bool, typer.Option(help="the telephone was lost: it is set up anew at the next login")] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Say whether this account signs in with a code; with --drop let it set that up anew. Its sessions end then."""
    is_set_up = _on_steps(name, drop, data_dir, database)
    typer.echo(f"{name}: {'dropped' if drop else 'set up' if is_set_up else 'not set up'}")


def _on_steps(name: str, drop: bool, data_dir: DataDir, database: DatabaseUrl) -> bool:
    from bot.clock import now
    from bot.keys import keyring_for
    from knowledge.staff import StaffAccounts, StaffNotFound
    from knowledge.two_steps import TwoSteps

    settings = settings_from(data_dir=data_dir, database_url=database)

    async def on_steps(opened: Database) -> bool:
        accounts, steps = StaffAccounts(opened, now), TwoSteps(opened, await keyring_for(settings, opened), now)
        staff = await accounts.named(name)
        if drop:
            await steps.drop(staff.id)
            await accounts.log_out_everywhere(staff.id)
        return await steps.is_set_up(staff.id)

    try:
        return on_database(settings, on_steps)
    except StaffNotFound as error:
        raise CommandFailed(f"there is no account {error}") from error


def _on_accounts(
    data_dir: DataDir, database: DatabaseUrl, work: Callable[[StaffAccounts], Awaitable[Result]]
) -> Result:
    from bot.clock import now
    from knowledge.staff import PasswordTooShort, StaffAccounts, StaffExists, StaffNotFound

    try:
        return _run(data_dir, database, lambda opened: work(StaffAccounts(opened, now)))
    except StaffExists as error:
        raise CommandFailed(f"there is an account {error} already") from error
    except StaffNotFound as error:
        raise CommandFailed(f"there is no account {error}") from error
    except PasswordTooShort as error:
        from knowledge.staff import SHORTEST_PASSWORD

        raise CommandFailed(f"a password has at least {SHORTEST_PASSWORD} characters") from error


def _run(data_dir: DataDir, database: DatabaseUrl, work: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run(opened: Database) -> Result:
        return await work(opened)

    return on_database(settings_from(data_dir=data_dir, database_url=database), run)


def _password() -> str:
    """Typed twice and not shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
