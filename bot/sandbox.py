"""The sandbox beside a service that has no platform: in the same process, or as one process for several workers."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from bot.settings import Settings

CALLBACKS = "channels/intake"
"""Where the service hears call-backs."""

NEARBY = 10
"""So many ports after the service's are tried before any is taken."""

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class SandboxBeside:
    """A sandbox that will serve on a socket which is bound already; key and secret are new at every start."""

    listening: socket.socket
    url: str
    callback: str
    database: Path
    key: str
    secret: str

    @classmethod
    def of(cls, settings: Settings, address: str) -> SandboxBeside:
        """For the service at that address, its SQLite in the service's data directory. Raises OSError."""
        listening = _bound(settings)
        host = ANYWHERE.get(settings.host, settings.host)
        url = f"http://{host}:{listening.getsockname()[1]}"
        port = address.rstrip("/").rpartition(":")[2]
        database = settings.data_dir / "sandbox.db"
        callback = f"http://{host}:{port}/{CALLBACKS}"
        return cls(listening, url, callback, database, secrets.token_urlsafe(24), secrets.token_urlsafe(24))

    def joined(self, settings: Settings) -> Settings:
        """The service's settings, with this as its platform."""
        platform = {"intake_url": self.url, "intake_key": SecretStr(self.key), "intake_secret": SecretStr(self.secret)}
        return settings.model_copy(update=platform)

    async def in_this_process(self, _: web.Application) -> AsyncIterator[None]:
        """Serve as long as the application that this is a `cleanup_ctx` of."""
        from connectors.sandbox.app import create_sandbox

        self.database.parent.mkdir(parents=True, exist_ok=True)
        sandbox = create_sandbox(self.database, self.secret, self.callback, key=self.key)
        runner = web.AppRunner(sandbox, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.SockSite(runner, self.listening).start()
        yield
        await runner.cleanup()

    @contextmanager
    def process(self) -> Iterator[None]:
        """Serve in a process of its own; it ends with this block, or with this process however that ends."""
        self.database.parent.mkdir(parents=True, exist_ok=True)
        fd = self.listening.fileno()
        command = [sys.executable, "-m", "bot", "sandbox", "--with-parent", "--fd", str(fd)]
        command += ["--callback", self.callback, "--data-dir", str(self.database.parent)]
        secret = {"BANGBAN_INTAKE_KEY": self.key, "BANGBAN_INTAKE_SECRET": self.secret}
        running = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[fd], env={**os.environ, **secret})
        self.listening.close()
        try:
            yield
        finally:
            running.terminate()
            running.wait(10)


def _bound(settings: Settings) -> socket.socket:
    """The first free port after the service's, or any."""
    for port in range(settings.port + 1, settings.port + NEARBY) if settings.port else ():
        try:
            return socket.create_server((settings.host, port))
        except OSError:
            continue
    return socket.create_server((settings.host, 0))
