"""Numbers said digit by digit: 四三零四二三…, 幺三八, 洞, 两个八, 最后一位是叉, with pauses between.

Imports nothing of `nlu.text`, which masks such numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlu.files import read_yaml

LEAST = 7
"""Fewer digits in a row are no number that somebody owns."""

PERSONAL = 11
"""Digits from which on an unknown number is taken for somebody's own."""

MOST = 19
"""Digits of the longest such number, a bank card's."""

_HALF_WIDTH = str.maketrans("０１２３４５６７８９ＸABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789xabcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class DigitRun:
    """A run of digits, perhaps `spoken` (some in characters): `digits` are figures, X at the end for an ID number's."""

    start: int
    end: int
    digits: str
    spoken: bool


class Speech:
    """How digits are said, of `data/entities/digits.yml`."""

    def __init__(self) -> None:
        words = read_yaml("data/entities/digits.yml")
        self._digits = {said: str(digit) for digit, all_said in words["digits"].items() for said in all_said}
        self._times: dict[str, int] = words["times"]
        digit = f"[{''.join(self._digits)}]"
        unit, pause = rf"(?:(?:{_any(self._times)}){digit}|{digit})", _any([*words["between"], *words["last"]])
        pauses = rf"(?>(?:{pause}){{0,3}})"
        cross = rf"(?:{_any(words['x'])})(?![a-z])"
        # Atomic groups: nothing is tried twice, however long the text is.
        self.run = re.compile(rf"{unit}(?>{pauses}{unit})*+(?>{pauses}{cross})?")
        self.group = re.compile(rf"(?:{pause})|(?P<said>(?>(?:{unit})+)(?:{cross})?|{cross})")
        self._token = re.compile(rf"(?:{pause})|({_any(self._times)})({digit})|({digit})|{_any(words['x'])}")

    def silent(self, text: str) -> bool:
        """Whether the text has no digit at all."""
        return self._digits.keys().isdisjoint(text.translate(_HALF_WIDTH))

    def figures(self, run: str) -> str:
        """The run's digits."""
        return "".join(map(self._figures, self._token.finditer(run)))

    def is_spoken(self, run: str) -> bool:
        """Whether some of its digits are no figures."""
        return any(each in self._digits and not each.isdecimal() for each in run)

    def _figures(self, token: re.Match[str]) -> str:
        times, repeated, digit = token.groups()
        if times:
            return self._digits[repeated] * self._times[times]
        if digit:
            return self._digits[digit]
        return "X" if token.end() == len(token.string) else ""


def digit_runs(plain: str) -> Iterator[DigitRun]:
    """The runs of a text in lower case, of at least `LEAST` digits."""
    for run in speech().run.finditer(plain):
        if run.end() - run.start() >= LEAST // 2 and len(digits := speech().figures(run[0])) >= LEAST:
            yield DigitRun(run.start(), run.end(), digits, speech().is_spoken(run[0]))


def numbers_in(plain: str, run: DigitRun, known: re.Pattern[str]) -> Iterator[DigitRun]:
    """The parts of a run, from pause to pause, that `known` matches whole; the longest first."""
    groups = [_group(each) for each in speech().group.finditer(plain, run.start, run.end) if each["said"]]
    while groups:
        taken = _longest(groups, known)
        if taken:
            yield taken
        groups = [group for group in groups[1:] if not taken or group.start >= taken.end]


def in_figures(text: str, known: re.Pattern[str]) -> str:
    """The text with its spoken numbers in figures; written ones only where `known` matches them without pauses."""
    if speech().silent(text):
        return text
    plain = text.translate(_HALF_WIDTH)
    pieces, done = [], 0
    for run in _rewritten(plain, known):
        pieces += [text[done : run.start], run.digits]
        done = run.end
    return "".join((*pieces, text[done:]))


@lru_cache(maxsize=1)
def speech() -> Speech:
    """How digits are said, read once."""
    return Speech()


def _rewritten(plain: str, known: re.Pattern[str]) -> Iterator[DigitRun]:
    """Of each run the known numbers; of a spoken one also what lies between them."""
    for run in digit_runs(plain):
        done = run.start
        for number in [*numbers_in(plain, run, known), DigitRun(run.end, run.end, "", False)]:
            between = plain[done : number.start]
            if speech().is_spoken(between) and len(digits := speech().figures(between)) >= PERSONAL:
                yield DigitRun(done, number.start, digits, True)
            if number.digits:
                yield number
            done = number.end


def _group(match: re.Match[str]) -> DigitRun:
    return DigitRun(*match.span(), speech().figures(match[0]), speech().is_spoken(match[0]))


def _longest(groups: Sequence[DigitRun], known: re.Pattern[str]) -> DigitRun | None:
    """The longest number that begins with the first group."""
    digits, spoken, longest = "", False, None
    for group in groups:
        digits, spoken = digits + group.digits, spoken or group.spoken
        if len(digits) > MOST:
            break
        if known.fullmatch(digits):
            longest = DigitRun(groups[0].start, group.end, digits, spoken)
    return longest


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
