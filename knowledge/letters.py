"""Letters of promise (承诺书) as data, starter/letters.yml: which material is one that we can print, and its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.checking import STARTER
from knowledge.formats.yaml_file import load

FILE = STARTER / "letters.yml"


class BrokenLetters(ValueError):
    """The file is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that a matter wants. `text`: paragraphs with {keys} of the form; `says`: what its material is called."""

    code: str
    title: str
    matters: tuple[str, ...]
    says: str
    text: tuple[str, ...]
    note: str = ""
    source: str = ""
    verified: bool = False

    def is_for(self, matter: str, material: str) -> bool:
        """Whether that material of that matter is this letter."""
        return matter in self.matters and bool(re.search(self.says, material))


@dataclass(frozen=True, slots=True)
class Promise:
    """The letter of what was put off (容缺) or is promised (告知承诺): words around a table of materials."""

    title: str
    columns: tuple[str, ...]
    before: str
    text: tuple[str, ...]
    note: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """The whole file."""

    letters: tuple[Letter, ...]
    put_off: Promise
    promised: Promise
    signature: str
    blank: str
    footer: str

    def of(self, matter: str, material: str) -> Letter | None:
        """The letter that the material is; None: we have none for it."""
        return next((each for each in self.letters if each.is_for(matter, material)), None)


@lru_cache(maxsize=4)
def letters(file: Path = FILE) -> Letters:
    """The file's content. Raises BrokenLetters, BrokenFile."""
    record = load(file)
    try:
        return Letters(
            tuple(Letter(**_tuples(each)) for each in record["letters"]),
            Promise(**_tuples(record["put_off"])),
            Promise(**_tuples(record["promised"])),
            *(record[name] for name in ("signature", "blank", "footer")),
        )
    except (KeyError, TypeError, re.error) as error:
        raise BrokenLetters(f"{file.name}:{error}") from error


def filled(text: str, values: Mapping[str, str], blank: str) -> str:
    """The text with its {keys} filled; what is not known is left to be written by hand."""

    def one(found: re.Match[str]) -> str:
        return values.get(found[1], "").rstrip("。") or blank

    return re.sub(r"{(\w+)}", one, text)


def _tuples(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
            for key, value in record.items()}  # fmt: skip
