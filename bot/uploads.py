"""A file that came: looked at outside the event loop, stored with the turn, handed to the dialogue as a choice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from connectors.message import Media, Reply
from connectors.ocr.service import PaperReader, ReaderUnavailable
from knowledge.files import Files
from knowledge.paper import Reading
from knowledge.papers import Papers

SEND_PAPER = "send_paper"


class Uploads:
    """Turns files into papers."""

    def __init__(self, reader: PaperReader, files: Files, papers: Papers, clock: Callable[[], datetime]) -> None:
        self._reader = reader
        self._files = files
        self._papers = papers
        self._clock = clock
        self._preparing: asyncio.Task[None] | None = None

    def expect(self) -> None:
        """A photo was asked for: have the reader ready when it comes."""
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._reader.prepare())

    async def aclose(self) -> None:
        """End the reader, and what waits for it."""
        if self._preparing:
            self._preparing.cancel()
        await self._reader.close()

    async def look(self, media: Media) -> Reading | None:
        """What the file shows; None: nobody can look at it now. Nothing is stored yet. Raises FileRefused."""
        try:
            return await self._reader.read(media.content)
        except ReaderUnavailable:
            return None

    async def keep(self, conversation: str, media: Media, reading: Reading | None) -> str:
        """Store file and paper in the running transaction; the choice that the dialogue takes it as."""
        now = self._clock()
        media_type = reading.media_type if reading else media.media_type
        stored = await self._files.put(conversation, media.name or "照片", media_type, media.content, now)
        paper = await self._papers.put(conversation, stored.id, "", reading, (), now)
        return f"{SEND_PAPER}:{paper.id}"

    async def attach(
        self, conversation: str, media: Media | None, reading: Reading | None, said: str
    ) -> dict[str, Any] | None:
        """Store a file that goes to a person, as a paper too; the line's reply that names both. None: no file came."""
        if media is None:
            return None
        if media.kind == "audio":
            stored = await self._files.put(conversation, media.name, media.media_type, media.content, self._clock())
            return Reply(said, "file", (), {"file": stored.id, "media_type": stored.media_type}).as_dict()
        _, _, id = (await self.keep(conversation, media, reading)).partition(":")
        paper = await self._papers.find(conversation, id)
        return Reply(said, "file", (), {"file": paper.file_id, "paper": id, "media_type": media.media_type}).as_dict()
