"""The catalogue as one turn sees it: of one release, for the resident's region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.catalogue import Catalogue, RegionNotFound, SituationNotFound
from knowledge.matter import Matter, Office, Standard
from knowledge.situation import Situation


@dataclass(frozen=True, slots=True)
class Here:
    """Reads that cost no statement once the release is known. What is not there is None or empty."""

    catalogue: Catalogue
    region: str | None
    release: int

    async def matter(self, code: str) -> Matter | None:
        """The matter in force here."""
        found = await self.matters([code])
        return found[0] if found else None

    async def matters(self, codes: Iterable[str]) -> list[Matter]:
        """Those of them that are in force here, in their order."""
        return await self.catalogue.matters(codes, self.region, release=self.release)

    async def situation(self, code: str) -> Situation | None:
        """The situation with that code."""
        try:
            return await self.catalogue.situation(code, release=self.release)
        except SituationNotFound:
            return None

    async def situations(self) -> list[Situation]:
        """All situations, by code."""
        return await self.catalogue.situations(release=self.release)

    async def standards(self, code: str) -> list[Standard]:
        """The amounts of a matter that are in effect here."""
        return await self.catalogue.standards(code, self.region, release=self.release)

    async def office(self, level: str = "村") -> Office | None:
        """The nearest office that takes in what is handed in at that level."""
        return await self.catalogue.office_for(self.region, level, release=self.release)

    async def region_name(self, code: str) -> str:
        """The division's name; "" when the tree does not have it."""
        try:
            return (await self.catalogue.region(code, release=self.release)).name
        except RegionNotFound:
            return ""


async def look_around(catalogue: Catalogue, region: str | None) -> Here:
    """The catalogue as it is published now, for that region. Costs one statement."""
    return Here(catalogue, region, await catalogue.release())
