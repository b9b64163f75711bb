"""The environment of the peers: what only comparisons need is not installed with the service."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bangban" / "bench"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


class PeersMissing(Exception):
    """The peers can't be installed; the message says why."""


@lru_cache(maxsize=1)
def bench_python() -> Path:
    """The interpreter of an environment with the dependency group `bench` alone, as locked; made when it is missing.

    Raises PeersMissing.
    """
    if not (ROOT / "uv.lock").exists():
        raise PeersMissing("the peers are measured from a checkout of the project: uv.lock names their versions")
    install = [uv(), "sync", "--frozen", "--quiet", "--only-group", "bench"]
    run(install, {"UV_PROJECT_ENVIRONMENT": str(PLACE)})
    return PLACE / "bin" / "python"


def uv() -> str:
    """The path of uv. Raises PeersMissing."""
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        raise PeersMissing("the peers are installed by uv, which is not here: pip install uv")
    return found


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run a command in the project's folder. Raises PeersMissing with the last line that it said."""
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, errors="replace"
    )
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
        raise PeersMissing(f"{Path(command[0]).name} {command[1]}: {said[-1]}")
