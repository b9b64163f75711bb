"""Asks the worker process to look at papers: started when the first comes, ended when none came for a while."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import structlog
import yaml

from connectors.ocr.frames import LENGTH, framed
from connectors.ocr.service import FileRefused, ReaderUnavailable
from knowledge.paper import Reading, reading_of

log = structlog.get_logger()

MAX_BYTES = 10 * 2**20
MAX_WAITING = 12
"""Files that wait for the worker; with more, the last would wait longer than a turn may take."""

START_SECONDS = 30.0
IDLE_SECONDS = 300.0
WORKER = (sys.executable, "-m", "connectors.ocr.worker")
LIBRARIES = ("rapidocr", "onnxruntime", "PIL", "pillow_heif", "pypdfium2")


class WorkerReader:
    """A PaperReader over one worker process of 0.5 GB. The files wait their turn, first come, first served."""

    def __init__(
        self,
        seconds: float = 15.0,
        idle: float = IDLE_SECONDS,
        command: tuple[str, ...] = WORKER,
        enabled: bool = True,
    ) -> None:
        """`seconds`: after which a file is given up, and the worker with it; `idle`: after which the worker ends.

        `enabled` False: nothing is ever looked at, to save its memory.
        """
        self._seconds = seconds
        self._idle = idle
        self._command = command
        self._enabled = enabled
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None
        self._ending: asyncio.TimerHandle | None = None

    async def read(self, content: bytes) -> Reading:
        """What a file shows. Raises FileRefused, ReaderUnavailable."""
        if not content:
            raise refused("empty")
        if len(content) > MAX_BYTES:
            raise refused("too_large")
        if not self._enabled or not is_installed():
            raise unavailable("not_installed")
        if self._waiting >= MAX_WAITING:
            raise unavailable("busy")
        self._waiting += 1
        try:
            async with self._turn:
                answer = await self._asked(content)
        finally:
            self._waiting -= 1
        if "refused" in answer:
            raise refused(answer["refused"], **answer["values"])
        return reading_of(answer["reading"])

    async def prepare(self) -> None:
        """Start the worker before the first file comes: it takes some seconds. Nothing happens where it can't."""
        if self._enabled and is_installed() and not self._turn.locked():
            with suppress(ReaderUnavailable):
                async with self._turn:
                    self._stay()
                    await self._working()
                    self._end_when_idle()

    async def close(self) -> None:
        """End the worker."""
        self._stay()
        process, self._process = self._process, None
        if process and process.returncode is None:
            process.kill()
        if process:
            await process.wait()

    async def _asked(self, content: bytes) -> dict[str, Any]:
        """The worker's answer. A worker that is late, gone, or not waited for any more is ended."""
        self._stay()
        process = await self._working()
        answered = False
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _ask(process, content)
            answered = not answer["last"]
        except TimeoutError as error:
            log.warning("paper_too_slow", bytes=len(content))
            raise refused("too_slow") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            log.warning("paper_broke_reader", bytes=len(content))
            raise refused("broke") from error
        finally:
            if not answered:
                await self.close()
        if self._process:
            self._end_when_idle()
        return answer

    async def _working(self) -> Process:
        """The worker with its models loaded. Raises ReaderUnavailable."""
        if self._process and self._process.returncode is None:
            return self._process
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # a Ctrl-C is for the service, which ends it
        )
        ready = False
        try:
            async with asyncio.timeout(START_SECONDS):
                await _answer(process)
            ready = True
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            log.error("paper_reader_will_not_start")
            raise unavailable("will_not_start") from error
        finally:
            if not ready:
                await self.close()
        return process

    def _stay(self) -> None:
        if self._ending:
            self._ending.cancel()
            self._ending = None

    def _end_when_idle(self) -> None:
        self._ending = asyncio.get_running_loop().call_later(self._idle, self._end)

    def _end(self) -> None:
        """Its input ends, so it ends: nobody asked for a while."""
        process, self._process = self._process, None
        if process and process.stdin:
            process.stdin.close()


def is_installed() -> bool:
    """Whether the extra `papers` is here."""
    return all(find_spec(name) for name in LIBRARIES)


@cache
def sentences() -> dict[str, dict[str, str]]:
    """What is told of a refused file and of a missing reader."""
    told: dict[str, dict[str, str]] = yaml.safe_load(
        Path(__file__).with_name("refusals.yml").read_text(encoding="utf-8")
    )
    return told


def refused(reason: str, **values: int) -> FileRefused:
    """The error of a file that is not looked at."""
    return FileRefused(reason, sentences()["refused"][reason].format(**values))


def unavailable(reason: str) -> ReaderUnavailable:
    """The error of a reader that is not there."""
    return ReaderUnavailable(reason, sentences()["unavailable"][reason])


async def _ask(process: Process, content: bytes) -> dict[str, Any]:
    assert process.stdin
    process.stdin.write(framed(content))
    await process.stdin.drain()
    return await _answer(process)


async def _answer(process: Process) -> dict[str, Any]:
    """The next answer. Raises IncompleteReadError when the worker is gone."""
    assert process.stdout
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    answer: dict[str, Any] = orjson.loads(await process.stdout.readexactly(length))
    return answer
