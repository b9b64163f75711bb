"""The simulated market day: the same seed is the same day, everybody is dealt with, the estimate is of use."""

from __future__ import annotations

import statistics
from pathlib import Path
from xml.etree import ElementTree

from bot.bench.market_day import market_day
from bot.bench.market_picture import draw


async def test_a_small_market_day_serves_everybody_and_tells_the_wait(tmp_path: Path) -> None:
    outcomes = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        outcomes.append(await market_day(folder, 60, 1, 3))
    first, second = outcomes
    assert first.served == second.served
    assert first.done + first.missed + first.refused == 60
    assert statistics.median(first.errors()) <= 3
    picture = ElementTree.fromstring(draw(first, "赶场天"))
    dots = [each for each in picture.iter() if each.tag.endswith("circle") and each.get("fill-opacity")]
    assert len(dots) == len(first.served)
