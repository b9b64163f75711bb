"""YAML: a list of matters, a mapping with `matters`, or one matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from knowledge.formats.row import BrokenSyntax, NotAList, Row, UnknownEncoding

INTEGER = "tag:yaml.org,2002:int"
DECIMAL_ONLY = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")


class _Loader(yaml.CSafeLoader):
    """YAML in which 000511002000 and 09:00 stay text: in YAML 1.1 they are an octal and a base-60 number."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, DECIMAL_ONLY if tag == INTEGER else pattern) for tag, pattern in resolvers]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Any:
    """The content of a YAML file. Raises BrokenSyntax with the line, UnknownEncoding."""
    return _loaded(path)[0]


def read(path: Path) -> list[Row]:
    """Rows named by their line. Raises BrokenSyntax, NotAList, UnknownEncoding."""
    content, lines = _loaded(path)
    if isinstance(content, dict) and isinstance(content.get("matters"), list):
        content = content["matters"]
    matters = [content] if isinstance(content, dict) else content or []
    if not isinstance(matters, list) or not all(isinstance(matter, dict) for matter in matters):
        raise NotAList(path)
    named = [f"{path.name} 第 {line} 行" for line in lines]
    return [Row(place, {str(k): v for k, v in m.items()}) for place, m in zip(named, matters, strict=True)]


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """A list of matters, as a person would write it."""
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(list(records), file, yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)


def _loaded(path: Path) -> tuple[Any, list[int]]:
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except UnicodeDecodeError as error:
        raise UnknownEncoding(path) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: an impossible date
        raise BrokenSyntax(path, _where(error)) from error
    return content, _lines(node)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or error
    return f"第 {mark.line + 1} 行,{reason}" if mark else str(reason)


def _lines(node: yaml.Node | None) -> list[int]:
    if isinstance(node, yaml.MappingNode):
        inner = [value for key, value in node.value if key.value == "matters" and isinstance(value, yaml.SequenceNode)]
        return _lines(inner[0]) if inner else [node.start_mark.line + 1]
    return [item.start_mark.line + 1 for item in node.value] if isinstance(node, yaml.SequenceNode) else []
