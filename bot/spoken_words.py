"""The words of bot/spoken_form.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def spoken_words() -> Mapping[str, Any]:
    """Read once."""
    text = resources.files("bot").joinpath("spoken_form.yml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded
