"""Villages, towns and counties of the division tree, by name, short name or sound. `value` is the 12-digit code.

A name that several divisions share is ambiguous_place, unless a named parent tells them apart (白果的岳北); `value`
then has all codes with commas between. `also`: codes, names (from the county down), lives (住在, 我们, or nothing else
is said), elsewhere (去, 嫁到).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nlu.entities.entity import Found
from nlu.entities.place_names import differing, is_high, is_ordinary, other_suffixes, said_of, split_name, stands_alone
from nlu.pinyin import syllables

SHORTEST = 2
PREFECTURE = 4
"""Digits of a code that speak, at that level."""

MOST_OTHERS = 1
"""Characters of a name that may be others of the same sound."""

_BETWEEN = re.compile(r"[的,，、\s]?")


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it may be said; `sure`: it is a place wherever it stands."""

    said: str
    sounds: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    codes: frozenset[str]


class Places:
    """The names of the divisions, by their first two characters and by the sound of these."""

    def __init__(self, divisions: Iterable[tuple[str, str, str]], others: Iterable[tuple[str, str]] = ()) -> None:
        """`divisions`: (code of 12 digits, name, code of its parent or ""); `others`: (code, another short name)."""
        known = list(divisions)
        self._names = {code: name for code, name, _ in known}
        self._parents = {code: parent for code, _, parent in known}
        self._codes: defaultdict[str, set[str]] = defaultdict(set)
        self._written: defaultdict[str, list[_Name]] = defaultdict(list)
        self._heard: defaultdict[tuple[str, ...], list[_Name]] = defaultdict(list)
        for code, name, parent in known:
            if parent:
                self._learn(code, name)
        for code, short in others:
            self._learn_short(code, short)
        for names in (*self._written.values(), *self._heard.values()):
            names.sort(key=lambda each: -len(each.said))

    def find(self, plain: str) -> list[Found]:
        """The places of a text; neighbours of one lineage are one place (白果镇岳北村)."""
        hits = self._narrowed(list(self._hits(plain)))
        return [self._found(plain, hit) for hit in self._joined(plain, hits)]

    def _learn(self, code: str, name: str) -> None:
        short, suffix = split_name(name)
        for said in (name, *(f"{short}{other}" for other in other_suffixes(suffix))):
            self._add(code, said, sure=True, by_sound=True)
        if short != name:
            self._learn_short(code, short)

    def _learn_short(self, code: str, short: str) -> None:
        """A short name; an ordinary word is one only where a place must stand."""
        if len(short) >= SHORTEST:
            self._add(code, short, sure=is_high(code) or not is_ordinary(short), by_sound=False)

    def _add(self, code: str, said: str, sure: bool, by_sound: bool) -> None:
        """`sure`: it is a place wherever it stands; `by_sound`: also when another word sounds so."""
        if said not in self._codes:
            sounds = tuple(syllables(said))
            self._written[said[:SHORTEST]].append(_Name(said, sounds, sure))
            self._heard[sounds[:SHORTEST]].append(_Name(said, sounds, by_sound))
        self._codes[said].add(code)

    def _hits(self, plain: str) -> Iterator[_Hit]:
        sounds, place = tuple(syllables(plain)), 0
        while place < len(plain):
            hit = self._written_at(plain, place) or self._heard_at(plain, sounds, place)
            if hit:
                yield hit
            place = hit.end if hit else place + 1

    def _written_at(self, plain: str, place: int) -> _Hit | None:
        for name in self._written.get(plain[place : place + SHORTEST], ()):
            if plain.startswith(name.said, place) and (name.sure or self._in_context(plain, place, len(name.said))):
                return _Hit(place, place + len(name.said), frozenset(self._codes[name.said]))
        return None

    def _heard_at(self, plain: str, sounds: tuple[str, ...], place: int) -> _Hit | None:
        """A name that sounds so: 月北村 is 岳北村. A short name only where a place must stand."""
        for name in self._heard.get(sounds[place : place + SHORTEST], ()):
            end = place + len(name.said)
            alike = sounds[place:end] == name.sounds and differing(name.said, plain[place:end]) <= MOST_OTHERS
            if alike and (name.sure or stands_alone(plain, place, len(name.said))):
                return _Hit(place, end, frozenset(self._codes[name.said]))
        return None

    def _in_context(self, plain: str, start: int, length: int) -> bool:
        """Whether an ordinary word is meant as a place: 住在前进, 前进人, 白果的岳北."""
        end = start + length
        if stands_alone(plain, start, length):
            return True
        gap = _BETWEEN.match(plain, end)
        after = gap.end() if gap else end
        below = self._written.get(plain[after : after + SHORTEST], ())
        return any(plain.startswith(each.said, after) and self._is_below(each.said, plain[start:end]) for each in below)

    def _is_below(self, said: str, above: str) -> bool:
        return any(self._codes[above] & set(self._lineage(code)[1:]) for code in self._codes[said])

    def _lineage(self, code: str) -> list[str]:
        line = [code]
        while (parent := self._parents.get(line[-1])) and parent not in line:
            line.append(parent)
        return line

    def _narrowed(self, hits: list[_Hit]) -> list[_Hit]:
        """Of several divisions of one name, those below another place that is named."""
        narrowed = []
        for hit in hits:
            others = {code for other in hits if other is not hit for code in other.codes}
            below = frozenset(code for code in hit.codes if others & set(self._lineage(code)[1:]))
            narrowed.append(_Hit(hit.start, hit.end, below or hit.codes))
        return narrowed

    def _joined(self, plain: str, hits: list[_Hit]) -> list[_Hit]:
        joined: list[_Hit] = []
        for hit in hits:
            before = joined[-1] if joined else None
            if before and _BETWEEN.fullmatch(plain, before.end, hit.start) and self._is_part(hit, before):
                joined[-1] = _Hit(before.start, hit.end, hit.codes)
            else:
                joined.append(hit)
        return joined

    def _is_part(self, hit: _Hit, above: _Hit) -> bool:
        return any(above.codes & set(self._lineage(code)[1:]) for code in hit.codes)

    def _found(self, plain: str, hit: _Hit) -> Found:
        codes = sorted(hit.codes)
        also: dict[str, Any] = {"codes": codes, "names": [self._full_name(code) for code in codes]}
        also |= dict.fromkeys(said_of(plain, hit.start, hit.end), True)
        problem = "ambiguous_place" if len(codes) > 1 else None
        return Found("place", hit.start, hit.end, plain[hit.start : hit.end], ",".join(codes), problem, also)

    def _full_name(self, code: str) -> str:
        """衡山县白果镇岳北村: from the county down."""
        line = [each for each in self._lineage(code) if each[PREFECTURE:].strip("0")] or [code]
        return "".join(self._names[each] for each in reversed(line))
