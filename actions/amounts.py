"""How much one gets or pays: the standards of the resident's region, with their date and source."""

from __future__ import annotations

from functools import cache
from itertools import groupby

from actions.here import Here
from actions.parts import Told
from actions.spoken import spoken_amount
from actions.words import wording
from knowledge.matter import Matter, Standard
from knowledge.starter import sources


async def amount(here: Here, matter: Matter) -> Told:
    """The standards in effect, those of one origin together; no lines: none are known."""
    standards = await here.standards(matter.code)
    lines: list[str] = []
    for _, same_origin in groupby(standards, key=lambda each: (each.region, each.effective_from, each.source)):
        group = list(same_origin)
        lines += map(standard_line, group)
        if any(standard.amount is not None for standard in group):
            lines.append(_origin(group[0], await here.region_name(group[0].region)))
    return Told("amount", tuple(lines), all(standard.verified for standard in standards))


def standard_line(standard: Standard) -> str:
    """80–89岁：每月100元。 And what has to be known about it."""
    words = wording("amount")
    if standard.amount is None:
        return f"{words['unknown'].format(subject=standard.subject)}{standard.note}"
    told = words["known"].format(subject=standard.subject, amount=spoken_amount(standard.amount, standard.unit))
    return f"{told}{standard.note}"


def _origin(standard: Standard, region: str) -> str:
    words, start, source = wording("amount"), standard.effective_from, _source_title(standard.source)
    date = words["since"].format(date=f"{start.year}年{start.month}月{start.day}日") if start else ""
    told = words["source"].format(source=source) if source else ""
    return f"{words['of'].format(region=region, since=date)}{told}"


def _source_title(source: str) -> str:
    """The title of a source that is named by its key; any other source is its own title."""
    known = _sources().get(source)
    return str(known["title"]) if known else source


@cache
def _sources() -> dict[str, dict[str, object]]:
    return sources()
