"""The model of the tests: trained from the files as they are, once for all workers, and again only when they change."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
TRAINED_FROM = ("bot/assistant/**/*.yml", "bot/rasa/*.py", "bot/model.py", "bot/standins.py", "nlu/**/*.*", "uv.lock")


def trained(folder: Path) -> Path:
    """A model of exactly these files, kept in the folder. Whoever comes second waits for who trains."""
    model = folder / _digest() / "model.tar.gz"
    with FileLock(folder / "training.lock"):
        if not model.exists():
            _train(model)
    return model


def _train(model: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "bot.model", str(model)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]


def _digest() -> str:
    """Of what the model is made from: its data and the components' code, with the libraries' versions."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in TRAINED_FROM for path in ROOT.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
