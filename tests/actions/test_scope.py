"""What is asked of the platform for an application: the least that will do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from actions.applying.draft import Draft
from actions.applying.scope import scope_of
from knowledge.application import Application
from knowledge.forms.form import Form, FormField
from knowledge.matter import Material, Matter
from knowledge.starter import read_starter

MATTERS = {matter.code: matter for matter in read_starter().matters}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def a_matter(*known_from: str, materials: tuple[str, ...] = (), code: str = "M900") -> Matter:
    form = Form("表", "F", (FormField("field", "一项", known_from=known_from),))
    return replace(MATTERS["M005"], code=code, forms=(form,), materials=tuple(Material(name) for name in materials))


def scope(matter: Matter) -> tuple[str, ...]:
    application = Application("1", "c", None, matter.code, 1, None, "", {}, {}, {}, NOW, NOW, "draft", None, 0)
    return scope_of(Draft(application, {matter.code: matter}, date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("matter", "asked"),
    [
        (a_matter("applicant.name", "talker.telephone", "said.phone"), ("identity",)),
        (a_matter("household.address"), ("identity", "household")),
        (a_matter("applicant.marriage"), ("identity", "household")),
        (a_matter("licence.残疾人证.残疾类别"), ("identity", "licences")),
        (a_matter("applicant.name", materials=("身份证",)), ("identity", "licences")),
        (a_matter("applicant.name", materials=("身份认定材料",)), ("identity", "household")),
        (a_matter("applicant.name", code="M005"), ("identity", "proof")),
    ],
)
def test_only_what_the_form_and_its_papers_read_is_asked_for(matter: Matter, asked: tuple[str, ...]) -> None:
    assert scope(matter) == asked


def test_the_forms_of_the_catalogue_need_the_file_and_the_licences() -> None:
    assert scope(MATTERS["M123"]) == ("identity", "household", "licences")
