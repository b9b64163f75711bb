"""The web server: aiohttp's own for one process, gunicorn to keep several."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from aiohttp import web
from gunicorn.app.base import BaseApplication

from bot.sandbox import SandboxBeside
from bot.settings import Settings


def serve_alone(
    settings: Settings, listening: socket.socket, ready: Callable[[], None], beside: SandboxBeside | None = None
) -> None:
    """Serve in this process until SIGTERM or SIGINT; running turns are ended first. `ready` is called once."""

    async def application() -> web.Application:
        from bot.app import create_app

        app = await create_app(settings)
        if beside:
            app.cleanup_ctx.append(beside.in_this_process)
        return app

    web.run_app(
        application(),
        sock=listening,
        print=lambda *_: ready(),
        access_log=None,
        shutdown_timeout=settings.shutdown_timeout,
    )


def serve_together(settings: Settings, listening: socket.socket) -> None:
    """Serve in `settings.workers` processes on the one socket. One that dies is replaced."""
    _Workers(settings, listening).run()


class _Workers(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our application; aiohttp brings the worker class."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self._settings = settings
        self._listening = listening
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings. The socket is bound already: it is handed on by its number."""
        self._listening.set_inheritable(True)
        for name, value in {
            "bind": f"fd://{self._listening.fileno()}",
            "workers": self._settings.workers,
            "worker_class": "aiohttp.GunicornWebWorker",
            "graceful_timeout": int(self._settings.shutdown_timeout),
            "timeout": 60,
            "keepalive": 30,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """What each worker serves: a function, so that nothing is shared between them."""
        settings = self._settings

        async def application() -> web.Application:
            from bot.app import create_app

            return await create_app(settings)

        return application
