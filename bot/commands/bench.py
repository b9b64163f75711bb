"""`bangban bench`: the figures of docs/bench.md."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.options import DataDir, settings_from
from bot.logs import configure
from bot.standins import install

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
