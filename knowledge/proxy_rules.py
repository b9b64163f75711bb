"""When somebody needs an authorisation to act for another, and how much one may do: data by region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from knowledge.checking import STARTER
from knowledge.division import division_code, lineage
from knowledge.formats.yaml_file import load

FILE = STARTER / "proxies.yml"


class ProxyRulesInvalid(ValueError):
    """The file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ProxyRule:
    """What holds in a region and below.

    `needs`: codes of matters for which also a member of the household needs the principal's yes; `days`: how long it
    holds; `principals`, `open_cases`: the most that one proxy may have at a time; `known`: the principal must have
    said who they are in the conversation in which they agree.
    """

    region: str
    needs: tuple[str, ...]
    days: int
    principals: int
    open_cases: int
    known: bool
    source: str
    verified: bool

    def asks_for(self, matters: Iterable[str]) -> bool:
        """Whether one of these matters needs it."""
        return not set(self.needs).isdisjoint(matters)


@lru_cache(maxsize=4)
def proxy_rules(file: Path = FILE) -> Sequence[ProxyRule]:
    """All rules. Raises ProxyRulesInvalid, BrokenFile."""
    try:
        return tuple(ProxyRule(**{**record, "needs": tuple(record["needs"])}) for record in load(file))
    except (KeyError, TypeError) as error:
        raise ProxyRulesInvalid(f"{file.name}: {error!r}") from error


def proxy_rule(region: str | None) -> ProxyRule | None:
    """The rule of the nearest region up the tree; None: there is none."""
    known = {rule.region: rule for rule in proxy_rules()}
    return next((known[code] for code in lineage(division_code(region or "")) if code in known), None)
