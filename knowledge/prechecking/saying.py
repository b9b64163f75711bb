"""Says a finding in one sentence, from the texts of papers.yml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from knowledge.id_number import masked
from knowledge.matter import Material
from knowledge.paper import Finding
from knowledge.paper_rules import PaperKind, PaperRules

NUMBERS = {"id_number", "spouse_id_number", "account"}
"""Fields whose values are never said whole."""


class Saying:
    """Findings about one material. `paper` is how a paper is called in the sentence."""

    def __init__(self, rules: PaperRules, material: Material) -> None:
        self._rules = rules
        self._material = material.name

    def __call__(self, defect: str, paper: str = "", **told: object) -> Finding:
        """The finding of a defect. Raises KeyError for a defect or a place in its text that is not in papers.yml."""
        said = self._rules.findings[defect]
        text = said.text.format(**{"material": self._material, "paper": paper or self._material, **told})
        return Finding(self._material, defect, said.severity, text, said.rule)


def called(kind: PaperKind) -> str:
    """What people call a kind: 身份证, not 居民身份证."""
    return kind.words[0]


def in_words(labels: Iterable[str]) -> str:
    """姓名、号码 once each; 字 when nothing is named."""
    return "、".join(dict.fromkeys(labels)) or "字"


def shown(key: str, value: str) -> str:
    """A value as it may be shown: of numbers only the ends, a day in words."""
    if key in NUMBERS:
        return masked(value) if len(value) == 18 and key != "account" else f"尾号{value[-4:]}"
    return day_in_words(value) if _is_day(value) else value


def day_in_words(value: str) -> str:
    """2031年5月7日."""
    day = date.fromisoformat(value)
    return f"{day.year}年{day.month}月{day.day}日"


def in_order(findings: Iterable[Finding], rules: PaperRules) -> list[Finding]:
    """Each once, the bad before the others, then as papers.yml has them."""
    order: Sequence[str] = list(rules.findings)
    once = dict.fromkeys(findings)
    return sorted(once, key=lambda each: (each.severity != "bad", order.index(each.defect)))


def _is_day(value: str) -> bool:
    return len(value) == 10 and value[4] == value[7] == "-" and value.replace("-", "").isdigit()
