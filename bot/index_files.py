"""Built indexes on disk: a process that starts later reads in half a second what another one built.

A folder is named by all that its index was built from, so it never is out of date; the newest few are kept.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from nlu.files import HERE
from nlu.index import MatterIndex

MOST_KEPT = 3


def kept_index(folder: Path | None, known: object, build: Callable[[], MatterIndex]) -> MatterIndex:
    """The index over what is known: read from `folder`, or built and written there. Without a folder, just built."""
    if folder is None:
        return build()
    place = folder / sha256(f"{_program()}{known!r}".encode()).hexdigest()[:32]
    try:
        return MatterIndex.load(place)
    except (FileNotFoundError, ValueError):
        index = build()
        _write(index, place)
        return index


def _write(index: MatterIndex, place: Path) -> None:
    """Whole or not at all: several processes may write the same index at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    written = Path(tempfile.mkdtemp(dir=place.parent, prefix="new-"))
    index.save(written)
    try:
        written.rename(place)
    except OSError:  # another process was first, or a damaged one stands there
        shutil.rmtree(written, ignore_errors=True)
    _forget_old(place.parent)


def _forget_old(folder: Path) -> None:
    kept = [path for path in folder.iterdir() if not path.name.startswith("new-")]
    for path in sorted(kept, key=lambda path: path.stat().st_mtime)[:-MOST_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


@lru_cache(maxsize=1)
def _program() -> str:
    """The code and words of `nlu`, from which an index follows as well."""
    files = sorted([*HERE.glob("*.py"), *HERE.glob("*.yml"), *HERE.glob("*.txt"), *HERE.glob("data/sayings/*.tsv")])
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
