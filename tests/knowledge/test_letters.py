"""Letters of promise: from the form's values, ready to sign; what follows later with its day and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from knowledge.letters import BrokenLetters, Letter, filled, letters
from knowledge.matter import Matter
from knowledge.printing.letters import Due, print_letter, print_promised, print_put_off
from knowledge.starter import read_starter


@cache
def matters() -> Mapping[str, Matter]:
    return {matter.code: matter for matter in read_starter().matters}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "")


def test_the_letter_of_a_homestead_says_what_the_form_says() -> None:
    matter = matters()["M123"]
    letter = letters().of("M123", "农村宅基地使用承诺书")
    assert letter
    values = {"reason": "儿子结婚分了户。", "site_address": "岳北村3组老晒谷坪旁边", "build_type": "新申请"}
    text = text_of(print_letter(letter, matter.forms[0], values, matter))
    for part in ("因儿子结婚分了户，", "岳北村3组老晒谷坪旁边", "（新申请）", "一户一宅", "承诺人（签名）"):
        assert part in text


def test_what_the_form_does_not_say_is_left_to_be_written() -> None:
    matter = matters()["M136"]
    letter = letters().of("M136", "无其他住房承诺")
    assert letter
    text = text_of(print_letter(letter, matter.forms[0], {"head_name": "胡德贵"}, matter))
    assert "胡德贵" in text and letters().blank in text and "{" not in text


@pytest.mark.parametrize("letter", letters().letters, ids=lambda each: each.code)
def test_every_letter_is_a_material_of_its_matter_and_reads_fields_of_its_form(letter: Letter) -> None:
    for code in letter.matters:
        matter = matters()[code]
        assert any(letter.is_for(code, each.name) for each in matter.materials)
        keys = {field.key: "有" for field in matter.forms[0].fields}
        assert all("空" not in filled(text, keys, "空") for text in letter.text)


def test_what_follows_later_is_listed_with_its_day_and_what_happens_if_it_does_not() -> None:
    text = text_of(
        print_put_off(matters()["M124"], "乡村建设规划许可证核发", [Due("房屋设计方案", date(2026, 12, 14))])
    )
    for part in ("容缺受理承诺书", "房屋设计方案", "2026年12月14日", "这件事会退回来"):
        assert part in text


def test_what_is_promised_says_what_a_false_promise_costs() -> None:
    text = text_of(print_promised(matters()["M081"], "生育登记", ["结婚证"]))
    for part in ("证明事项告知承诺书", "结婚证", "可以不承诺", "法律责任"):
        assert part in text


def test_a_file_without_its_parts_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "letters.yml"
    broken.write_text("letters: []\n", encoding="utf-8")
    with pytest.raises(BrokenLetters, match=r"letters\.yml"):
        letters(broken)
