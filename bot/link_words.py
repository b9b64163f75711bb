"""What posters and the table of scans say (links.yml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words() -> dict[str, Any]:
    """The content of links.yml."""
    return dict(yaml.safe_load(Path(__file__).with_name("links.yml").read_text(encoding="utf-8")))
