"""What the catalogue says about one part of a matter, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from actions.spoken import spoken_period
from actions.words import wording
from knowledge.matter import Guide, Material, Matter

NO_GUIDE = Guide()
SENTENCE = re.compile(r"[^。！？]+[。！？]?")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told about one part: the response's name, its lines, and whether a source confirms them.

    No lines: the catalogue does not say.
    """

    response: str
    lines: tuple[str, ...]
    verified: bool = True
    values: dict[str, Any] = field(default_factory=dict)


def eligibility(matter: Matter) -> Told:
    """Who can."""
    guide = matter.guide or NO_GUIDE
    return Told("eligibility", guide.who or matter.conditions, _confirmed(matter, "conditions", bool(guide.who)))


def materials(matter: Matter) -> Told:
    """What to bring, a line a paper."""
    return Told("materials", tuple(map(material_line, matter.materials)), matter.is_verified("materials"))


def process(matter: Matter) -> Told:
    """What happens, a line a step."""
    steps = (matter.guide or NO_GUIDE).steps
    return Told("process", steps, matter.is_verified("guide"))


def duration(matter: Matter) -> Told:
    """How long it takes, in the unit of the source: working days unless it says otherwise."""
    words, lines = wording("duration"), []
    if matter.promise_days == 0:
        lines = [words["at_once"]]
    elif matter.promise_days is not None:
        lines = [words["promised"].format(days=spoken_period(matter.promise_days, matter.promise_unit))]
    promised, legal = (matter.promise_days, matter.promise_unit), (matter.legal_days, matter.legal_unit)
    if matter.legal_days and legal != promised:
        lines.append(words["legal"].format(days=spoken_period(matter.legal_days, matter.legal_unit)))
    return Told("duration", tuple(lines), matter.is_verified("promise_days"))


def fee(matter: Matter) -> Told:
    """What it costs."""
    return Told("fee", _lines(matter.fee), matter.is_verified("fee"))


def online(matter: Matter) -> Told:
    """Whether and how it can be done on the telephone."""
    return Told("online", _lines((matter.guide or NO_GUIDE).online), matter.is_verified("guide"))


def result(matter: Matter) -> Told:
    """What one holds in the end, when and how one gets it."""
    got = (matter.guide or NO_GUIDE).get
    return Told("result", _lines(got or matter.result), _confirmed(matter, "result", bool(got)))


def contact(matter: Matter) -> Told:
    """Whom to call."""
    call = (matter.guide or NO_GUIDE).call
    return Told("contact", _lines(call or matter.consult_phone), _confirmed(matter, "consult_phone", bool(call)))


def proxy(matter: Matter) -> Told:
    """Whether somebody else can go: what the guide and the papers say of it, by the words of wording.yml `proxy_words`.

    A paper that is only brought by somebody who goes for another is told with its own line.
    """
    guide = matter.guide or NO_GUIDE
    texts = (guide.where, guide.online, guide.get, *guide.who, *guide.steps, *guide.mistakes)
    sentences = [sentence for text in texts for sentence in SENTENCE.findall(text) if _speaks_of_proxy(sentence)]
    papers = [material_line(each) for each in matter.materials if _speaks_of_proxy(f"{each.name}{each.when}")]
    return Told("proxy", tuple(dict.fromkeys([*sentences, *papers])), _confirmed(matter, "materials", bool(sentences)))


def mistakes(matter: Matter) -> Told:
    """What people often get wrong."""
    return Told("mistakes", (matter.guide or NO_GUIDE).mistakes, matter.is_verified("guide"))


PARTS: dict[str, Callable[[Matter], Told]] = {
    "ask_eligibility": eligibility,
    "ask_materials": materials,
    "ask_process": process,
    "ask_duration": duration,
    "ask_fee": fee,
    "ask_online": online,
    "ask_result": result,
}
"""The parts that the matter alone answers, by the intent that asks for them."""


def purpose(matter: Matter) -> str:
    """One sentence that says what the matter is for."""
    if matter.guide and matter.guide.purpose:
        return matter.guide.purpose
    words = wording("purpose")["without_guide" if matter.result else "without_result"]
    return str(words.format(department=matter.department, result=matter.result))


def material_line(material: Material) -> str:
    """身份证：原件，复印件1份，自己带。手机上有电子的居民身份证也行。"""
    words = wording("material")
    carried = "，".join(filter(None, [*_quantities(material), material.source]))
    optional = words["needs"].get(material.need)
    sentences = [
        material.when,
        words["licence"].format(licence=material.licence.removeprefix("电子")) if material.licence else "",
        words[optional] if optional else "",
    ]
    told = "。".join(filter(None, (f"{material.name}：{carried}" if carried else material.name, *sentences)))
    return f"{told}。"


def _quantities(material: Material) -> list[str]:
    """How many originals and copies. A blank form from the window is just filled in."""
    words, quantities = wording("material"), []
    if material.original and words["blank_form"] not in material.source:
        many = material.original > 1
        quantities.append(words["originals"].format(count=material.original) if many else words["original"])
    if material.copies:
        quantities.append(words["copies"].format(count=material.copies))
    return quantities


def _speaks_of_proxy(text: str) -> bool:
    return any(word in text for word in wording("proxy_words"))


def _confirmed(matter: Matter, key: str, from_guide: bool) -> bool:
    return matter.is_verified("guide" if from_guide else key)


def _lines(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
