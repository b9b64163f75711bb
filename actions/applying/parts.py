"""A bundle (一件事) is put together by the resident: what always belongs to it is said, the rest is chosen."""

from __future__ import annotations

from typing import ClassVar

from actions.applying.draft import Draft
from actions.applying.step import choice, chosen, is_no, is_yes
from actions.turn import Turn
from actions.words import read
from knowledge.bundles import Bundle, Component, NotOneOfThem
from knowledge.forms.known import names_of


class Parts:
    """还要不要一起办这些？"""

    name: ClassVar[str] = "parts"

    def is_open(self, draft: Draft) -> bool:
        """Until the resident has said that it is all."""
        return bool(draft.bundle and draft.bundle.choices) and not draft.note("parts_chosen")

    async def ask(self, turn: Turn, draft: Draft) -> None:
        """What is in it by now, and what may be put to it or taken away."""
        bundled, words = _bundle(draft), read("applying")
        keys = draft.components
        choices = [choice(self.name, "ready", words["choices"]["parts_ready"])]
        for number, each in enumerate(bundled.choices):
            mark = words["parts_without" if each.key in keys else "parts_with"]
            choices.append(choice(self.name, f"{number}", mark.format(label=each.optional)))
        names = "、".join(draft.names.get(each.key, each.name) for each in bundled.chosen(keys))
        turn.say("utter_ask_parts", choices, question=True, name=bundled.name, names=names)

    async def hear(self, turn: Turn, draft: Draft) -> bool:
        """A part goes in or out; 选好了 ends it."""
        picked, bundled = chosen(turn, self.name), _bundle(draft)
        if picked == "ready" or is_yes(turn, self.name) or is_no(turn, self.name) or turn.is_one_of("ready_words"):
            draft.remember(parts_chosen=True)
            return True
        if picked is None or not picked.isdecimal() or int(picked) >= len(bundled.choices):
            return False
        draft.compose(_toggled(bundled, draft.components, bundled.choices[int(picked)]))
        return True


def suggest(draft: Draft) -> None:
    """What is known of the household chooses beforehand, once."""
    if draft.bundle and draft.note("components") is None:
        known = {**names_of(draft.known()), **draft.plain_values}
        draft.compose(draft.bundle.suggested(known))


def _toggled(bundled: Bundle, keys: tuple[str, ...], part: Component) -> tuple[str, ...]:
    """With the part, or without it if it was there; of parts that exclude each other the new one stays."""
    if part.key in keys:
        return tuple(each for each in keys if each != part.key)
    both = (*keys, part.key)
    try:
        bundled.chosen(both)
    except NotOneOfThem:
        rivals = {each.key for each in bundled.choices if each.either == part.either}
        both = (*(each for each in keys if each not in rivals), part.key)
    return both


def _bundle(draft: Draft) -> Bundle:
    assert draft.bundle is not None  # `is_open` was asked before
    return draft.bundle
