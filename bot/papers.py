"""The reader of papers, by the settings."""

from __future__ import annotations

from bot.settings import Settings
from connectors.ocr.reader import WorkerReader


def paper_reader(settings: Settings) -> WorkerReader:
    """The reader; its worker starts with the first photo. Close it when the service ends."""
    return WorkerReader(settings.papers_timeout, enabled=settings.papers)
