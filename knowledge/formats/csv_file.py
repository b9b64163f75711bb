"""CSV, in UTF-8 (with or without the mark) or GB 18030, as Excel in China saves it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from knowledge.formats.row import BrokenSyntax, EmptyFile, NoHeading, Row, UnknownEncoding
from knowledge.formats.table import Line, has_heading, heading_and_cells, with_headings

ENCODINGS = ("utf-8-sig", "gb18030")
LONGEST_CELL = 10_000_000


def read(path: Path) -> list[Row]:
    """Rows named by their first line. Raises UnknownEncoding, BrokenSyntax, NoHeading, EmptyFile."""
    lines = lines_of(path)
    if not has_heading(lines):
        raise NoHeading(path)
    return [Row(f"{path.name} 第 {line} 行", values, partial=True) for line, values in with_headings(lines)]


def lines_of(path: Path) -> list[Line]:
    """All lines with their numbers. Raises UnknownEncoding, BrokenSyntax, EmptyFile."""
    text = _decoded(path)
    if not text.strip():
        raise EmptyFile(path)
    if "\0" in text:
        raise UnknownEncoding(path)
    csv.field_size_limit(LONGEST_CELL)
    try:
        return list(_lines(text))
    except csv.Error as error:
        raise BrokenSyntax(path, str(error)) from error


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """A heading, and a line a record."""
    write_lines(path, heading_and_cells(records))


def write_lines(path: Path, lines: Iterable[Sequence[Any]]) -> None:
    """UTF-8 with the mark, so that Excel opens it rightly."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnknownEncoding(path)


def _lines(text: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    first = 1
    for cells in reader:
        yield first, cells
        first = reader.line_num + 1


def _delimiter(text: str) -> str:
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)
