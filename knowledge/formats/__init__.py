"""The files that a catalogue comes in and goes out as: YAML, JSON, CSV and XLSX, chosen by the ending."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from knowledge.formats import csv_file, json_file, xlsx_file, yaml_file
from knowledge.formats.row import EmptyFile, FileMissing, FileTooLarge, Row, UnknownFormat

LARGEST_FILE = 64 * 1024 * 1024  # bytes; a province's 100,000 matters are about 50 MB of CSV

READERS: Mapping[str, Callable[[Path], list[Row]]] = {
    ".yaml": yaml_file.read,
    ".yml": yaml_file.read,
    ".json": json_file.read,
    ".csv": csv_file.read,
    ".xlsx": xlsx_file.read,
}
WRITERS: Mapping[str, Callable[[Path, Sequence[Mapping[str, Any]]], None]] = {
    ".yaml": yaml_file.write,
    ".yml": yaml_file.write,
    ".json": json_file.write,
    ".csv": csv_file.write,
    ".xlsx": xlsx_file.write,
}


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, or of all YAML files of a folder. Raises BrokenFile (its subclasses say what is broken)."""
    if path.is_dir():
        rows = [row for file in sorted(_matter_folder(path).glob("*.y*ml")) for row in _read(file)]
    else:
        rows = _read(path)
    if not rows:
        raise EmptyFile(path)
    return rows


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write the file whole or not at all. Raises UnknownFormat, TextTooLong (XLSX)."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UnknownFormat(path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        writer(unfinished, records)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _matter_folder(path: Path) -> Path:
    return path / "matters" if (path / "matters").is_dir() else path


def _read(path: Path) -> list[Row]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnknownFormat(path)
    if not path.is_file():
        raise FileMissing(path)
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(path)
    if size > LARGEST_FILE:
        raise FileTooLarge(path)
    return reader(path)
