"""A text made plain character by character, so that a place in it is a place in what was said."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import chain

from nlu.text import simplified


@dataclass(frozen=True, slots=True)
class Reading:
    """`plain`: simplified, half-width, lower-case; `origins`: of each of its characters, the place in the original."""

    original: str
    plain: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's slice for a slice of `plain` that is not empty."""
        return self.origins[start], self.origins[end - 1] + 1


def read(text: str) -> Reading:
    """The text with the places of its characters. What can't be said (emoji, control characters) is left out."""
    heard = [_PLAIN[character] for character in text]
    if all(len(each) == 1 for each in heard):
        return Reading(text, "".join(heard), tuple(range(len(text))))
    origins = chain.from_iterable([place] * len(each) for place, each in enumerate(heard))
    return Reading(text, "".join(heard), tuple(origins))


class _Plain(dict[str, str]):
    """The plain form of each character that was ever met."""

    def __missing__(self, character: str) -> str:
        folded = unicodedata.normalize("NFKC", character).lower()
        kept = "".join(" " if each.isspace() else each for each in folded if each.isspace() or _is_said(each))
        self[character] = plain = simplified(kept)
        return plain


def _is_said(character: str) -> bool:
    """Digits, letters, punctuation, currency; no marks, control characters, emoji."""
    return unicodedata.category(character)[0] in "LNPZ" or unicodedata.category(character) in {"Sc", "Sm"}


_PLAIN = _Plain()
