"""What the platform wants filled in is asked before handing in: of a matter, and of each matter of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from actions.applying.draft import Draft
from actions.applying.wanted import Wanted
from actions.services import Services
from actions.turn import Turn
from connectors.intake.service import IntakeUnavailable
from knowledge.application import Application
from knowledge.bundles import Bundle, Component
from knowledge.forms.value import Value
from knowledge.matter import Form, FormField, Matter

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def matter(code: str, **labels: str) -> Matter:
    fields = tuple(FormField(key, label) for key, label in labels.items())
    return Matter(code, f"事项{code}", forms=(Form(f"表{code}", f"F-{code}", fields),))


MATTERS = {
    "M1": matter("M1", name="姓名", area="面积"),
    "M2": matter("M2", name="姓名", floors="层数"),
}


@dataclass
class Platform:
    """Knows what each matter wants; or is down."""

    fields: Mapping[str, list[str]]
    is_down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def required_fields(self, code: str, region: str) -> list[str]:
        self.asked.append((code, region))
        if self.is_down:
            raise IntakeUnavailable(code)
        return self.fields[code]


@dataclass
class Heard:
    """A turn that keeps what was said."""

    region: str | None = "430423101218"
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def say(self, response: str, **values: Any) -> None:
        self.said.append((response, values))


def draft(bundled: bool = False, **filled: str) -> Draft:
    values = {key: Value(value, "resident", True) for key, value in filled.items()}
    application = Application("A", "C", None, "M1", 1, "B" if bundled else None, NOW, NOW, values=values)
    bundle = Bundle("B", "一件事", (Component("M1"), Component("M2"))) if bundled else None
    return Draft(application, MATTERS, date(2026, 11, 27), bundle)


async def is_missing(platform: Platform, of: Draft) -> tuple[bool, list[tuple[str, dict[str, Any]]]]:
    turn = Heard()
    services = cast(Services, type("OnlyIntake", (), {"intake": platform}))
    return await Wanted(services).is_missing(cast(Turn, turn), of), turn.said


async def test_a_field_that_is_lacking_is_asked_and_only_once() -> None:
    platform, one = Platform({"M1": ["name", "area"]}), draft(name="刘试岳")
    assert await is_missing(platform, one) == (True, [("utter_platform_wants", {"label": "面积"})])
    assert one.note("asking") == "area"
    assert await is_missing(platform, one) == (False, [("utter_platform_wants_more", {"names": "面积"})])
    assert await is_missing(platform, one) == (False, [])


async def test_nothing_is_asked_where_all_is_there_or_the_platform_is_down() -> None:
    filled = draft(name="刘试岳", area="120")
    assert await is_missing(Platform({"M1": ["name", "area"]}), filled) == (False, [])
    assert await is_missing(Platform({}, is_down=True), draft()) == (False, [])


async def test_what_the_form_has_no_room_for_is_told_of() -> None:
    assert await is_missing(Platform({"M1": ["stamp"]}), draft()) == (
        False,
        [("utter_platform_wants_more", {"names": "stamp"})],
    )


@pytest.mark.parametrize(("filled", "label"), [({"name": "刘试岳"}, "面积"), ({"name": "刘试岳", "area": "1"}, "层数")])
async def test_of_a_bundle_each_matter_is_asked_about(filled: dict[str, str], label: str) -> None:
    platform = Platform({"M1": ["name", "area"], "M2": ["name", "floors"]})
    assert await is_missing(platform, draft(True, **filled)) == (True, [("utter_platform_wants", {"label": label})])
    assert platform.asked == [("M1", "430423101218"), ("M2", "430423101218")]
