"""A file of vectors: read and written whole, made by one process at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from zipfile import BadZipFile

from nlu.meaning import Vectors

LOOK_SECONDS = 0.2  # how often it is looked whether the other process is done


class VectorFile:
    """Where the vectors of one model are kept, so that the next start, or another worker, needn't make them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Vectors | None:
        """The vectors; None when the file isn't there or is damaged."""
        try:
            return Vectors.load(self._path)
        except (FileNotFoundError, ValueError, KeyError, EOFError, BadZipFile):
            return None

    def write(self, vectors: Vectors) -> None:
        """Whole or not at all. Raises OSError."""
        number, written = tempfile.mkstemp(dir=self._path.parent, prefix="new-", suffix=".npz")
        os.close(number)
        try:
            vectors.save(Path(written))
            Path(written).chmod(0o644)
            Path(written).replace(self._path)
        finally:
            Path(written).unlink(missing_ok=True)

    @contextmanager
    def alone(self, stopped: Event) -> Iterator[None]:
        """While this lasts no other process, nor thread, makes vectors in this folder. `stopped` ends the waiting."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            while not (_taken(folder) or stopped.is_set()):
                stopped.wait(LOOK_SECONDS)
            yield
        finally:
            os.close(folder)


def _taken(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
