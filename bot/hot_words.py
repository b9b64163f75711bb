"""What is likely said next, for the recogniser: the choices that stand on the screen, then the catalogue's words."""

from __future__ import annotations

from collections.abc import Sequence

from actions.choices import starters
from bot.rasa.tracker_store import State
from knowledge.catalogue import Catalogue

SHORT = 8
"""Characters; a longer name is not what anybody says."""
ENOUGH = 60
"""Of the catalogue's words: recognisers read a prompt of 180 characters."""


class HotWords:
    """The catalogue's words are read once a release."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._release: int | None = None
        self._words: Sequence[str] = ()

    async def of(self, state: State | None) -> list[str]:
        """The likeliest first."""
        slots = (state or {}).get("slots", {})
        offered = [each["label"].partition("：")[0] for each in slots.get("offered") or ()]
        about = await self._about(slots.get("matter"))
        everywhere = [choice.label for choice in starters()]
        return [word for word in (*offered, *about, *everywhere, *await self._of_catalogue()) if len(word) <= SHORT]

    async def _about(self, code: str | None) -> list[str]:
        """The matter that is talked about, and its papers."""
        if not code:
            return []
        found = await self._catalogue.matters([code])
        return [word for each in found for word in (each.name, *each.aliases)]

    async def _of_catalogue(self) -> Sequence[str]:
        release = await self._catalogue.release()
        if release != self._release:
            self._words, self._release = await self._read(), release
        return self._words

    async def _read(self) -> list[str]:
        found: list[str] = []
        async for entry in self._catalogue.entries():
            found += [min((entry.name, *entry.aliases), key=len)]
            if len(found) >= ENOUGH:
                break
        return found
