"""Canned replies (常用语): sentences with a shortcut, into which the facts of the matter are put."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.checking import STARTER

FILE = STARTER / "replies.yml"
PLACE = re.compile(r"\{(\w+)\}")
FACTS = ("title", "office", "address", "telephone", "matter", "days", "fee", "materials", "where", "online", "result")
"""What may stand in braces."""


class BrokenReplies(ValueError):
    """The file is wrong; the message says where and why."""


@dataclass(frozen=True, slots=True)
class CannedReply:
    """One sentence. `text` has places like {fee} for FACTS."""

    shortcut: str
    label: str
    text: str

    def filled(self, facts: Mapping[str, str]) -> tuple[str, list[str]]:
        """The sentence with the facts in it, and which are not known: those places show what to look up (〔…〕)."""
        missing = [name for name in PLACE.findall(self.text) if not facts.get(name)]
        return PLACE.sub(lambda place: facts.get(place[1]) or f"〔{place[1]}〕", self.text), missing


def read_replies(*files: Path) -> list[CannedReply]:
    """The replies of all files that there are; a later file's shortcut takes the place of an earlier one's.

    Raises BrokenReplies.
    """
    replies: dict[str, CannedReply] = {}
    for file in files:
        if file.exists():
            replies |= {each.shortcut: each for each in _replies(file)}
    return list(replies.values())


def _replies(file: Path) -> Sequence[CannedReply]:
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [_reply(f"{file.name}: {name}", name, entry) for name, entry in dict(loaded or {}).items()]
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise BrokenReplies(f"{file.name}: {error}") from error


def _reply(place: str, shortcut: Any, entry: Any) -> CannedReply:
    if not isinstance(shortcut, str) or not re.fullmatch(r"\w{1,20}", shortcut):
        raise BrokenReplies(f"{place}: a shortcut is one word")
    if not isinstance(entry, dict) or set(entry) != {"label", "text"} or not all(map(str.strip, entry.values())):
        raise BrokenReplies(f"{place}: wants label and text, and nothing else")
    if unknown := set(PLACE.findall(entry["text"])) - set(FACTS):
        raise BrokenReplies(f"{place}: nothing is known of {', '.join(sorted(unknown))}")
    return CannedReply(shortcut, entry["label"], entry["text"])
