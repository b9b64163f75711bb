import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.pinyin import syllables
from nlu.text import is_blank, mask_personal, normalise, tells_secret_number, without_own_numbers


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("我要辦低保，這個怎麼弄", "我要办低保,这个怎么弄"),
        ("２号 ＡＢＣ", "2号 abc"),
        ("老人\u200b补\u202e贴\x00怎么\n\n领👵🏽", "老人补贴 怎么 领"),
        ("👨‍👩‍👧❤️", ""),
    ],
)
def test_a_text_becomes_simplified_half_width_and_clean(said, plain):
    assert normalise(said) == plain


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "。。。？！", "\x00\x07", "——"])
def test_emoji_punctuation_and_nothing_are_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["嗯", "2", "ok", "😀好"])
def test_one_word_is_not_blank(text):
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("身份证430423195001011234", "身份证430423********1234"),
        ("43042319500101123x", "430423********123X"),
        ("4304 2319 5001 0112 34", "430423********1234"),
        ("打13812345678或１３９１２３４５６７８", "打138****5678或139****5678"),
        ("138-1234-5678", "138****5678"),
        ("卡号6222021234567890123", "卡号****0123"),
        ("卡号6222 0212 3456 7890", "卡号****7890"),
        ("999999999999999999999999999", "****9999"),
        ("电话幺三八幺二三四五六七八", "电话138****5678"),
        ("幺三八三个零两个八五六七，打这个", "138****8567，打这个"),
        ("四三零四二三，一九五零，零一零一，一二三，最后一位是叉", "430423********123X"),
        ("四三〇四二三 1950 零一零一 一二三四", "430423********1234"),
        ("卡号六二二二零二一二三四五六七八九零一二三", "卡号****0123"),
        ("138，1234，5678", "138****5678"),
        ("一。一三八一二三四五六七八", "一。138****5678"),
    ],
)
def test_personal_numbers_are_masked(said, shown):
    assert mask_personal(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "满80了",
        "430423101201",
        "12345",
        "0734-1234567",
        "2026年1月1日",
        "二〇二六年一月一日",
        "一二三四五六七",
        "1、2、3、4、5、6、7、8、9、10、11、12",
    ],
)
def test_other_numbers_stay(said):
    assert mask_personal(said) == said


@given(st.text(), st.sampled_from(["43042319500101123X", "13812345678", "6222021234567890123"]))
def test_a_personal_number_never_stays_whole(before, number):
    assert number not in mask_personal(f"{before}。{number}。")


@given(
    st.text(),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["零一二三四五六七八九", "洞幺两三四五六拐八勾"]),
)
def test_a_number_said_digit_by_digit_never_stays_whole(before, number, names):
    spoken = "".join(names[int(digit)] for digit in number)
    masked = mask_personal(f"{before}。{spoken}。")
    assert spoken not in masked
    assert number not in masked


def test_a_spoken_id_number_is_a_secret_and_says_nothing_about_the_matter():
    said = "我的身份证是四三零四二三一九五零零一零一一二三四，低保怎么办"
    assert tells_secret_number(said)
    assert without_own_numbers(said).strip(" ，,") == "低保怎么办"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("户口", "付口"),
        ("分户", "昏户"),
        ("危房", "危黄"),
        ("高龄津贴", "高铃经贴"),
        ("身份证", "深份正"),
        ("养老金", "养脑津"),
    ],
)
def test_what_a_recogniser_confuses_sounds_the_same(said, heard):
    assert syllables(said) == syllables(heard)


def test_the_sound_of_a_phrase_takes_less_than_a_tenth_of_a_millisecond():
    syllables(phrase := "我屋里想砌屋要么子手续")
    times = []
    for _ in range(200):
        start = time.perf_counter()
        syllables(phrase)
        times.append(time.perf_counter() - start)
    assert sorted(times)[100] < 1e-4
