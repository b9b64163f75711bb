"""`bangban serve`: the service on one port, in one process or several."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import nullcontext
from typing import Annotated

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, settings_from
from bot.logs import configure
from bot.sandbox import SandboxBeside
from bot.settings import Settings
from bot.settling import share_one_heap
from bot.standins import install

TRY = ("我要修房子", "屋里老人满八十了有么子补贴", "低保怎么申请")


def serve(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    redis: Annotated[str | None, typer.Option("--redis", help="Redis address")] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(help="processes; more than one needs Redis")] = None,
) -> None:
    """Serve residents: makes the database and trains the model first, if they are not there."""
    settings = settings_from(
        data_dir=data_dir, database_url=database, redis_url=redis, host=host, port=port, workers=workers
    )
    configure(settings.log_level)
    if settings.workers > 1 and not settings.redis_url:
        raise CommandFailed("several workers need a Redis between them: set BANGBAN_REDIS_URL or use --workers 1")
    listening = _listen(settings)
    address = f"http://{settings.host}:{listening.getsockname()[1]}/"
    beside = None if settings.intake_url else SandboxBeside.of(settings, address)
    settings = beside.joined(settings) if beside else settings
    install(serving=True)
    share_one_heap()
    from bot.preparing import prepare_alone
    from bot.server import serve_alone, serve_together

    if settings.workers == 1:
        serve_alone(settings, listening, lambda: _announce(address, beside), beside)
    else:
        asyncio.run(prepare_alone(settings))
        with beside.process() if beside else nullcontext():
            _announce(address, beside)
            serve_together(settings, listening)


def _announce(address: str, beside: SandboxBeside | None) -> None:
    platform = f"\n  模拟政务平台: {beside.url}/" if beside else ""
    typer.echo(f"Bangban 帮办: {address}\n  试着说: " + " · ".join(TRY) + f"{platform}\n  Ctrl+C ends it.", err=True)


def _listen(settings: Settings) -> socket.socket:
    """The bound socket. Raises CommandFailed when the port is in use or not allowed."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=512)
    except OSError as error:
        reasons = {errno.EADDRINUSE: "is in use by another program", errno.EACCES: "needs more rights"}
        reason = reasons.get(error.errno or 0, str(error))
        raise CommandFailed(f"port {settings.port} on {settings.host} {reason}; choose another with --port") from error
