"""The starter's forms, and what is refused in anybody's: held to what a resident can be asked and can answer."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import yaml

from knowledge.checking import STARTER
from knowledge.database import Database
from knowledge.forms.answer import read_answer
from knowledge.forms.correcting import field_meant
from knowledge.forms.form import Form, FormField
from knowledge.forms.schema import schema_of
from knowledge.forms.soundness import faults_of
from knowledge.matter_store import DRAFT, load, store
from knowledge.record import BadRecord, matter_of, record_of
from knowledge.validation import problems_of
from tests.forms.people import WITH_FORMS, form_of

OFFICIALESE = re.compile(r"贵方|兹|本人|予以|须|您您|请问|申请人|是否|之日")


def test_the_matters_of_the_plan_have_their_forms() -> None:
    planned = "M001 M004 M005 M007 M008 M025 M063 M081 M105 M123 M124 M136 M145 M155 M168 M178 M206"
    assert set(planned.split()) <= set(WITH_FORMS)


@pytest.mark.parametrize("code", WITH_FORMS)
def test_a_form_is_sound(code: str) -> None:
    assert not faults_of(form_of(code))
    assert schema_of(form_of(code))["properties"]


@pytest.mark.parametrize("code", WITH_FORMS)
def test_every_question_is_one_short_question_in_plain_words(code: str) -> None:
    assert not [field.asked() for field in form_of(code).fields if not is_plain(field)]


def is_plain(field: FormField) -> bool:
    """One short question without officialese, with a reason in a short sentence."""
    question = field.asked().replace("申请人是谁", "")
    is_one = field.asked().count("？") == 1 and len(field.asked()) <= 30
    return is_one and not OFFICIALESE.search(question) and field.reason.endswith("。") and len(field.reason) <= 40


@pytest.mark.parametrize("code", WITH_FORMS)
def test_every_example_is_an_answer_that_is_understood(code: str) -> None:
    assert None not in [read_answer(field, field.example) for field in form_of(code).fields]


@pytest.mark.parametrize("code", WITH_FORMS)
def test_people_can_name_every_field_to_mend_it_and_mean_no_other(code: str) -> None:
    form = form_of(code)
    names = Counter(word for field in form.fields for word in {field.label, *field.words})
    assert [word for word, count in names.items() if count > 1] in ([], ["住址"], ["年龄"])
    for field in form.fields:
        assert field.words
        for word in field.words:
            assert field_meant(form, f"{word}错了") == field, word


def sound(**change: Any) -> Form:
    return Form("表", fields=(FormField("name", "姓名"), FormField(**{"key": "a", "label": "甲", **change})))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"key": "name"}, "有两个字段"),
        ({"key": "household"}, "字段名"),
        ({"key": "a b"}, "字段名"),
        ({"type": "text"}, "没有“text”这个类型"),
        ({"type": "choice"}, "要有选项"),
        ({"choices": ("一",)}, "choice"),
        ({"type": "list"}, "要有每一条的字段"),
        ({"rule": {"format": "fax"}}, "没有“fax”这个格式"),
        ({"rule": {"minLength": "x"}}, "填写规则有错"),
        ({"known_from": ("applicant.",)}, "写得不对"),
        ({"known_from": ("nobody.name",)}, "nobody 不知道是什么"),
        ({"when": "by_proxy"}, "by_proxy 不知道是什么"),
        ({"when": "open('x')"}, "没有 open"),
    ],
)
def test_a_form_that_could_not_be_filled_in_is_refused_in_words(change: dict[str, Any], word: str) -> None:
    assert any(word in fault for fault in faults_of(sound(**change)))
    assert not faults_of(sound(known_from=("applicant.name",), when="known(name)"))


def test_an_import_names_the_form_and_the_field() -> None:
    record = yaml.safe_load((STARTER / "matters" / "M005.yml").read_text(encoding="utf-8"))
    record["forms"][0]["fields"][0]["known_from"] = ["applicant name"]
    problems = [str(problem) for problem in problems_of(matter_of(record), "第3行")]
    assert problems and problems[0].startswith("第3行:80周岁以上老年人高龄津贴发放:高龄津贴申请审批表 applicant_name:")


def test_a_key_that_no_field_has_is_refused() -> None:
    with pytest.raises(BadRecord, match="source"):
        matter_of({"code": "X", "name": "甲", "forms": [{"key": "a", "label": "甲", "source": "licence"}]})


@pytest.mark.parametrize("code", ["M001", "M123", "M155"])
def test_a_form_is_written_and_read_back_the_same(code: str) -> None:
    record = yaml.safe_load((STARTER / "matters" / f"{code}.yml").read_text(encoding="utf-8"))
    matter = matter_of(record)
    assert matter_of(yaml.safe_load(yaml.safe_dump(record_of(matter), allow_unicode=True))).forms == matter.forms


async def test_a_form_comes_back_from_the_database_as_it_was_stored(database: Database) -> None:
    record = yaml.safe_load((STARTER / "matters" / "M123.yml").read_text(encoding="utf-8"))
    matter = matter_of(record)
    async with database.transaction() as session:
        await store(session, [matter], DRAFT)
        loaded = [each.matter for each in await load(session)]
    assert [each.forms for each in loaded if each.code == "M123" and each.version == 0] == [matter.forms]
