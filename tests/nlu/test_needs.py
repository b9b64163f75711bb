import pytest

from nlu.needs import match_needs, without_unwanted
from nlu.sayings import Saying, collected, names_of_codes, part, with_sayings
from nlu.text import tells_secret_number, without_own_numbers
from tests.nlu.starter import starter_matcher, starter_subjects
from tests.nlu.test_matching import subject

STORY = "我崽在外头打工老婆也跑咖哒屋里两个细伢子都是我带身体又不好种田也没得么子收入我想问下低保何什申请"


@pytest.mark.parametrize(
    ("said", "first", "then"),
    [
        ("我想办低保，还想问下残疾证怎么办", "M001", "M178"),
        ("高龄津贴和残疾证怎么办", "M005", "M178"),
        ("低保要带什么，低保要多久", "M001", None),
        ("低保怎么申请", "M001", None),
        (STORY, "M001", None),
    ],
)
def test_the_first_need_is_answered_and_the_second_is_kept(said, first, then):
    match = match_needs(starter_matcher(), said)
    assert (match.decision, match.candidates[0].code, match.then and match.then.code) == ("answer", first, then)
    assert match.text == said


def test_few_single_needs_are_taken_for_two_and_no_name_is():
    texts = [saying.text for saying in part("development") if saying.clear]
    two = [text for text in texts if match_needs(starter_matcher(), text).then]
    assert len(two) <= 0.03 * len(texts)
    assert [each.name for each in starter_subjects() if match_needs(starter_matcher(), each.name).then] == []


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("身份证办好了，现在要办居住证", "现在要办居住证"),
        ("不是补办，是到期了要换身份证", "到期了要换身份证"),
        ("不问医保，问养老", "问养老"),
        ("低保怎么申请", "低保怎么申请"),
        ("不是这个", "不是这个"),
    ],
)
def test_what_is_not_wanted_or_done_already_is_left_out(said, wanted):
    assert without_unwanted(said).removeprefix("是") == wanted


def test_what_is_done_already_is_not_what_is_answered():
    match = match_needs(starter_matcher(), "身份证办好了，现在要办居住证")
    assert (match.decision, match.candidates[0].code) == ("answer", "M105")


@pytest.mark.parametrize(
    ("said", "left", "secret"),
    [
        ("低保怎么申请,我的身份证是43042319500307123X 手机13800001111", "低保怎么申请", True),
        ("转人工，我的电话13812345678", "转人工", False),
        ("低保怎么办我的卡号是6222021234567890123", "低保怎么办", True),
        ("13812345678", "13812345678", False),
        ("430423101218 这里", "430423101218 这里", False),
        ("身份证怎么补办", "身份证怎么补办", False),
    ],
)
def test_numbers_of_their_own_do_not_hide_what_people_want(said, left, secret):
    assert without_own_numbers(said).strip() == left
    assert tells_secret_number(said) is secret


def test_the_names_of_the_sayings_codes_are_the_starters():
    starter = {each.code: each.name for each in starter_subjects()}
    assert {code: starter[code] for code in names_of_codes()} == names_of_codes()
    assert {code for saying in collected() for code in saying.codes} <= set(names_of_codes())


def test_a_saying_goes_to_the_countys_matter_of_the_same_name_and_not_to_another_one_with_our_code():
    county = [subject("M001", "犬类准养证核发"), subject("430423-7", "最低生活保障"), subject("X9", "别的")]
    said = with_sayings(county, [Saying("想吃低保", "plain", ("M001",)), Saying("别的事", "plain", ("X9",))])
    assert [[entry.text for entry in each.entries if entry.kind == "saying"] for each in said] == [
        [],
        ["想吃低保"],
        ["别的事"],
    ]
