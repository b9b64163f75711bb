"""The documents say what is there: commands, settings, endpoints, keys, files. What is new must be written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import app
from bot.settings import Settings
from connectors.web.openapi import contract
from knowledge import bundles
from knowledge.matter import (
    Form,
    FormField,
    Guide,
    Material,
    Matter,
    Office,
    Region,
    Standard,
)
from knowledge.office import Window
from knowledge.paper_kinds import Leave, Paper, Recognised
from knowledge.paper_rules import FindingText, PaperField, PaperKind, PaperPart
from knowledge.prereview.rules import Rule
from knowledge.printing.layout import Layout
from knowledge.record import KEPT_BY_THE_STORE
from knowledge.situation import Bundle, Known, Situation, SituationOption
from knowledge.visit_rules import VisitRules

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "DECISIONS.md", ROOT / "CHANGELOG.md", *DOCS]
WRITTEN = "\n".join(page.read_text(encoding="utf-8") for page in DOCS)
CONVERSE = (ROOT / "docs" / "converse.md").read_text(encoding="utf-8")
CONTRACT = contract()
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")

TABLES: dict[type[Any], tuple[str, ...]] = {
    Matter: ("A matter is one file", "The national list"),
    Material: ("A paper",),
    Guide: ("The guide",),
    Form: ("A form",),
    FormField: ("A field",),
    Situation: ("Situations: the question back",),
    SituationOption: ("An option",),
    Known: ("What is known already",),
    Bundle: ("A bundle",),
    bundles.Bundle: ("Bundles",),
    bundles.Component: ("A part of a bundle",),
    Recognised: ("What a material is",),
    Paper: ("A paper that somebody has",),
    Leave: ("What may follow, what may be promised",),
    Rule: ("A condition",),
    Layout: ("A printed layout",),
    Standard: ("Amounts",),
    Region: ("Regions",),
    Office: ("Offices",),
    Window: ("A window",),
    VisitRules: ("Rules of appointments",),
    PaperKind: ("A kind of paper",),
    PaperPart: ("A side or page",),
    PaperField: ("What stands on a paper",),
    FindingText: ("A finding",),
}
"""What a file's entry is read into → the sections of docs/converse.md whose tables explain its keys."""


def commands(group: typer.Typer, before: str = "bangban") -> Iterator[str]:
    """Every command line that the program knows, without its options."""
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{before} {command.name or command.callback.__name__}"
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield f"{before} {inner.name}"
        yield from commands(inner.typer_instance, f"{before} {inner.name}")


def documented_keys(section: str) -> list[str]:
    """The keys in the first column of a section's own table."""
    _, found, rest = CONVERSE.partition(f"# {section}\n")
    assert found, f"docs/converse.md has no section {section}"
    table = re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [key for row in rows for key in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize("command", sorted(commands(app)))
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"\b{re.escape(command)}\b", WRITTEN)


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_documented_with_its_default(setting: str) -> None:
    row = re.search(rf"^\| `BANGBAN_{setting.upper()}` \| (.*?) \|", WRITTEN, re.MULTILINE)
    assert row, f"docs/operate.md has no row for BANGBAN_{setting.upper()}"
    default = str(Settings.model_fields[setting].default)
    assert row[1] == (f"`{default}`" if default else "empty")


def test_every_documented_setting_exists() -> None:
    known = {f"BANGBAN_{name.upper()}" for name in Settings.model_fields} | {"BANGBAN_TEST_POSTGRESQL"}
    assert set(re.findall(r"BANGBAN_\w+", WRITTEN)) <= known


@pytest.mark.parametrize("path", sorted(CONTRACT["paths"]))
def test_every_endpoint_is_documented_with_its_methods(path: str) -> None:
    rows = [line.split("|") for line in WRITTEN.splitlines() if line.startswith("| ") and f"`{path}`" in line]
    documented = {cells[1].strip().lower() for cells in rows if f"`{path}`" in cells[2]}
    assert documented == {
        method for method in CONTRACT["paths"][path] if method in {"get", "post", "patch", "put", "delete"}
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_something(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8"))]
    local = [link for link in links if link and not re.match(r"[a-z]+:", link)]
    assert not [link for link in local if not (page.parent / link).exists()]


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_the_keys_of_a_file_are_those_that_are_documented(kind: type[Any]) -> None:
    documented = [key for section in TABLES[kind] for key in documented_keys(section)]
    known = {field.name for field in fields(kind)} - (KEPT_BY_THE_STORE if kind is Matter else set())
    assert len(documented) == len(set(documented)), "a key is explained twice"
    assert set(documented) == known
