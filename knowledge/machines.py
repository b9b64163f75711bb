"""Self-service machines (自助机): where they are, when one gets to them, what they do (starter/machines.yml)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from knowledge.checking import STARTER
from knowledge.division import division_code, lineage
from knowledge.formats.yaml_file import load

FILE = STARTER / "machines.yml"


class MachinesInvalid(ValueError):
    """The file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, or a room of them. `hours` as those of an office; none: day and night. `does` in residents' words."""

    code: str
    region: str
    name: str
    address: str
    does: tuple[str, ...]
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    verified: bool = False


@lru_cache(maxsize=4)
def machines(file: Path = FILE) -> Sequence[Machine]:
    """All machines. Raises MachinesInvalid, BrokenFile."""
    try:
        return tuple(Machine(**{**record, "does": tuple(record["does"])}) for record in load(file))
    except (KeyError, TypeError) as error:
        raise MachinesInvalid(f"{file.name}: {error!r}") from error


def machines_near(region: str | None) -> list[Machine]:
    """Those of the division and of all above it, the nearest first; a machine of another town is not near."""
    order = {code: distance for distance, code in enumerate(lineage(division_code(region or "")))}
    near = [machine for machine in machines() if machine.region in order]
    return sorted(near, key=lambda machine: order[machine.region])
