"""The guide of a matter (办事指南): a card of sections, and the same as one text that can be read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions import parts
from actions.parts import Told
from actions.places import place
from actions.words import wording
from connectors.message import Choice
from knowledge.matter import Matter, Office

INLINE = "。！？；"
"""Marks after which a line needs no full stop."""


def card(matter: Matter, office: Office | None) -> dict[str, Any]:
    """The card's data. `verified` is False when something in it is not confirmed by a source."""
    told = _sections(matter, office)
    return {
        **identity(matter),
        "purpose": parts.purpose(matter),
        "verified": all(section.verified for section in told),
        "sections": [{"title": _title(section), "lines": list(section.lines)} for section in told],
        "rhyme": list(matter.guide.rhyme) if matter.guide and matter.guide.rhyme else None,
    }


def identity(matter: Matter) -> dict[str, Any]:
    """What every answer about a matter carries: which version of which matter it is from."""
    return {"code": matter.code, "name": matter.name, "version": matter.version, "release": matter.release}


def card_text(shown: dict[str, Any]) -> str:
    """All that the card says: a section begins a line with its title, steps and papers have a line each."""
    names = {title: name for name, title in wording("sections").items()}
    lines = [_titled(section["title"], names[section["title"]], section["lines"]) for section in shown["sections"]]
    if shown["rhyme"]:
        lines.append(f"{wording('sections.rhyme')}：{'，'.join(shown['rhyme'])}。")
    return "\n".join(lines)


def spoken_lines(section: str, lines: Sequence[str]) -> str:
    """Several lines under each other; 1、2、3、 before those that are counted (wording.yml `counted`)."""
    if len(lines) < 2:
        return in_one_line(tuple(lines))
    full = [in_one_line((line,)) for line in lines]
    counted = section in wording("counted")
    return "\n".join(f"{number}、{line}" if counted else line for number, line in enumerate(full, 1))


def in_one_line(lines: list[str] | tuple[str, ...]) -> str:
    """Lines as sentences after each other."""
    return "".join(line if line.endswith(tuple(INLINE)) else f"{line}。" for line in lines)


def with_note(text: str, verified: bool) -> str:
    """The text; 以当地窗口为准 follows once if no source confirms it."""
    note: str = wording("unverified")
    said_already = "以当地窗口为准" in text
    return text if verified or said_already else f"{text}\n{note}"


def next_choices(matter: Matter, told: str | None = None) -> list[Choice]:
    """The parts that people ask for next, and applying where there is a form; `told` is the one just answered."""
    offered = wording("offered_for_benefit" if matter.type == wording("benefit") else "offered")
    doing = [Choice(f"apply:{matter.code}", wording("choices.apply"))] if matter.forms else []
    return doing + [Choice(f"{part}:{matter.code}", wording("parts")[part]) for part in offered if part != told]


def _titled(title: str, section: str, lines: list[str]) -> str:
    gap = "\n" if len(lines) > 1 else ""
    return f"{title}：{gap}{spoken_lines(section, lines)}"


def _sections(matter: Matter, office: Office | None) -> list[Told]:
    told = [
        parts.eligibility(matter),
        parts.materials(matter),
        parts.process(matter),
        parts.duration(matter),
        parts.fee(matter),
        place(matter, office),
        parts.online(matter),
        parts.result(matter),
        parts.contact(matter),
        parts.mistakes(matter),
    ]
    return [section for section in told if section.lines]


def _title(section: Told) -> str:
    return str(wording("sections")[section.response])
