"""The YAML files that live beside the code of `nlu`: words, sentences, weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def read_yaml(name: str) -> Any:
    """The content of `nlu/<name>`, e.g. `dialect.yml`. Raises FileNotFoundError, yaml.YAMLError."""
    return yaml.load((HERE / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
