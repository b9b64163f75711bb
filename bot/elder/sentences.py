"""Cuts a text into short sentences, and these into messages of one idea. Nothing is lost, the order stays.

Brackets that are cut apart become commas; words, figures and names stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import rjieba

LIMIT = 20
"""Chinese characters of a sentence. Marks, figures, codes and addresses are not counted."""

COUNTED = re.compile("[\u3400-\u9fff]")
SENTENCE = re.compile(r"(?:「[^」\n]*」|《[^》\n]*》|[^。！？；])+[。！？；]*[”’」）]?")
NUMBER = re.compile(r"^\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})[、.．]\s*(?=\D)")
UNIT = re.compile(r"「[^」]*」|《[^》]*》|[，、：（）]|[^，、：（）「《]+|[「《]")
SOFT = "，、：（）"
BEFORE = re.compile("或者|以及|并且|而且|但是|不过|要是|如果|因为|所以|还要|就要|[和由到在再]")
"""Words before which a sentence without any mark is rather cut."""


def length(text: str) -> int:
    """Its Chinese characters."""
    return len(COUNTED.findall(text))


def sentences(text: str, limit: int = LIMIT) -> list[str]:
    """The text in sentences of at most `limit` characters. A name in 「」 or 《》 stays whole, however long."""
    return [sentence for line in text.splitlines() for sentence in _of_line(line, limit)]


def messages(text: str, limit: int = LIMIT) -> list[str]:
    """The sentences in messages: what is short and stands together goes together, and two items of a list."""
    made: list[str] = []
    for line in text.splitlines():
        packed = list(_packed(_of_line(line, limit), limit))
        pairs = made and len(packed) == 1 and _is_single_item(made[-1]) and NUMBER.match(line)
        if pairs and length(made[-1]) + length(packed[0]) <= limit:
            made[-1] = f"{made[-1]}\n{packed[0]}"
        else:
            made += packed
    return made


def is_forced(text: str, limit: int = LIMIT) -> bool:
    """Whether a sentence of it has no mark to cut it at, so that it is cut between words: it wants other words."""
    return any(
        length(unit) > limit and unit[0] not in "「《"
        for line in text.splitlines()
        for sentence in SENTENCE.findall(line)
        if length(sentence) > limit
        for unit in UNIT.findall(sentence)
    )


def _of_line(line: str, limit: int) -> Iterator[str]:
    for found in SENTENCE.finditer(line):
        sentence = found[0].strip()
        if length(sentence) <= limit:
            if sentence:
                yield sentence
        else:
            yield from _cut(sentence, limit)


def _cut(sentence: str, limit: int) -> list[str]:
    """At its commas and brackets, in pieces of about one length; where there are none, between words."""
    pieces = [piece for unit in UNIT.findall(sentence) for piece in _units(unit, limit)]
    fewest = _filled(pieces, limit)
    shortest = -(-length(sentence) // len(fewest)) if fewest else limit
    tried = (_filled(pieces, each) for each in range(shortest, limit))
    return next((even for even in tried if len(even) == len(fewest)), fewest)


def _filled(pieces: Iterable[str], limit: int) -> list[str]:
    """The pieces put together as long as they stay within the limit."""
    made: list[str] = []
    running = ""
    for piece in pieces:
        if running.strip(SOFT) and length(running) + length(piece) > limit:
            made.append(_ended(running))
            running = ""
        running += piece
    return [*made, _ended(running)] if running.strip(SOFT) else made


def _units(unit: str, limit: int) -> Iterable[str]:
    if length(unit) <= limit or unit[0] in "「《":
        return [unit]
    return _between_words(unit, limit)


def _between_words(unit: str, limit: int) -> Iterator[str]:
    """At the last word before which a sentence is rather cut, else at the last word that still fits."""
    running: list[str] = []
    for word in _words(unit, limit):
        if running and length("".join(running)) + length(word) > limit:
            at = next((n for n in range(len(running) - 1, 0, -1) if BEFORE.fullmatch(running[n])), len(running))
            at = at if at > len(running) // 2 else len(running)
            yield "".join(running[:at])
            running = running[at:]
        running.append(word)
    yield "".join(running)


def _words(unit: str, limit: int) -> Iterator[str]:
    for word in rjieba.cut(unit):
        yield from (word[at : at + limit] for at in range(0, len(word), limit))


def _ended(piece: str) -> str:
    """As it is said alone: brackets that lost their other half become commas."""
    if piece.count("（") != piece.count("）"):
        piece = re.sub("，+(?=[。！？；]|$)", "", re.sub("[（），]*[（）][（），]*", "，", piece))
    return piece.strip().lstrip("，、：")


def _packed(found: Iterable[str], limit: int) -> Iterator[str]:
    running = ""
    for sentence in found:
        if running and length(running) + length(sentence) > limit:
            yield running
            running = ""
        running += sentence
    if running:
        yield running


def _is_single_item(message: str) -> bool:
    return "\n" not in message and NUMBER.match(message) is not None
