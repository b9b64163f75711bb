"""Where the conversation stands in a situation's tree, as a slot keeps it, and which answers are known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from knowledge.situation import Situation, SituationOption, age_range
from nlu.known import age_told, words_told
from nlu.text import mask_personal

LONGEST_KEPT = 300
MOST_KEPT = 5


@dataclass(frozen=True, slots=True)
class Walk:
    """The question (or bundle) that was shown last: `path` leads to it, positions from 0.

    `said`: the words that brought us here, newest last. `leads`: the matters that its choices name, in their order.
    `told`: one of its answers was told, so that 返回 shows it again. `skipped`: that answer was taken as known.
    `bundle`: its matters follow one after the other.
    """

    situation: str
    path: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    asked: str = ""
    told: bool = False
    skipped: bool = False
    bundle: bool = False

    @classmethod
    def kept(cls, slot: Mapping[str, Any] | None) -> Walk | None:
        """The walk of a slot's value; None: there is none."""
        if not slot:
            return None
        lists = {name: tuple(slot[name]) for name in ("path", "said", "leads")}
        return cls(**{**slot, **lists})

    def as_slot(self) -> dict[str, Any]:
        """The slot's value, which is kept as JSON."""
        return {name: list(item) if isinstance(item, tuple) else item for name, item in asdict(self).items()}

    def hearing(self, text: str | None) -> Walk:
        """The walk with these words of the resident, without personal numbers."""
        kept = mask_personal(text or "")[:LONGEST_KEPT]
        return replace(self, said=(*self.said, kept)[-MOST_KEPT:]) if kept else self

    def after(self, code: str) -> str | None:
        """The matter that follows this one in a bundle; None: this is no bundle or the last one."""
        following = self.leads[self.leads.index(code) + 1 :] if self.bundle and code in self.leads else ()
        return following[0] if following else None


def known_answer(options: Collection[SituationOption], said: Collection[str]) -> tuple[SituationOption, str] | None:
    """The only option that fits what was said, and the words that tell it; None: it has to be asked."""
    fitting = [(option, words) for option in options if (words := _told(option, said))]
    return fitting[0] if len(fitting) == 1 else None


def possible(node: Situation | SituationOption, here: Collection[str]) -> list[tuple[int, SituationOption]]:
    """The options, with their positions, that lead somewhere where only the matters `here` are in force."""
    return [
        (position, option)
        for position, option in enumerate(node.options)
        if not option.matters or not set(here).isdisjoint(option.matters)
    ]


def _told(option: SituationOption, said: Collection[str]) -> str | None:
    return next((words for text in said if (words := _told_by(option, text))), None)


def _told_by(option: SituationOption, text: str) -> str | None:
    """The words of the text by which the option is known; all its conditions hold."""
    known = option.known
    if known is None or (known.unless and words_told(text, known.unless)):
        return None
    aged = age_told(text, age_range(known.age)) if known.age else None
    worded = words_told(text, known.says) if known.says else None
    if (known.age and not aged) or (known.says and not worded):
        return None
    return worded or aged
