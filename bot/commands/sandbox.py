"""`bangban sandbox`: a stand-in for the province's platform, with invented people."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from typing import Annotated

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DataDir, settings_from
from bot.logs import configure

KEY = SECRET = "sandbox"
"""What it goes by when the settings name neither: it has nothing to protect."""


def sandbox(
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8090,
    callback: Annotated[str, typer.Option(help="where to call back: …/channels/intake")] = "",
    public_url: Annotated[str, typer.Option(help="where residents reach it, if elsewhere than Bangban does")] = "",
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """A stand-in for the province's platform: its API, a page to authorise, a clerk's page, switches."""
    from aiohttp import web

    from connectors.sandbox.app import create_sandbox

    settings = settings_from(data_dir=data_dir)
    configure(settings.log_level)
    key = settings.intake_key.get_secret_value() or KEY
    secret = settings.intake_secret.get_secret_value() or SECRET
    listening = _listening(host, port, fd)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if with_parent:
        _end_with_parent()
    web.run_app(
        create_sandbox(settings.data_dir / "sandbox.db", secret, callback, key=key, public_url=public_url),
        sock=listening,
        print=lambda *_: None if with_parent else _announce(listening),
        access_log=None,
        shutdown_timeout=1,
        loop=asyncio.new_event_loop(),
    )


def _announce(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    typer.echo(
        f"模拟政务平台: http://{host}:{port}/\n"
        f"  BANGBAN_INTAKE_URL=http://{host}:{port}, with the same BANGBAN_INTAKE_KEY and _SECRET as here "
        f"(unset here: {KEY})\n  Ctrl+C ends it.",
        err=True,
    )


def _listening(host: str, port: int, fd: int | None) -> socket.socket:
    """The bound socket, handed on or new. Raises CommandFailed."""
    if fd is not None:
        return socket.socket(fileno=fd)
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CommandFailed(f"port {port} on {host}: {error.strerror}; choose another with --port") from error


def _end_with_parent() -> None:
    """Standard input is a pipe that nobody writes to: it ends when the service has gone, however it went."""

    def wait() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
