"""The picture of a market day: when each ticket was taken, how long it waited, by kind. SVG by our own template."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from string import Template

from bot.bench.market_day import Outcome, Served
from knowledge.ticket import Kind
from knowledge.working_days import CHINA

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 900, 380, 60, 44, 48
FIRST_HOUR, LAST_HOUR = 8, 17
STEP = 10
COLOURS: dict[Kind, tuple[str, str]] = {
    "walk_in": ("#1f5fa8", "现场取号"),
    "first": ("#b4570b", "优先"),
    "appointment": ("#16784a", "预约"),
}
PAGE = Template("""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height"
 font-family="sans-serif" font-size="13">
<title>$title</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="$left" y="22" font-size="16">$title</text>
$parts
</svg>
""")


def draw(outcome: Outcome, title: str) -> str:
    """The picture as SVG."""
    most = max([STEP, *outcome.waits()])
    parts = [*_grid(most), *(_dot(each, most) for each in outcome.served), *_legend()]
    return PAGE.substitute(width=WIDTH, height=HEIGHT, left=LEFT, title=title, parts="\n".join(parts))


def save(outcome: Outcome, title: str, file: Path) -> None:
    """Write it."""
    file.write_text(draw(outcome, title), encoding="utf-8")


def _grid(most: float) -> list[str]:
    lines = []
    for minutes in range(0, int(most) + STEP, STEP):
        y = _y(minutes, most)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 20}" stroke="#ddd"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{minutes} 分</text>')
    for hour in range(FIRST_HOUR, LAST_HOUR + 1):
        lines.append(f'<text x="{_x(hour):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{hour}:00</text>')
    lines.append(f'<text x="{WIDTH - 20}" y="{HEIGHT - 6}" text-anchor="end">取号的时刻；高低是等到叫号的分钟</text>')
    return lines


def _dot(served: Served, most: float) -> str:
    local = served.taken_at.astimezone(CHINA)
    hour = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) / timedelta(hours=1)
    place = f'cx="{_x(hour):.1f}" cy="{_y(served.waited, most):.1f}"'
    return f'<circle {place} r="2.6" fill="{COLOURS[served.kind][0]}" fill-opacity="0.75"/>'


def _legend() -> list[str]:
    return [
        f'<circle cx="{WIDTH - 290 + 100 * place}" cy="18" r="5" fill="{colour}"/>'
        f'<text x="{WIDTH - 280 + 100 * place}" y="22">{name}</text>'
        for place, (colour, name) in enumerate(COLOURS.values())
    ]


def _x(hour: float) -> float:
    return LEFT + (hour - FIRST_HOUR) / (LAST_HOUR - FIRST_HOUR) * (WIDTH - LEFT - 30)


def _y(minutes: float, most: float) -> float:
    top = -(-most // STEP) * STEP
    return HEIGHT - BOTTOM - minutes / top * (HEIGHT - TOP - BOTTOM)
