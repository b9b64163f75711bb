"""Photos and PDFs are read as they stand, however they were taken, and without a network."""

from __future__ import annotations

import pytest

from connectors.ocr.service import FileRefused
from knowledge.matter import Material
from knowledge.paper import UNKNOWN, Reading
from knowledge.prechecking import Facts, check
from tests.papers.pictures import TODAY, WOMAN, drawn

ID_CARD = Material("身份证", licence="居民身份证")
FACTS = Facts(TODAY, WOMAN)
UPRIGHT = ("front, 40 megapixels", "front, HEIC", "front, as a camera held sideways stores it")
TURNED = {"front": 0, "front, turned by 90": 270, "front, turned by 180": 180, "front, turned by 270": 90}
Read = dict[str, Reading | FileRefused]


def seen(read: Read, name: str) -> Reading:
    reading = read[name]
    assert isinstance(reading, Reading)
    return reading


@pytest.mark.parametrize("name", [*TURNED, *UPRIGHT])
def test_an_id_card_is_read_however_it_lies_and_in_whatever_format(read: Read, name: str) -> None:
    reading = seen(read, name)
    assert (reading.kind, reading.parts, reading.fields) == (
        "居民身份证",
        ("人像面",),
        drawn("居民身份证", "人像面").truth,
    )
    assert reading.main.turned == TURNED.get(name, 0)
    assert check(reading, ID_CARD, FACTS) == []


def test_both_sides_in_a_pdf_are_two_sheets_of_one_paper(read: Read) -> None:
    reading = seen(read, "both sides in a PDF")
    assert (reading.pages, reading.kind, reading.parts) == (2, "居民身份证", ("人像面", "国徽面"))
    assert reading.fields["valid_until"] == "2035-03-02"
    assert reading.fields["name"] == WOMAN.name


def test_glare_names_the_corner_and_what_it_hides(read: Read) -> None:
    [finding] = check(seen(read, "front, glare"), ID_CARD, FACTS)
    assert (finding.defect, finding.severity) == ("glare", "bad")
    assert finding.text == "身份证照片右下角反光，号码看不清，请换个角度再拍一张。"


def test_a_photo_that_is_cut_off_is_asked_for_again_with_the_side(read: Read) -> None:
    [finding] = check(seen(read, "front, cut off"), ID_CARD, FACTS)
    assert finding.text.startswith(("身份证右边没有拍全", "身份证左边没有拍全"))


def test_a_page_of_a_household_tells_its_member_and_shows_its_seal(read: Read) -> None:
    reading = seen(read, "page of a household")
    assert (reading.kind, reading.parts, reading.seal) == ("居民户口簿", ("个人页",), True)
    assert dict(reading.fields) == dict(drawn("居民户口簿", "个人页", relation="户主").truth)


def test_a_bank_card_has_no_seal_and_is_not_taken_for_an_id_card(read: Read) -> None:
    reading = seen(read, "bank card")
    assert (reading.kind, reading.seal) == ("银行卡", False)
    [finding] = check(reading, ID_CARD, FACTS)
    assert finding.text == "要的是身份证，这张看着是银行卡，请换成身份证再拍一张。"


def test_a_cat_is_no_error_and_no_paper(read: Read) -> None:
    reading = seen(read, "cat")
    assert reading.kind == UNKNOWN
    assert [each.text for each in check(reading, ID_CARD, FACTS)] == ["这张照片上没看到字，请对着身份证再拍一张。"]
    assert check(reading, Material("照片"), FACTS) == []


@pytest.mark.parametrize(("name", "reason"), [("empty", "empty"), ("text that calls itself a photo", "kind_unknown")])
def test_what_is_no_picture_is_refused_with_a_reason(read: Read, name: str, reason: str) -> None:
    refused = read[name]
    assert isinstance(refused, FileRefused)
    assert refused.reason == reason
    assert refused.text.endswith("。")
