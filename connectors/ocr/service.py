"""What the assistant asks of a reader of papers, and what may come of it."""

from __future__ import annotations

from typing import Protocol

from knowledge.paper import Reading


class FileRefused(Exception):
    """The file is not looked at, now or ever. `reason`: a key of connectors/ocr/refusals.yml; `text`: for the resident.

    A picture of a cat is not refused: its kind is unknown.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text


class ReaderUnavailable(Exception):
    """Photos can't be looked at here or now: keep the file for the clerk and say so. `text`: for the resident."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text


class PaperReader(Protocol):
    """Reads papers. One at a time, the others wait their turn; never in the event loop."""

    async def read(self, content: bytes) -> Reading:
        """What a JPEG, PNG, HEIC, WebP, BMP, TIFF or PDF shows. Raises FileRefused, ReaderUnavailable."""
        ...

    async def prepare(self) -> None:
        """Be ready for a file that is about to come."""
        ...

    async def close(self) -> None:
        """End what was started."""
        ...
