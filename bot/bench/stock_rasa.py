# /// script
# requires-python = "==3.11.*"
# dependencies = [
#     "rasa==3.6.21",
#     "dask==2022.10.2",
#     "jieba==0.42.1",
#     "numpy==1.23.5",
#     "scikit-learn==1.1.3",
#     "scipy==1.10.1",
# ]
#
# [tool.uv]
# override-dependencies = ["matplotlib==3.7.5"]
# ///
"""Rasa's stock Chinese pipeline as a peer: jieba, counts of words and of characters, DIET.

A script with requirements of its own (above), because TensorFlow is no part of the service: `uv run --script` makes its
environment, 2.5 GB, once. Rasa asks for Python < 3.11 and says which versions
only up to there: so they are given here, and matplotlib is one that has a wheel.

Arguments: the files that are read and written (`bot/bench/ranking.py` says what is in them), and the epochs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.update(RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", TF_CPP_MIN_LOG_LEVEL="3")

SEED = 20260101
STRANGE = "strange"  # Rasa reads an intent "-" as none


def main(job: Path, result: Path, epochs: int) -> None:
    """Train, then rank what is asked. What Rasa and TensorFlow take to be imported doesn't count."""
    import rasa.core.agent
    import rasa.model_training  # noqa: F401
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    given = json.loads(job.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        model = train(Path(folder), given["texts"], epochs)
        seconds = time.perf_counter() - started
        ranked, query_ms = asyncio.run(rank(model, given["asked"]))
    result.write_text(json.dumps({"train_seconds": seconds, "query_ms": query_ms, "ranked": ranked}))


def train(folder: Path, texts: list[tuple[str, str]], epochs: int) -> str:
    """The path of the trained model."""
    from rasa.model_training import train_nlu

    examples = [{"text": text, "intent": STRANGE if code == "-" else code} for text, code in texts]
    (folder / "nlu.json").write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}))
    (folder / "config.yml").write_text(json.dumps(pipeline(epochs)))
    trained = train_nlu(str(folder / "config.yml"), str(folder / "nlu.json"), str(folder))
    assert trained, "Rasa trained no model"
    return str(trained)


def pipeline(epochs: int) -> dict[str, Any]:
    """The configuration, in the words of Rasa's documentation."""
    diet = {"epochs": epochs, "entity_recognition": False, "random_seed": SEED, "ranking_length": 0}
    return {
        "recipe": "default.v1",
        "language": "zh",
        "pipeline": [
            {"name": "JiebaTokenizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", "constrain_similarities": True, **diet},
        ],
    }


async def rank(model: str, asked: list[str]) -> tuple[list[list[tuple[str, float]]], float]:
    """The intents of each text with their confidence, and the milliseconds that a text took."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    await agent.parse_message("你好")  # the first one also draws the graph
    started = time.perf_counter()
    parsed = [await agent.parse_message(text) for text in asked]
    each = (time.perf_counter() - started) / len(asked) * 1000
    return [[_named(intent) for intent in one["intent_ranking"]] for one in parsed], each


def _named(intent: dict[str, Any]) -> tuple[str, float]:
    return ("-" if intent["name"] == STRANGE else intent["name"]), intent["confidence"]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
