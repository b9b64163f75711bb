"""`bangban links …`: codes and posters (一事一码)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DatabaseUrl, DataDir, on_catalogue, settings_from

if TYPE_CHECKING:
    from bot.links_desk import LinksDesk
    from bot.settings import Settings
    from knowledge.catalogue import Catalogue
    from knowledge.links import Link, Links, NewLink

Result = TypeVar("Result")
BY = "bangban"

app = typer.Typer(help="Codes and posters: one for each matter, office and bundle.", no_args_is_help=True)

Region = Annotated[str, typer.Option(help="division code of the village or town; empty: BANGBAN_REGION")]
Place = Annotated[str, typer.Option(help="where the poster hangs; scans are counted by it")]
Code = Annotated[str, typer.Argument(help="the link's code")]


@app.command("make")
def make(
    targets: Annotated[list[str] | None, typer.Argument(help="codes of matters (M005), offices, bundles (B01)")] = None,
    region: Region = "",
    place: Place = "",
    elder: Annotated[bool, typer.Option("--elder", help="the page opens in 长辈版")] = False,
    guides: Annotated[bool, typer.Option("--all", help="every matter with a guide, every bundle, the office")] = False,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Make the links, and print each with its address. Those there are stay the same."""
    settings = settings_from(data_dir=data_dir, database_url=database)

    async def work(catalogue: Catalogue, links: Links, desk: LinksDesk) -> list[Link]:
        where = region or settings.region
        wanted = [await _wanted(catalogue, each, where, place, elder) for each in targets or ()]
        if guides:
            wanted += await _all(catalogue, where, place, elder)
        if not wanted:
            raise CommandFailed("name what the links lead to, or --all")
        for each in wanted:
            if not await desk.leads_somewhere(each):
                raise CommandFailed(f"there is no {each.target} in {each.region}")
        return [await links.make(each, BY, _now()) for each in wanted]

    for link in _run(settings, work):
        typer.echo(f"{link.code}\t{link.kind}\t{link.target}\t{link.place or '-'}\t{_address(settings)}/q/{link.code}")


@app.command("list")
def list_(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Show the links with their scans of the last 30 days and ever."""

    async def work(_: Catalogue, links: Links, desk: LinksDesk) -> None:
        told = await desk.listed(None, None, "", "")
        for each in told["links"]:
            counts = f"{each['scans']}\t{each['scans_ever']}"
            typer.echo(f"{each['code']}\t{each['name']}\t{each['region_name']}\t{each['place'] or '-'}\t{counts}")

    _run(settings_from(data_dir=data_dir, database_url=database), work)


@app.command("scans")
def scans(data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Print the scans of the last 30 days as CSV: by day, link, place and channel."""

    async def work(_: Catalogue, links: Links, desk: LinksDesk) -> str:
        return await desk.csv(None, None, "")

    typer.echo(_run(settings_from(data_dir=data_dir, database_url=database), work), nl=False)


@app.command("posters")
def posters(
    out: Annotated[Path, typer.Argument(help="the PDF file to write, a page for each link")],
    code: Annotated[list[str] | None, typer.Option(help="only these; one each")] = None,
    size: Annotated[str, typer.Option(help="A4 or A3")] = "A4",
    address: Annotated[str, typer.Option(help="where residents open the page; empty: BANGBAN_PUBLIC_URL")] = "",
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Write posters for the village wall: title, what to bring, the code, whom to ring."""
    settings = settings_from(data_dir=data_dir, database_url=database, public_url=address or None)
    if not settings.public_url:
        raise CommandFailed("set BANGBAN_PUBLIC_URL: the address under which residents open the page")
    if size not in ("A4", "A3"):
        raise CommandFailed(f"size {size}: A4 or A3")

    async def work(_: Catalogue, links: Links, desk: LinksDesk) -> tuple[bytes, int]:
        chosen = [await links.find(each) for each in code] if code else await links.listed()
        if not chosen:
            raise CommandFailed("there are no links yet: bangban links make")
        return await desk.posters(chosen, "A3" if size == "A3" else "A4", settings.public_url), len(chosen)

    drawn, pages = _run(settings, work)
    out.write_bytes(drawn)
    typer.echo(f"{out}: {pages} pages")


@app.command("end")
def end(code: Code, data_dir: DataDir = None, database: DatabaseUrl = None) -> None:
    """Take a poster down: who still scans it gets the page as it begins for everybody."""

    async def work(_: Catalogue, links: Links, desk: LinksDesk) -> None:
        await links.find(code)
        await links.end(code, _now())

    _run(settings_from(data_dir=data_dir, database_url=database), work)
    typer.echo(f"{code.upper()}: ended")


async def _wanted(catalogue: Catalogue, target: str, region: str, place: str, elder: bool) -> NewLink:
    from knowledge.bundles import bundles
    from knowledge.links import NewLink

    if target in bundles():
        return NewLink("bundle", target, region, place, elder)
    office = await catalogue.office(target)
    if office is not None:
        return NewLink("office", target, office.region, place, elder)
    return NewLink("matter", target, region, place, elder)


async def _all(catalogue: Catalogue, region: str, place: str, elder: bool) -> list[NewLink]:
    from knowledge.bundles import bundles

    codes = [entry.code async for entry in catalogue.entries()]
    told = [matter.code for matter in await catalogue.matters(sorted(set(codes)), region) if matter.guide]
    office = await catalogue.office_for(region)
    every = [*told, *bundles(), *([office.code] if office else [])]
    return [await _wanted(catalogue, each, region, place, elder) for each in every]


def _run(settings: Settings, work: Callable[[Catalogue, Links, LinksDesk], Awaitable[Result]]) -> Result:
    from knowledge.links import LinkNotFound

    async def run(catalogue: Catalogue) -> Result:
        from bot.links_desk import LinksDesk
        from knowledge.links import Links

        links = Links(catalogue.database)
        return await work(catalogue, links, LinksDesk(links, catalogue, _now))

    try:
        return on_catalogue(settings, run)
    except LinkNotFound as error:
        raise CommandFailed(f"there is no link {error}") from error


def _address(settings: Settings) -> str:
    return settings.public_url.rstrip("/")


def _now() -> datetime:
    from bot.clock import now

    return now()
