"""What stands on a link's poster: the matter's papers, the bundle's parts or the office's hours, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions import parts
from actions.spoken import spoken_hours
from bot.link_words import words
from knowledge.bundles import Bundle, bundle_of
from knowledge.catalogue import Catalogue
from knowledge.links import Link
from knowledge.matter import Matter, Office
from knowledge.printing.poster import Poster


@dataclass(frozen=True, slots=True)
class Target:
    """What a link leads to, as its poster tells it."""

    name: str
    about: str
    heading: str
    lines: tuple[str, ...]
    office: Office | None
    verified: bool
    version: int = 0


class Posters:
    """Posters of links. `address`: under which residents open the service, without a slash at its end."""

    def __init__(self, catalogue: Catalogue, address: str) -> None:
        self._catalogue = catalogue
        self._address = address.rstrip("/")

    async def of(self, link: Link) -> Poster:
        """The link's poster. Raises MatterNotFound, BundleUnknown, OfficeGone: there is no such target any more."""
        target, said = await self.target(link), words()["poster"]
        url = url_of(self._address, link)
        return Poster(
            title=target.name,
            about=target.about,
            heading=target.heading,
            lines=tuple(f"· {line}" for line in target.lines),
            address=link.account_url or url,
            scan=said["scan_account" if link.account_url else "scan"],
            typed=said["typed"].format(typed=url.partition("://")[2]),
            foot=_foot(target.office),
            small=_small(link, target),
        )

    async def target(self, link: Link) -> Target:
        """What the link leads to. Raises what `of` raises."""
        if link.kind == "office":
            return _of_office(await self._office(link.target))
        office = await self._catalogue.office_for(link.region, "村")
        if link.kind == "bundle":
            return await self._of_bundle(bundle_of(link.target), link, office)
        matter = await self._catalogue.matter(link.target, link.region)
        return _of_matter(matter, await self._catalogue.office_for(link.region, matter.accept_level or "村"))

    async def name(self, link: Link) -> str:
        """The target's name; its code, where it is gone."""
        try:
            return (await self.target(link)).name
        except LookupError:
            return link.target

    async def _of_bundle(self, bundle: Bundle, link: Link, office: Office | None) -> Target:
        found = await self._catalogue.matters((each.matter for each in bundle.components), link.region)
        names = {matter.code: matter.name for matter in found}
        lines = tuple(filter(None, (names.get(each.matter, each.name) for each in bundle.components)))
        return Target(bundle.name, bundle.about, words()["poster"]["parts"], lines, office, False)

    async def _office(self, code: str) -> Office:
        for office in await self._catalogue.offices():
            if office.code == code:
                return office
        raise OfficeGone(code)


class OfficeGone(LookupError):
    """There is no office with this code any more."""


def url_of(address: str, link: Link) -> str:
    """The short address of a link."""
    return f"{address.rstrip('/')}/q/{link.code}"


def _of_matter(matter: Matter, office: Office | None) -> Target:
    told, said = parts.materials(matter), words()["poster"]
    lines = tuple(line.rstrip("。") for line in told.lines) or (said["bring_nothing"],)
    verified = told.verified and (office is None or office.verified)
    return Target(matter.name, parts.purpose(matter), said["bring"], lines, office, verified, matter.version)


def _of_office(office: Office) -> Target:
    said = words()["poster"]
    return Target(office.name, "", said["office"], (), office, office.verified)


def _foot(office: Office | None) -> tuple[str, ...]:
    said = words()["poster"]
    if office is None:
        return (said["ring"].format(telephone="12345"),)
    values: dict[str, Any] = {"telephone": office.telephone, "note": office.telephone_note, "name": office.name}
    ring = said["ring_with_note" if office.telephone_note else "ring"].format(**values) if office.telephone else ""
    go = said["go"].format(name=office.name, address=office.address or office.name)
    week = said["hours"].format(hours=spoken_hours(office.hours)) if office.hours else ""
    return tuple(filter(None, (ring, go, week)))


def _small(link: Link, target: Target) -> str:
    said = words()["poster"]
    version = said["version"].format(version=target.version) if target.version else ""
    note = "" if target.verified else said["unverified"]
    return str(said["small"].format(note=note, code=f"{link.target}　{link.code}", version=version)).strip()
