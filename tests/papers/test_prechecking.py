"""What would be sent back is said before, in one sentence that a villager can act on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from knowledge.household import Household, Identity, Person
from knowledge.matter import Material
from knowledge.paper import Defect, Finding, Line, Reading, Sheet
from knowledge.paper_rules import paper_rules
from knowledge.prechecking import Facts, Given, check, check_together
from tests.papers.pictures import TODAY, WOMAN

HUSBAND = Identity("刘长生", "430423194109020035")
SON = Person("刘国强", "430423196806060058", "男", date(1968, 6, 6), "长子")
HOUSEHOLD = Household("430100123", "家庭户口", "岳北村", "430423101218", (SON,))
ID_CARD, BOOK = Material("身份证", licence="居民身份证"), Material("户口簿", licence="居民户口簿")
FRONT = Sheet(
    "居民身份证",
    ("人像面",),
    1.0,
    {"name": WOMAN.name, "id_number": WOMAN.id_number, "birth": "1943-05-03", "gender": "女", "address": "岳北村"},
    lines=(Line("姓名", 1.0),),
)
BACK = Sheet("居民身份证", ("国徽面",), 1.0, {"issued_by": "衡山县公安局", "valid_until": "2035-03-02"})
FACTS = Facts(TODAY, WOMAN, household=HOUSEHOLD)


def with_fields(sheet: Sheet, **fields: str | None) -> Sheet:
    merged = {**sheet.fields, **fields}
    return replace(sheet, fields={key: value for key, value in merged.items() if value is not None})


def page(person: Identity | Person, *parts: str) -> Sheet:
    fields = {"name": person.name, "id_number": person.id_number}
    return Sheet("居民户口簿", parts or ("个人页",), 1.0, fields, seal=True)


def said(*sheets: Sheet, material: Material = ID_CARD, facts: Facts = FACTS) -> list[str]:
    return [each.text for each in check(Reading(sheets), material, facts)]


def given(material: Material, *sheets: Sheet, file: str = "F1") -> Given:
    return Given(material.name, file, Reading(sheets))


def together(*papers: Given, materials: tuple[Material, ...] = (ID_CARD,), **more: Any) -> list[str]:
    return [each.text for each in check_together(papers, materials, FACTS, **more)]


def test_a_card_that_is_in_order_has_no_findings() -> None:
    assert said(FRONT) == said(BACK) == said(FRONT, BACK) == []


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (
            replace(with_fields(FRONT, id_number=None), defects=(Defect("glare", "右下角"),)),
            "身份证照片右下角反光，号码看不清，请换个角度再拍一张。",
        ),
        (
            replace(with_fields(FRONT, id_number="430423194305030021"), defects=(Defect("blurred"),)),
            "身份证照片糊了，号码看不清，请手拿稳、等对上焦再拍一张。",
        ),
        (
            replace(FRONT, defects=(Defect("glare", "左上角"),)),
            "身份证照片左上角有点反光，要是挡住了字，请换个角度再拍一张。",
        ),
        (with_fields(FRONT, name=None), "身份证上的姓名没看清，请把它放平、光线亮一点再拍一张。"),
        (
            with_fields(FRONT, id_number="430423194305030021"),
            "身份证上的身份证号码没看准（最后一位对不上），请拍清楚一点再发一张。",
        ),
        (
            with_fields(FRONT, birth="1943-05-08"),
            "身份证上的出生日期1943年5月8日和身份证号码里的1943年5月3日对不上，请看看证件有没有写错。",
        ),
        (with_fields(BACK, valid_until="2025-06-01"), "身份证2025年6月1日就到期了，已经不能用，请先换新证再办。"),
        (
            with_fields(BACK, valid_until="2026-12-20"),
            "身份证2026年12月20日就要到期，办事期间可能失效，建议早点换新证。",
        ),
        (
            with_fields(FRONT, name=HUSBAND.name, id_number=HUSBAND.id_number, birth=None),
            "这是刘长生的身份证，不是罗桂香的，请换成罗桂香的再拍一张。",
        ),
        (
            with_fields(FRONT, name=SON.name, id_number=SON.id_number, birth=None),
            "这是刘国强的身份证，这件事要罗桂香的，请换成罗桂香的再拍一张。",
        ),
        (
            with_fields(FRONT, name="罗挂香"),
            "身份证上的姓名是罗挂香，登记的是罗桂香；要是证件没写错，就是照片没拍清，请再拍一张。",
        ),
    ],
)
def test_a_card_that_would_be_sent_back_says_why_and_how_to_mend_it(sheet: Sheet, sentence: str) -> None:
    assert said(sheet) == [sentence]


def test_a_card_without_end_does_not_expire() -> None:
    assert said(with_fields(BACK, valid_until="长期")) == []


def test_both_spouses_cards_are_taken_where_both_are_wanted() -> None:
    his = with_fields(FRONT, name=HUSBAND.name, id_number=HUSBAND.id_number, birth=None)
    assert said(his, facts=replace(FACTS, others=(HUSBAND,))) == []
    assert said(his, material=Material("监护人身份证")) == []


def test_another_paper_than_the_wanted_one_is_named() -> None:
    assert said(page(WOMAN)) == ["要的是身份证，这张看着是户口簿，请换成身份证再拍一张。"]
    assert said(page(WOMAN), material=Material("身份证(户口簿)")) == []


def test_of_a_pdf_with_several_papers_the_wanted_one_counts() -> None:
    assert said(page(SON), FRONT) == []


def test_what_is_not_known_goes_to_a_person_and_not_back() -> None:
    strange = Sheet(lines=(Line("没有见过的一张纸", 0.9),))
    [finding] = check(Reading((strange,)), ID_CARD, FACTS)
    assert (finding.defect, finding.severity) == ("unknown_kind", "warn")
    assert check(Reading((strange,)), Material("平面图"), FACTS) == []


def test_a_paper_of_the_village_wants_its_seal_and_is_good_for_90_days() -> None:
    paper = Sheet("村级证明", (), 1.0, {"name": WOMAN.name, "issued": "2026-03-01"})
    assert said(paper, material=Material("村委会证明")) == [
        "村委会证明是2026年3月1日开的，已经超过90天，请重新开一份。",
        "村委会证明上没看到红章，请确认盖了章、把章也拍进去。",
    ]


def test_a_papers_day_that_is_still_to_come_is_asked_about() -> None:
    paper = Sheet("村级证明", (), 1.0, {"name": WOMAN.name, "issued": "2027-03-01"}, seal=True)
    assert said(paper, material=Material("村委会证明"))[0].startswith("村委会证明上的日期2027年3月1日还没到")


def test_an_account_that_was_filled_in_otherwise_shows_only_the_ends() -> None:
    book = Sheet("存折", (), 1.0, {"name": WOMAN.name, "account": "6228481234567890123"}, seal=True)
    facts = replace(FACTS, values={"bank_account": "6228481234567894321"})
    assert said(book, material=Material("银行账号"), facts=facts) == [
        "存折上的账号是尾号0123，您填的是尾号4321，请看看哪个写错了，告诉我改。"
    ]


def test_a_missing_paper_and_a_missing_side_are_asked_for() -> None:
    assert together() == ["还差身份证，请拍一张发来。"]
    assert together(given(ID_CARD, FRONT)) == ["身份证还差国徽面，请把国徽面也拍一张发来。"]
    assert together(given(ID_CARD, FRONT), given(ID_CARD, BACK, file="F2")) == []


def test_what_is_only_wanted_sometimes_is_only_mentioned() -> None:
    certificate = Material("残疾人证", need="非必要", when="有残疾人证的")
    [finding] = check_together([], [certificate], FACTS)
    assert (finding.severity, finding.defect) == ("warn", "missing_optional")
    assert "有残疾人证的才要" in finding.text


def test_the_book_of_a_household_wants_the_page_of_whom_it_is_for() -> None:
    first = Sheet("居民户口簿", ("首页",), 1.0, {"head": SON.name}, seal=True)
    book = given(BOOK, first, page(SON))
    assert together(book, materials=(BOOK,)) == ["户口簿里还没看到罗桂香的那一页，请把罗桂香的那页也拍一张发来。"]
    assert together(book, given(BOOK, page(WOMAN), file="F2"), materials=(BOOK,)) == []


def test_the_same_photo_twice_counts_once() -> None:
    papers = [given(ID_CARD, FRONT, BACK), given(ID_CARD, FRONT, BACK)]
    assert together(*papers) == ["身份证这张照片发了两次，是同一张，只算一份。"]


def test_of_two_people_both_papers_are_wanted() -> None:
    both = Material("双方身份证", licence="居民身份证")
    assert together(given(both, FRONT, BACK), materials=(both,)) == [
        "双方身份证要两个人的，现在只收到罗桂香的，请把另一位的也拍一张发来。"
    ]


def test_of_a_material_that_is_two_papers_the_other_is_asked_for() -> None:
    two = Material("身份证户口簿")
    assert together(given(two, FRONT, BACK), materials=(two,)) == ["身份证户口簿还差户口簿，请把户口簿也拍一张发来。"]


def test_papers_that_contradict_each_other_are_named() -> None:
    other = with_fields(page(WOMAN), name="罗桂花")
    first = Sheet("居民户口簿", ("首页",), 1.0, {}, seal=True)
    texts = together(given(ID_CARD, FRONT, BACK), given(BOOK, first, other, file="F2"), materials=(ID_CARD, BOOK))
    assert texts == ["户口簿上的姓名是罗桂花，身份证上是罗桂香，两样对不上，请看看哪个有错。"]


def test_what_a_licence_covers_is_not_wanted_on_paper() -> None:
    assert together(given(ID_CARD, FRONT), covered=("身份证",)) == ["身份证不用交，系统里已经有了。"]
    assert together(covered=("身份证",)) == []


def test_what_would_be_sent_back_stands_before_what_is_only_mentioned() -> None:
    paper = Sheet(
        "残疾人证",
        (),
        1.0,
        {"name": HUSBAND.name, "id_number": HUSBAND.id_number, "disability": "肢体", "level": "二级"},
    )
    findings = check(Reading((paper,)), Material("残疾人证"), FACTS)
    severities = [each.severity for each in findings]
    assert severities == sorted(severities)  # bad before warn
    assert "warn" in severities


@pytest.mark.parametrize("defect", paper_rules().findings)
def test_every_sentence_is_one_and_says_what_to_do(defect: str) -> None:
    said = paper_rules().findings[defect]
    assert said.text.count("。") == 1 and said.text.endswith("。")
    assert said.severity in ("bad", "warn") and said.rule
    assert said.severity == "warn" or "请" in said.text
    told = dict.fromkeys(re.findall(r"{(\w+)}", said.text), "某")
    assert len(said.text.format(**told)) < 70


def test_findings_never_say_a_whole_id_number() -> None:
    for sheet in (FRONT, with_fields(FRONT, id_number=HUSBAND.id_number, birth=None)):
        for finding in check(Reading((sheet,)), ID_CARD, FACTS):
            assert isinstance(finding, Finding)
            assert not re.search(r"\d{15}", finding.text)
