from datetime import datetime
from decimal import Decimal

import pytest

from actions.amounts import standard_line
from actions.guide import card, card_text, next_choices, spoken_lines, with_note
from actions.parts import duration, eligibility, fee, material_line, purpose
from actions.places import hours, place
from actions.spoken import spoken_period
from knowledge.matter import Guide, Material, Matter, Office, Standard
from knowledge.working_days import CHINA

OFFICE = Office(
    "O-1", "岳北村便民服务站", "430423101218", "岳北村村部", "12345", "", {"mon-fri": ("09:00-12:00",)}, True
)


@pytest.mark.parametrize(
    ("material", "said"),
    [
        (Material("身份证", original=1, copies=1, source="自己带"), "身份证：原件，复印件1份，自己带。"),
        (
            Material("身份证", copies=2, source="自己带", licence="居民身份证"),
            "身份证：复印件2份，自己带。手机上有电子居民身份证也行。",
        ),
        (Material("社保卡", licence="电子社会保障卡"), "社保卡。手机上有电子社会保障卡也行。"),
        (Material("申请表", original=1, source="窗口领表"), "申请表：窗口领表。"),
        (
            Material("残疾人证", need="非必要", original=1, when="家里有残疾人的才交"),
            "残疾人证：原件。家里有残疾人的才交。有就带，没有也不要紧。",
        ),
        (Material("照片", original=2), "照片：原件2份。"),
    ],
)
def test_a_paper_is_told_with_how_many_where_from_and_what_replaces_it(material: Material, said: str) -> None:
    assert material_line(material) == said


@pytest.mark.parametrize(
    ("promised", "legal", "lines"),
    [
        (0, 0, ("资料齐全，当场就能办好。",)),
        (13, 20, ("资料齐了，一般13个工作日办好。", "最长不超过20个工作日。")),
        (None, None, ()),
        (0.5, 1.5, ("资料齐了，一般半个工作日办好。", "最长不超过1个半工作日。")),
    ],
)
def test_days_are_told_as_far_as_they_are_known(
    promised: float | None, legal: float | None, lines: tuple[str, ...]
) -> None:
    assert duration(Matter("M1", "事", promise_days=promised, legal_days=legal)).lines == lines


def test_days_are_told_in_the_unit_of_the_source() -> None:
    matter = Matter("M1", "事", promise_days=20, promise_unit="自然日", legal_days=2, legal_unit="月")
    assert duration(matter).lines == ("资料齐了，一般20天（节假日也算）办好。", "最长不超过2个月。")
    assert spoken_period(0.5, "天") == "半天"
    assert spoken_period(3, "旬") == "3个旬"


def test_steps_and_papers_are_told_line_by_line_and_counted() -> None:
    assert spoken_lines("process", ("先填表", "再交")) == "1、先填表。\n2、再交。"
    assert spoken_lines("eligibility", ("老人", "小孩")) == "老人。\n小孩。"
    assert spoken_lines("process", ("先填表",)) == "先填表。"


def test_a_matter_without_a_guide_has_a_card_from_its_facts() -> None:
    matter = Matter(
        "M1", "办证", version=3, department="公安局", result="居住证", conditions=("住满半年",), fee="不收费"
    )
    shown = card(matter, OFFICE)
    assert purpose(matter) == "公安局办的事，办好了拿到居住证。"
    assert (shown["code"], shown["version"], shown["verified"]) == ("M1", 3, True)
    assert "谁能办：住满半年。" in card_text(shown)
    assert "岳北村便民服务站，在岳北村村部。" in card_text(shown)


def test_the_text_of_a_card_says_every_line_of_it() -> None:
    guide = Guide(
        "有用。",
        ("甲", "乙"),
        ("一步", "两步"),
        "村里",
        "网上",
        "拿证",
        "打电话",
        ("别弄错",),
        ("一", "二", "三", "四"),
    )
    shown = card(Matter("M1", "事", guide=guide, materials=(Material("身份证"),)), None)
    text = card_text(shown)
    assert all(line.rstrip("。") in text for section in shown["sections"] for line in section["lines"])
    assert text.endswith("顺口溜：一，二，三，四。")


def test_what_no_source_confirms_is_said_once() -> None:
    matter = Matter("M1", "事", fee="不收费", conditions=("有户口",), unverified=("fee",))
    assert not fee(matter).verified
    assert eligibility(matter).verified
    assert with_note("不收费。", False) == "不收费。\n各地不完全一样，以当地窗口为准。"
    assert with_note("以当地窗口为准。", False) == "以当地窗口为准。"


def test_a_benefit_offers_its_amount_and_no_part_that_was_just_told() -> None:
    benefit = Matter("M1", "津贴", type="行政给付")
    assert [choice.id for choice in next_choices(benefit)][1] == "ask_amount:M1"
    assert all(choice.id != "ask_materials:M1" for choice in next_choices(benefit, "ask_materials"))
    assert len(next_choices(benefit)) <= 5


def test_an_amount_that_is_not_known_is_not_made_up() -> None:
    unknown = Standard("M1", "430000000000", "80–89岁", None, "元/月", None, "", False, "请问当地。")
    known = Standard("M1", "430000000000", "100岁以上", Decimal("200"), "元/月", None, "", False)
    assert standard_line(unknown) == "80–89岁：没有查到。请问当地。"
    assert standard_line(known) == "100岁以上：每月200元。"


@pytest.mark.parametrize(
    ("hour", "response", "said"),
    [(10, "hours_open", "今天中午12点"), (15, "hours_closed", "明天上午9点")],
)
def test_the_hours_say_whether_it_is_open_now(hour: int, response: str, said: str) -> None:
    told = hours(OFFICE, datetime(2026, 11, 23, hour, 0, tzinfo=CHINA))
    assert told.response == response
    assert said in told.values.values()


def test_a_place_without_an_office_is_told_by_its_level() -> None:
    assert place(Matter("M1", "事", accept_level="镇"), None).lines == ("镇上的便民服务中心。",)
