"""A text in pieces that a channel takes: between paragraphs, else between sentences, else wherever it fits."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

ENDS = (r"\n+", r"(?<=[。！？!?；;])(?=[^”」』）)])", r"(?<=[，、,：:])")
"""Where a text may be cut, the best first."""


def size(text: str) -> int:
    """Bytes in UTF-8: platforms count these."""
    return len(text.encode())


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` bytes that say the text. None is empty."""
    pieces = _cut(text.strip(), limit, ENDS)
    return [piece for each in _packed(pieces, limit) if (piece := each.strip())]


def joined(texts: Sequence[str], limit: int, between: str = "\n\n") -> list[str]:
    """As few texts as possible, each at most `limit` bytes: neighbours that fit are put together.

    None is longer than the limit to begin with.
    """
    result: list[str] = []
    for text in texts:
        if result and size(result[-1]) + size(between) + size(text) <= limit:
            result[-1] += between + text
        else:
            result.append(text)
    return result


def _cut(text: str, limit: int, ends: Sequence[str]) -> Iterable[str]:
    if size(text) <= limit:
        yield text
    elif ends:
        for part in _parts(ends[0], text):
            yield from _cut(part, limit, ends[1:])
    else:
        yield from _characters(text, limit)


def _parts(end: str, text: str) -> list[str]:
    """The text cut behind every such end, which stays with what it ends."""
    places = [0, *(found.end() for found in re.finditer(end, text)), len(text)]
    return [text[start:stop] for start, stop in itertools.pairwise(places) if start < stop]


def _characters(text: str, limit: int) -> Iterable[str]:
    piece, used = "", 0
    for character in text:
        if used + size(character) > limit and piece:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + size(character)
    yield piece


def _packed(pieces: Iterable[str], limit: int) -> list[str]:
    result: list[str] = []
    for piece in pieces:
        if result and size(result[-1]) + size(piece) <= limit:
            result[-1] += piece
        else:
            result.append(piece)
    return result
