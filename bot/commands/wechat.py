"""`bangban wechat …`: connect the official account, its menu, its codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
import yaml

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, settings_from

if TYPE_CHECKING:
    from bot.platforms import Shared
    from bot.settings import Settings
    from connectors.wechat.account import OfficialAccount
    from knowledge.database import Database

app = typer.Typer(help="WeChat: see whether all is connected; the account's menu, its codes.", no_args_is_help=True)

Done = TypeVar("Done")
Work = Callable[["OfficialAccount", "Database"], Awaitable[str]]


@app.command("check")
def check(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Say whether what is set answers: the official account, the mini program, WeCom, speech."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    asyncio.run(_with_shared(settings, partial(_check, settings)))


@app.command("menu")
def menu(
    file: Annotated[Path | None, typer.Option(help="a menu of your own; else the shipped one")] = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Set the menu below the chat."""
    packaged = resources.files("connectors.wechat").joinpath("menu.yml")
    buttons = yaml.safe_load(file.read_text("utf-8") if file else packaged.read_text("utf-8"))

    async def work(account: OfficialAccount, _: Database) -> str:
        await account.set_menu(buttons)
        return f"set: {', '.join(button['name'] for button in buttons)}"

    _run(settings_from(data_dir=data_dir, database_url=database), work)


@app.command("codes")
def codes(
    area: Annotated[str, typer.Option(help="only links of this division code and below it")] = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Give every link (`bangban links`) a code of the account: posters show it from now on."""

    async def work(account: OfficialAccount, opened: Database) -> str:
        from bot.account_codes import give_account_codes
        from knowledge.links import Links

        return f"{await give_account_codes(Links(opened), account, area)} links have a code of the account now"

    _run(settings_from(data_dir=data_dir, database_url=database), work)


async def _check(settings: Settings, shared: Shared) -> None:
    from bot.connections import tried

    found = []
    async for one in tried(settings, shared):
        found.append(one)
        typer.echo(f"{one.name}: {one.problem or one.answer}")
    if not found:
        raise CommandFailed("nothing is set: neither an account (BANGBAN_WECHAT_APPID, …) nor speech")
    if failed := [one.name for one in found if one.problem]:
        raise CommandFailed(f"not connected: {', '.join(failed)}")


def _run(settings: Settings, work: Work) -> None:
    """Raises CommandFailed, DatabaseUnavailable, and what wrong keys raise."""
    if not settings.wechat_appid:
        raise CommandFailed("no official account is set (BANGBAN_WECHAT_APPID)")
    typer.echo(asyncio.run(_with_account(settings, work)))


async def _with_account(settings: Settings, work: Work) -> str:
    from bot.wechat import account_of
    from connectors.platforms.errors import ApiRefused, ApiUnavailable

    async def with_shared(shared: Shared) -> str:
        async with account_of(settings, shared) as account:
            return await work(account, shared.database)

    try:
        return await _with_shared(settings, with_shared)
    except ApiRefused as error:
        raise CommandFailed(f"the platform refuses: {error.code} ({error.kind}); see docs/wechat.md") from error
    except ApiUnavailable as error:
        raise CommandFailed(f"the platform does not answer: {error}") from error


async def _with_shared(settings: Settings, work: Callable[[Shared], Awaitable[Done]]) -> Done:
    """What the running service shares, for a command."""
    from bot.clock import now
    from bot.coordination import open_redis
    from bot.keys import open_keys
    from bot.platforms import Shared
    from knowledge.database import Database
    from knowledge.schema import upgrade

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database, redis = Database(settings.database), open_redis(settings.redis_url)
    try:
        await upgrade(database)
        return await work(Shared(database, await open_keys(settings, database), redis, now))
    finally:
        await redis.aclose()
        await database.close()
