"""Recordings of what was read aloud, kept by their words: in a folder, of so many bytes at most, the oldest go first.

Only what is for everybody, or was read to two conversations, is kept: what is told to one resident alone never is.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

MOST_BYTES = 200 * 2**20
REMEMBERED = 10_000
"""Keys of which it is known, in this process, which conversation asked for them first."""


class KeptRecordings:
    """A folder of recordings that several processes share."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._first: OrderedDict[str, str] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """The recording, or None."""
        return await asyncio.to_thread(self._read, key)

    async def put(self, key: str, conversation: str | None, recording: bytes) -> None:
        """Keep it, if another conversation was read the same; at once where it is for everybody (None)."""
        if conversation is None:
            await asyncio.to_thread(self._write, key, recording)
            return
        first = self._first.setdefault(key, conversation)
        if len(self._first) > REMEMBERED:
            self._first.popitem(last=False)
        if first != conversation:
            await asyncio.to_thread(self._write, key, recording)

    def _read(self, key: str) -> bytes | None:
        file = self._folder / f"{key}.mp3"
        with suppress(FileNotFoundError):
            recording = file.read_bytes()
            file.touch()
            return recording
        return None

    def _write(self, key: str, recording: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f"{uuid4().hex}.part"
        unfinished.write_bytes(recording)
        unfinished.replace(self._folder / f"{key}.mp3")
        self._prune()

    def _prune(self) -> None:
        """Another process may take files away meanwhile."""
        files = []
        for file in self._folder.glob("*.mp3"):
            with suppress(FileNotFoundError):
                files.append((file.stat().st_mtime, file.stat().st_size, file))
        total = sum(size for _, size, _ in files)
        for _, size, file in sorted(files):
            if total <= self._most:
                return
            file.unlink(missing_ok=True)
            total -= size


def key_of(voice: str, speed: float, text: str) -> str:
    """The name under which a recording is kept: nobody reads the words from it."""
    return sha256(f"{voice}\0{speed:g}\0{text}".encode()).hexdigest()
