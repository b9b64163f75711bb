"""`bangban bench`: the figures of docs/bench.md."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from bot.commands.errors import CommandFailed
from bot.commands.options import DataDir, on_catalogue, settings_from
from bot.logs import configure
from bot.settings import Settings
from bot.standins import install

if TYPE_CHECKING:
    from bot.bench.papers.photographing import Manner

SIZES = [240, 2_043, 100_000]
KINDS: tuple[Literal["", "walk_in", "first", "appointment"], ...] = ("", "walk_in", "first", "appointment")
MANNERS = ["clean", "phone", "blurred", "glare", "dark", "cut_off", "small"]

Workers = Annotated[int, typer.Option(min=1, help="processes; more than one needs both addresses")]
EmptyDatabase = Annotated[str, typer.Option(help="an empty database; empty: SQLite")]
RedisAddress = Annotated[str, typer.Option(help="Redis address; empty: the embedded one")]

app = typer.Typer(help="Measure on this machine, against the limits and the named peers.")


@app.callback(invoke_without_command=True)
def bench(
    context: typer.Context,
    data_dir: DataDir = None,
    turns: Annotated[int, typer.Option(help="guide turns to measure")] = 1000,
) -> None:
    """Start the service and talk to it: start, memory, guide turn, growth of a conversation."""
    if context.invoked_subcommand is None:
        configure("ERROR")
        typer.echo(machine())
        asyncio.run(_service(settings_from(data_dir=data_dir).model, turns))


@app.command("match")
def matching(
    size: Annotated[list[int], typer.Option(help="matters of a catalogue; again for another")] = SIZES,
    phrases: Annotated[int, typer.Option(min=100, help="distinct phrases to ask each catalogue")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """The matcher beside bm25s, tantivy, FTS5, TF-IDF, rank_bm25 and word cutters: time, memory, accuracy."""
    from bot.bench.matching import measure, systems_for
    from bot.bench.starter import task_of
    from bot.bench.table import as_dict, table, verdicts
    from bot.bench.thinking import second_thoughts
    from bot.matching import subjects_of
    from bot.thinking import second_opinion

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), database_url="")
        starter = on_catalogue(settings, subjects_of)
        opinion = second_opinion(settings, at_once=True)
        thoughts = on_catalogue(settings, lambda catalogue: second_thoughts(catalogue, opinion)) if opinion else None
    typer.echo(machine(), err=as_json)
    rows = []
    for matters in size:
        task = task_of(starter, matters, phrases)
        measured = measure(task, systems_for(matters))
        typer.echo("\n".join(["", *table(task, measured)]), err=as_json)
        rows += measured
    typer.echo("\n".join(["", *verdicts(rows), str(thoughts or "no second opinion here")]), err=as_json)
    if as_json:
        typer.echo(json.dumps({"machine": machine(), "measured": [as_dict(row) for row in rows]}))


@app.command("wechat")
def wechat(
    rate: Annotated[int, typer.Option(min=1, help="callbacks a second")] = 50,
    seconds: Annotated[int, typer.Option(min=1, help="how long")] = 300,
    workers: Workers = 1,
    database: EmptyDatabase = "",
    redis: RedisAddress = "",
    data_dir: DataDir = None,
) -> None:
    """The official account under load, against a platform that gives an answer five seconds."""
    from bot.bench.service import Arrangement
    from bot.bench.wechat import measure
    from bot.model import ensure_model

    configure("ERROR")
    arrangement = Arrangement(database, redis, workers)
    typer.echo(f"{machine()} · load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        model = asyncio.run(ensure_model(settings_from(data_dir=data_dir).model))
        (Path(folder) / "model.tar.gz").symlink_to(model.absolute())
        load = asyncio.run(measure(Path(folder), rate, seconds, arrangement, typer.echo))
    typer.echo(str(load))
    if not load.holds:
        raise CommandFailed("over a limit")


@app.command("forms")
def forms(as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False) -> None:
    """The share of a form's fields that need not be asked, with a household file and licences."""
    from bot.bench.forms import GOAL, average, measure
    from knowledge.starter import read_starter

    measured = measure(read_starter().matters, date.today())
    if as_json:
        rows = [{"code": each.code, "name": each.name, "share": round(each.share, 3)} for each in measured]
        typer.echo(json.dumps({"average": round(average(measured), 3), "matters": rows}, ensure_ascii=False))
        return
    typer.echo("matter  people  fields  apply  asked  not asked")
    for each in measured:
        typer.echo(
            f"{each.code:<8}{len(each.filled):>6}{each.in_form:>8}{each.applying:>7.1f}{each.asked:>7.1f}"
            f"{each.share:>10.0%}  {each.name}"
        )
    verdict = "kept" if average(measured) >= GOAL else "MISSED"
    typer.echo(f"average not asked {average(measured):.0%}   goal {GOAL:.0%}: {verdict}")


@app.command("papers")
def papers(
    each: Annotated[int, typer.Option(min=1, help="photos of every paper in every manner")] = 6,
    manner: Annotated[list[str], typer.Option(help="clean, phone, blurred, glare, dark, cut_off, small")] = MANNERS,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    show: Annotated[bool, typer.Option("--show", help="what was read wrongly")] = False,
) -> None:
    """The reading of papers, on drawn photos: kind, name, number, time; whether bad photos are told so."""
    from bot.bench.papers.drawing import FontMissing
    from bot.bench.papers.measuring import as_dict, measure, mistakes, processor_seconds, rows_of, table, verdicts

    if unknown := set(manner) - set(MANNERS):
        raise typer.BadParameter(f"there is no manner {'、'.join(unknown)}")
    typer.echo(f"{machine()} · load {os.getloadavg()[0]:.1f}", err=as_json)
    try:
        seen = asyncio.run(measure(each, cast("list[Manner]", manner)))
    except FontMissing as missing:
        raise CommandFailed(f"no Chinese font at {missing}; scripts/chromium installs one") from missing
    rows = rows_of(seen)
    core = f"seconds of one core a photo: {processor_seconds(len(seen)):.2f}"
    said = [*table(rows), core, *verdicts(rows), *(mistakes(seen) if show else [])]
    typer.echo("\n".join(said), err=as_json)
    if as_json:
        typer.echo(json.dumps({"machine": machine(), "measured": [as_dict(one) for one in rows]}))


@app.command("market-day")
def market_day(
    residents: Annotated[int, typer.Option(min=10, help="how many come")] = 600,
    windows: Annotated[int, typer.Option(min=1, help="how many windows call")] = 6,
    seed: Annotated[int, typer.Option(help="another day")] = 1,
    picture: Annotated[Path | None, typer.Option(help="an SVG of the waiting times")] = None,
) -> None:
    """Tickets of a day in an office, on the real store with a simulated clock: waits, errors of the estimates."""
    from bot.bench.market_day import Outcome, market_day
    from bot.bench.market_picture import save

    typer.echo(machine())
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        outcome: Outcome = asyncio.run(market_day(Path(folder), residents, windows, seed))
    typer.echo(f"{residents} residents, {windows} windows, seed {seed}, played in {time.monotonic() - begun:.0f} s")
    typer.echo(f"done {outcome.done}, not there twice {outcome.missed}, refused {outcome.refused}")
    for kind in KINDS:
        _spread(f"wait, {kind or 'all'}", outcome.waits(kind))
    _spread("error of the estimate", outcome.errors())
    error = statistics.median(outcome.errors())
    typer.echo(f"goal: median error ≤ 3 min: {'kept' if error <= 3 else 'missed'}")
    if picture:
        save(outcome, f"赶场天：{residents} 人，{windows} 个窗口，每个人等了多久", picture)


def _spread(name: str, minutes: list[float]) -> None:
    median, ninth = statistics.median(minutes), statistics.quantiles(minutes, n=10)[8]
    typer.echo(f"{name:24} median {median:5.1f}   p90 {ninth:5.1f}   most {max(minutes):5.1f} min   of {len(minutes)}")


@app.command("desk")
def desk(
    chats: Annotated[int, typer.Option(min=1, help="conversations with a person at once")] = 300,
    agents: Annotated[int, typer.Option(min=1, help="agents who answer them")] = 30,
    messages: Annotated[int, typer.Option(min=1, help="messages of each side of a chat")] = 6,
    every: Annotated[float, typer.Option(min=0.1, help="seconds between two of them")] = 30.0,
    workers: Workers = 1,
    database: EmptyDatabase = "",
    redis: RedisAddress = "",
    data_dir: DataDir = None,
) -> None:
    """Chats between residents and agents: how long a message takes, and that none is lost, doubled or out of order."""
    configure("ERROR")
    from bot.bench.desk import Plan, measure
    from bot.bench.service import Arrangement
    from bot.model import ensure_model

    install(serving=True)
    plan = Plan(chats, agents, messages, every, Arrangement(database, redis, workers))
    model = settings_from(data_dir=data_dir).model
    typer.echo(f"{machine()} · load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(ensure_model(model))
        (Path(folder) / model.name).symlink_to(model.absolute())
        measured = asyncio.run(measure(plan, Path(folder)))
    for name, value, unit, limit in measured.rows():
        _row(name, value, unit, limit)
    if not measured.is_whole:
        raise CommandFailed("messages were lost, doubled or out of order")


def machine() -> str:
    """The machine that is measured, and the day."""
    model = next(
        (line.split(":")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?"
    )
    return (
        f"{date.today()} · {len(os.sched_getaffinity(0))} cores of {model.strip()} · Python {platform.python_version()}"
    )


async def _service(model: Path, turns: int) -> None:
    install(serving=True)
    import aiohttp

    from bot.bench.growth import growth
    from bot.bench.service import Talk, guide_turns, service
    from bot.model import ensure_model

    await ensure_model(model)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / model.name).symlink_to(model.absolute())
        async with service(Path(folder)):
            pass  # the first start makes the database; what counts is a start with everything there
        async with service(Path(folder)) as process, aiohttp.ClientSession(process.address) as client:
            guide = statistics.quantiles(await guide_turns(client, turns), n=100)
            grown = await growth(lambda: Talk.opened(client))
            _row("ready after start", process.seconds_to_ready, "s", 8)
            _row("resident memory after the turns", process.memory_mb, "MB", 300)
    _row("guide turn over HTTP, p50", guide[49], "ms", 12)
    _row("guide turn over HTTP, p99", guide[98], "ms", 40)
    _row("turn 400 : turn 5, over HTTP", grown.ratio, "×", 1.2)
    await _engine(model)


async def _engine(model: Path) -> None:
    from bot.bench.growth import growth
    from bot.bench.trackers import OurTalk, RasasTalk, our_engine, rasas_processor

    engine, processor = our_engine(model), rasas_processor(model)

    async def ours() -> OurTalk:
        return OurTalk(engine)

    async def rasas() -> RasasTalk:
        return RasasTalk(processor)

    window, memory = await growth(ours), await growth(rasas)
    _row("turn 400 : turn 5, engine alone", window.ratio, "×", 1.2)
    _row("  the same with Rasa's InMemoryTrackerStore", memory.ratio, "×")
    _row("turn 400, ours : Rasa's InMemoryTrackerStore", window.late / memory.late, "×")


def _row(name: str, value: float, unit: str, limit: float | None = None) -> None:
    verdict = "" if limit is None else f"   limit {limit:g} {unit}: {'kept' if value <= limit else 'MISSED'}"
    typer.echo(f"{name:<48}{value:>9.2f} {unit:<3}{verdict}")
