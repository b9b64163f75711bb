"""Runs the real command line, as a person or a script does."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("BANGBAN_")}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    error: str

    @property
    def complaint(self) -> str:
        """Its one line on standard error, without the name before it."""
        (line,) = self.error.splitlines()
        return line.removeprefix("bangban: ")


def command(*arguments: str | Path) -> list[str]:
    """The arguments of a process that runs `bangban`."""
    return [sys.executable, "-m", "bot", *map(str, arguments)]


def bangban(*arguments: str | Path, said: bytes = b"") -> Ended:
    """Run a command to its end; `said` is its standard input."""
    ended = subprocess.run(
        command(*arguments), input=said, capture_output=True, cwd=ROOT, env=ENVIRONMENT, check=False, timeout=100
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
