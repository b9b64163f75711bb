"""The trained Rasa model: made when it is missing, made anew when it is damaged."""

from __future__ import annotations

import asyncio
import os
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import structlog

from bot.logs import configure

log = structlog.get_logger()

ROOT = Path(__file__).resolve().parent.parent
ASSISTANT = ROOT / "bot" / "assistant"
DOMAIN, CONFIG, RULES = ASSISTANT / "domain", ASSISTANT / "config.yml", ASSISTANT / "rules.yml"
STORIES = ROOT / "tests" / "rasa" / "test_stories.yml"
INTENTS = ROOT / "nlu" / "data" / "intents"


class TrainingFailed(Exception):
    """Rasa could not train: the reason is in its message."""


async def ensure_model(model: Path) -> Path:
    """The model's path, once there is a whole one there. Raises TrainingFailed."""
    if model.exists() and not _is_whole(model):
        damaged = model.with_suffix(".damaged")
        model.replace(damaged)
        log.warning("model_damaged", kept_as=str(damaged))
    if not model.exists():
        log.info("model_training", model=str(model))
        await train_apart(model)
    return model


async def train_apart(model: Path) -> None:
    """Train in a process of its own: what training needs is gone from memory afterwards. Raises TrainingFailed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", "bot.model", str(model)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise TrainingFailed(output.decode(errors="replace")[-2000:])


def train(model: Path) -> None:
    """Train from `bot/assistant` and `nlu/data/intents`; the file appears whole or not at all."""
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TQDM_DISABLE="1")
    from bot.standins import install

    install()
    configure("ERROR")
    from rasa.model_training import train as rasa_train

    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        result = rasa_train(
            domain=str(DOMAIN),
            config=str(CONFIG),
            training_files=[str(RULES), str(INTENTS)],
            output=folder,
            force_training=True,
            fixed_model_name="model",
        )
        if result.model is None:
            raise TrainingFailed("Rasa made no model")
        Path(result.model).replace(model)


def _is_whole(model: Path) -> bool:
    try:
        with tarfile.open(model) as archive:
            return any(name.endswith("metadata.json") for name in archive.getnames())
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        return False


if __name__ == "__main__":
    train(Path(sys.argv[1]))
