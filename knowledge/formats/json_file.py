"""JSON: a list of matters, a mapping with `matters`, or one matter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.formats.row import BrokenSyntax, NotAList, Row, UnknownEncoding


def read(path: Path) -> list[Row]:
    """Rows named by their number in the list, from 1. Raises BrokenSyntax with the line, NotAList, UnknownEncoding."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnknownEncoding(path) from error
    except json.JSONDecodeError as error:
        raise BrokenSyntax(path, f"第 {error.lineno} 行,{error.msg}") from error
    except RecursionError as error:
        raise BrokenSyntax(path, "嵌套太深") from error
    if isinstance(content, dict):
        content = content["matters"] if isinstance(content.get("matters"), list) else [content]
    if not isinstance(content, list) or not all(isinstance(matter, dict) for matter in content):
        raise NotAList(path)
    return [Row(f"{path.name} 第 {number} 项", matter) for number, matter in enumerate(content, 1)]


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """A list of matters."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(list(records), file, ensure_ascii=False, indent=1, default=date.isoformat)
