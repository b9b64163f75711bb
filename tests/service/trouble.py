"""Trouble made on purpose: a lock held, a connection cut; and how to know that a process is where it should be."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiohttp

from tests.pairs import Pair
from tests.service.conftest import Server


def children(pid: int) -> list[int]:
    """The workers that a process has started and that live: neither its sandbox nor what multiprocessing keeps."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in listed}
    return [child for child, said in commands.items() if b"multiprocessing" not in said and b"\0sandbox\0" not in said]


def path_of(pair: Pair) -> Path:
    """The file of an SQLite pair."""
    return Path(pair.database_url.partition("///")[2])


class write_lock:  # noqa: N801  reads as a statement
    """Hold SQLite's write lock, as a backup or another process would."""

    def __init__(self, pair: Pair) -> None:
        self._connection = sqlite3.connect(path_of(pair), isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


async def turn_is_running(client: aiohttp.ClientSession) -> None:
    """Wait until the service is in the middle of a turn."""
    while True:
        async with client.get("/metrics") as response:
            if "bangban_turns_running 1.0" in await response.text():
                return


async def port_is_closed(server: Server) -> None:
    """Wait until the service takes no new connection."""
    port = int(server.address.rpartition(":")[2])
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:  # refused, or reset while the port is being closed
            return
        writer.close()


class gateway:  # noqa: N801  reads as a statement
    """A port in front of a server's, which can be cut, held up, and mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._whole = True
        self._flows = asyncio.Event()
        self._flows.set()
        self.joined = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> gateway:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._flows.set()
        await self.cut()

    async def cut(self) -> None:
        """End all connections and let no new one through."""
        self._whole = False
        for writer in list(self._writers):
            writer.transport.abort()

    def hold_up(self) -> None:
        """Pass nothing on, and end no connection: a network that is gone without a word."""
        self._flows.clear()

    def mend(self) -> None:
        """Let connections through again, and what was held up."""
        self._whole = True
        self._flows.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        self.joined += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        writer.close()
