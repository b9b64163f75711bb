"""Catalogues of any size, and phrases that ask for their matters: from `catalogue.yml`, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import yaml

SEED = 20260101
MOST_ALIASES = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A matter: its code and all texts that it is known by, its name first."""

    code: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A phrase and the codes that are right."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A catalogue to index and distinct phrases to ask it: none of them is a text of the catalogue."""

    known: tuple[Known, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What a matter is composed of."""

    object: str
    action: str
    place: str

    @property
    def near(self) -> str:
        """The place as people call it."""
        return self.place[:-1] if len(self.place) > 2 else self.place


def composed(matters: int, phrases: int, real: Sequence[Known] = ()) -> Task:
    """The real matters, filled up to `matters` with composed ones, and phrases for the composed ones.

    Up to some 2,000 composed matters are of one place, more are of many. A third of the phrases are aliases that were
    left out of the catalogue, a third are typed or heard wrongly, a third name only a part.
    """
    chance = random.Random(SEED)
    names = {text for each in real for text in each.texts}
    parts = dict(zip(_codes(), _parts(matters - len(real), chance, names), strict=False))
    known = [Known(code, (_name(part, chance), *_aliases(part, chance))) for code, part in parts.items()]
    texts = names | {text for each in known for text in each.texts}
    asked = islice((each for each in _asked(parts, chance) if each.text not in texts), phrases * 2)
    distinct = {each.text: each for each in asked}
    return Task((*real, *known), tuple(islice(distinct.values(), phrases)))


def _codes() -> Iterator[str]:
    return (f"C{number:06d}" for number in range(1_000_000))


def _parts(wanted: int, chance: random.Random, names: set[str]) -> list[Part]:
    """Distinct parts; no object and action that a real matter is named by."""
    lists = catalogue_parts()
    pairs = [pair for pair in product(lists["objects"], lists["actions"]) if "".join(pair) not in names]
    places = lists["places"] if wanted > len(pairs) else lists["places"][:1]
    everything = [Part(thing, action, place) for place, (thing, action) in product(places, pairs)]
    if wanted > len(everything):
        raise ValueError(f"catalogue.yml makes only {len(everything)} matters")
    return chance.sample(everything, max(wanted, 0))


def _name(part: Part, chance: random.Random) -> str:
    return f"{part.place}{part.object}{part.action}{chance.choice(catalogue_parts()['levels'])}"


def _aliases(part: Part, chance: random.Random) -> dict[str, None]:
    said = [_said(part, pattern, chance) for pattern in catalogue_parts()["aliases"]]
    return dict.fromkeys(chance.sample(said, chance.randint(1, MOST_ALIASES)))


def _asked(parts: dict[str, Part], chance: random.Random) -> Iterator[Asked]:
    """Endless as long as there are parts: held-out alias, wrong characters, a part of the name, in turn."""
    lists, codes = catalogue_parts(), sorted(parts)
    for turn, code in enumerate(chance.sample(codes, len(codes)) * 3):
        part, kind = parts[code], turn % 3
        text = _said(part, chance.choice(lists["asked"]), chance)
        if kind == 1:
            text = _mistaken(text, chance)
        if kind == 2:
            text = chance.choice(lists["partial"]).format(f"{part.near}{_shortened(part.object, chance)}{part.action}")
        yield Asked(text, (code,))


def _said(part: Part, pattern: str, chance: random.Random) -> str:
    lists = catalogue_parts()
    words = [part.object, *lists["objects"][part.object]]
    return str(pattern.format(p=part.near, o=chance.choice(words), a=chance.choice(lists["actions"][part.action])))


def _mistaken(text: str, chance: random.Random) -> str:
    """One character heard as another, and one left out, doubled or swapped with the next."""
    sounds = catalogue_parts()["sounds"]
    heard = [place for place, character in enumerate(text) if character in sounds]
    if heard:
        at = chance.choice(heard)
        text = text[:at] + sounds[text[at]] + text[at + 1 :]
    at = chance.randrange(len(text) - 1)
    return text[:at] + chance.choice(("", text[at] * 2, text[at : at + 2][::-1])) + text[at + 1 :]


def _shortened(name: str, chance: random.Random) -> str:
    """Without a character or two at one end: 食品经营许可证 → 食品经营许可, 品经营许可证."""
    less = min(chance.randint(1, 2), max(len(name) - 2, 0))
    return name[less:] if chance.random() < 0.3 else name[: len(name) - less]


@lru_cache(maxsize=1)
def catalogue_parts() -> dict[str, Any]:
    """`catalogue.yml`."""
    parts: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "catalogue.yml").read_text(encoding="utf-8"))
    return parts
