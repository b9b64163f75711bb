"""The words and figures of the actions, which live in YAML files beside them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@cache
def read(name: str) -> Any:
    """The content of `actions/<name>.yml`, read once. Raises FileNotFoundError, yaml.YAMLError."""
    return yaml.load((HERE / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def wording(key: str) -> Any:
    """One entry of wording.yml, by its path such as `sections.who`. Raises KeyError."""
    found = read("wording")
    for part in key.split("."):
        found = found[part]
    return found
