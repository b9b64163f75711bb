"""A match in lines for a person: the decision and the candidates, and under them what made the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

BY = {
    "name": "the very name of one matter",
    "words": "words and sounds",
    "meaning": "the meaning (second opinion)",
    "situation": "a situation's own words: its question is asked",
    "nothing": "nothing is left to compare",
}
SIGNAL_WIDTH = 20


def in_lines(found: Mapping[str, Any]) -> str:
    """`found`: as the contract has it, with an `explanation` or without."""
    lines = [f"{found['text']}: {found['decision']}"]
    lines += [f"  {one['score']:.2f} {one['code']} {one['name']}" for one in found["candidates"]]
    why = found.get("explanation")
    return "\n".join([*lines, *(_explanation(why) if why else ())])


def _explanation(why: Mapping[str, Any]) -> Iterator[str]:
    if why["wanted"]:
        yield f"  taken as wanted: {why['wanted']}"
    if why["then"]:
        yield f"  and then: {why['then']}"
    replaced = " · ".join(f"{said} → {standard or '(dropped)'}" for said, standard in why["dialect"].items())
    yield f"  compared: {why['compared']}" + (f"   ({replaced})" if replaced else "")
    yield f"  decided by {BY[why['opinion']]}"
    if why["opinion"] != "nothing":
        yield f"  none of ours {why['none']:.2f} · gate {why['gate']:+.1f} · too vague {why['vague']:.2f}"
    for best in why["best"]:
        yield from _explained(best)


def _explained(best: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {best['score']:.2f} {best['code']} {best['name']}: {best['points']:.1f} points"
    for share in best["shares"]:
        product = f"{share['value']:.2f} × {share['weight']:5.2f} = {share['share']:5.2f}"
        yield f"       {share['signal']:{SIGNAL_WIDTH}} {product}"
    if best["nearest"]:
        yield f"       {'nearest':{SIGNAL_WIDTH}} {' · '.join(best['nearest'])}"
