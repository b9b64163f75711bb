"""What is printed can be read, fits into its boxes, and is ready to be signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.application import Value
from knowledge.matter import Form, FormField, Matter
from knowledge.printing import file_name, print_form, printout_of, unprintable
from knowledge.printing.breaking import balanced, broken
from knowledge.printing.layout import BadLayout, layouts
from knowledge.printing.printout import GRID, SEE_ANNEX
from knowledge.printing.written import Written, written
from knowledge.starter import read_starter

HOUSE: Mapping[str, Any] = {
    "head_name": "王大山",
    "head_gender": "男",
    "head_age": 52,
    "head_phone": "13800000000",
    "head_id_number": "11010519491231002X",
    "head_household_address": "湖南省衡阳市衡山县白果镇岳北村3组12号",
    "family_members": [{"name": "李秀兰", "age": 50, "relation": "妻", "id_number": "11010519491231002X"}],
    "requested_homestead_area": 130.0,
    "current_disposal": "退给村集体",
    "land_type": "农用地：耕地",
    "neighbours_consulted": True,
    "boundary_east": "李老二家的墙",
    "reason": "儿子结婚分了户，老房子住不下。",
    "apply_date": date(2026, 3, 2),
}
LONG: Mapping[str, Any] = {
    **HOUSE,
    "head_name": "阿卜杜热合曼·买买提吐尔逊",
    "head_household_address": "湖南省衡阳市衡山县白果镇岳北村第十二村民小组" * 2,
    "family_members": [{"name": "阿依古丽·买买提吐尔逊", "relation": "其他亲属（寄养的外甥女）"}] * 40,
    "current_certificate_number": "HENGSHAN" + "0123456789" * 5,
    "reason": "儿子结婚分了户，老房子住不下。" * 20,
    "boundary_east": "村民小组集体所有的水塘（东北角有一棵大樟树）" * 3,
}


@cache
def matters() -> Mapping[str, Matter]:
    return {matter.code: matter for matter in read_starter().matters}


def form_of(code: str) -> tuple[Form, Matter]:
    return matters()[code].forms[0], matters()[code]


def printed(values: Mapping[str, Any], code: str = "M123") -> bytes:
    form, matter = form_of(code)
    return print_form(form, values, matter)


def texts(pdf: bytes) -> list[str]:
    """The text of each page, without what breaks lines."""
    pages = pypdfium2.PdfDocument(pdf)
    return ["".join(page.get_textpage().get_text_range().split()) for page in pages]


def test_the_house_building_form_says_what_was_filled_in_on_one_page() -> None:
    [text] = texts(printed(HOUSE))
    for part in ("农村宅基地和建房（规划许可）申请表", "王大山", "52岁", "11010519491231002X", "李秀兰", "130㎡"):
        assert part in text
    assert "■2.退给村集体" in text and "□1.保留" in text
    assert "■3.农用地（■耕地□林地" in text
    assert "■1.是□2.否" in text
    assert "申请人（签名）：2026年3月2日" in text
    assert "第1页，共1页" in text


def test_the_boxes_of_the_group_and_the_village_are_left_to_be_signed() -> None:
    [text] = texts(printed(HOUSE))
    assert "村民小组意见负责人（签名）：年月日" in text
    assert "或村民委员会意见（盖章）负责人（签名）：年月日" in text


def test_an_empty_form_can_be_filled_in_by_hand() -> None:
    [text] = texts(printed({}))
    assert "■" not in text
    assert "□1.保留（㎡）" in text
    assert "申请人（签名）：年月日" in text


@pytest.mark.parametrize("values", [HOUSE, LONG, {}], ids=["short", "long", "missing"])
def test_everything_printed_lies_inside_the_page(values: Mapping[str, Any]) -> None:
    for page in pypdfium2.PdfDocument(printed(values)):
        text = page.get_textpage()
        for number in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(number)
            assert left >= 40 and right <= 556 and bottom >= 15 and top <= 805


def test_a_large_family_goes_on_on_the_next_page_with_the_label_on_both() -> None:
    pages = texts(printed(LONG))
    assert len(pages) > 2
    assert ["家庭成员信息" in page for page in pages[:2]] == [True, True]
    assert sum(page.count("阿依古丽·买买提吐尔逊") for page in pages) == 40


def test_a_number_is_made_smaller_rather_than_broken() -> None:
    [form, matter] = form_of("M005")
    lines = texts(print_form(form, {"bank_account": "6" * 60}, matter))
    assert "6" * 60 in lines[0]


def test_a_story_that_no_box_holds_is_printed_whole_on_an_annex() -> None:
    story = "老房子住不下。" * 200
    pages = texts(printed({**HOUSE, "reason": story}))
    assert SEE_ANNEX in pages[0]
    assert "附页" in pages[-1] and story in "".join(pages).replace("第2页，共2页", "")


def test_rare_characters_of_names_are_drawn() -> None:
    name = "㛃䶮𬭚堃喆犇骉"
    assert unprintable({"head_name": name}) == ""
    assert name in texts(printed({"head_name": name}))[0]


def test_a_character_that_the_font_has_not_is_named_and_left_to_the_hand() -> None:
    assert unprintable({"head_name": "王𥖄"}) == "𥖄"
    [text] = texts(printed({**HOUSE, "head_name": "王𥖄"}))
    assert "王〓" in text
    assert "表中“〓”的地方有字打印不出来（U+25584），请用笔写上" in text


def test_invisible_signs_are_not_taken_for_missing_characters() -> None:
    assert unprintable({"head_name": "王\u200b大\ufe0f山\ufeff\t"}) == ""


def test_the_font_is_inside_the_file_and_the_file_is_small() -> None:
    pdf = printed(HOUSE)
    assert b"/FontFile3" in pdf
    assert len(pdf) < 120_000


def test_word_says_the_same_and_draws_rare_characters_with_its_own_fonts() -> None:
    form, matter = form_of("M123")
    document = Document(BytesIO(print_form(form, {**HOUSE, "head_name": "王𥖄"}, matter, kind="docx")))
    cells = {cell.text for row in document.tables[0].rows for cell in row.cells}
    assert {"王𥖄", "130㎡", "李秀兰", "申请理由"} <= cells
    assert any("申请人（签名）" in text and "2026年3月2日" in text for text in cells)


def test_values_with_their_source_are_printed_like_plain_ones() -> None:
    sourced = {key: Value(value, "household") for key, value in HOUSE.items()}
    form, matter = form_of("M123")
    assert printout_of(form, sourced, matter) == printout_of(form, HOUSE, matter)


def test_a_form_without_an_official_layout_has_a_declaration_and_a_box_for_each_level() -> None:
    [text] = texts(printed({"applicant_name": "王桂英", "gender": "女", "hardship_type": "都不是"}, "M005"))
    assert "高龄津贴申请审批表" in text
    assert "□男■女" in text and "■都不是" in text
    for part in ("申请人（签名）", "村（居）委会意见", "乡镇政府（街道）意见", "县级主管部门意见"):
        assert part in text


FORMS = sorted({form.code: matter.code for matter in matters().values() for form in matter.forms}.items())


@pytest.mark.parametrize(("form_code", "code"), FORMS, ids=[code for code, _ in FORMS])
def test_every_form_is_printed_with_all_its_labels_on_two_pages_at_most(form_code: str, code: str) -> None:
    form, matter = form_of(code)
    pages = texts(print_form(form, {field.key: _example(field) for field in form.fields}, matter))
    assert len(pages) <= 2
    if form_code not in layouts():
        for field in form.fields:
            assert field.key == "apply_date" or "".join(field.label.split()) in "".join(pages)


def _example(field: FormField) -> Any:
    if field.items:
        return [{item.key: _example(item) for item in field.items}] * 2
    return field.choices[0] if field.choices else True if field.type == "boolean" else field.example


def test_the_official_layout_has_a_place_for_every_field_of_its_form() -> None:
    signed_by_hand = {"applicant_name"}
    for code, layout in layouts().items():
        forms = [form for matter in matters().values() for form in matter.forms if form.code == code]
        for form in forms:
            assert {field.key for field in form.fields} - signed_by_hand == layout.keys


def test_a_layout_whose_widths_do_not_fill_the_row_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("forms: [F]\ntitle: 表\nblocks:\n- label: 一\n  rows:\n  - [[名, 3]]\n")
    with pytest.raises(BadLayout, match=rf"bad.yml 一 第 1 行宽 3，要 {GRID}"):
        layouts(tmp_path)


def test_the_file_is_called_like_the_form() -> None:
    assert file_name(form_of("M005")[0], kind="docx") == "高龄津贴申请审批表.docx"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "是"),
        (False, "否"),
        (120.0, "120"),
        (7.5, "7.5"),
        (1e6, "1000000"),
        ("2026-03-02", "2026年3月2日"),
        ("2026-13-02", "2026-13-02"),
        (["猪", "牛"], "猪；牛"),
        ([{"name": "王", "age": 3}], "王，3"),
    ],
)
def test_values_stand_on_paper_as_people_write_them(value: Any, text: str) -> None:
    assert written(value) == text


def test_a_missing_value_alone_leaves_its_box_empty_and_in_a_sentence_leaves_room() -> None:
    filled = Written(Form("表", fields=(FormField("day", "日", type="date"),)), {})
    assert filled.filled("{area}") == ""
    assert filled.filled("{area}㎡") == "　　　㎡"
    assert filled.filled("签名 {day}") == "签名 　　年　　月　　日"


@settings(max_examples=200, deadline=None)
@given(st.text("王，。（）□湘0123aZ \n", max_size=60), st.integers(3, 20))
def test_lines_are_never_too_wide_and_lose_nothing(text: str, width: int) -> None:
    lines = broken(text, width, len)
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert len(balanced(text, width, len)) == len(lines)


def test_a_line_ends_neither_inside_a_number_nor_before_a_closing_mark() -> None:
    assert broken("身份证号11010519491231002X。", 19, len) == ["身份证号", "11010519491231002X。"]
    assert broken("好（好）", 3, len) == ["好", "（好）"]
