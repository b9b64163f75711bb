"""Whatever is said, it is answered, soon, and nothing is made of what names no matter."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.linking import heard
from nlu.matching import Match
from nlu.needs import match_needs
from nlu.text import LONGEST, shortened
from tests.nlu.starter import starter_matcher

RAMBLE = (
    "我跟你讲啊我屋里那个老倌子今年七十八了前年中风了一直躺在床上不能动我自己身体也不好腰椎间盘突出又有高血压天天要吃药"
    "两个崽都在广东打工一年到头也回不来一次孙子放在屋里给我带一个读三年级一个读幼儿园学费生活费都要钱去年又发大水"
    "屋后头的山垮了一块把猪栏压了猪也死了两头今年的谷子也没收到什么正经收成村里说可以去问问镇上看有没有什么政策"
    "上个月开始又说要搬到县里去跟崽住帮他带人做饭租的房子在二楼一个月六百块钱房东人还可以就是远了一点"
    "我也不晓得是找哪个部门别个都讲要去问我今天就来问一下麻烦你给我讲清楚一点我耳朵也不太好你慢点讲"
    "我就是想问一下居住证怎么办"
)
NOTICE = (
    "关于做好2027年度城乡居民基本医疗保险参保缴费工作的通知。各村(社区)：为切实做好我镇参保缴费工作，根据上级文件精神，"
    "现将有关事项通知如下。一、参保对象：凡具有本镇户籍、未参加职工基本医疗保险的城乡居民，包括农村居民、在校学生、新生儿等。"
    "二、缴费标准：每人每年400元，其中特困人员、低保对象、返贫致贫人口由医疗救助资金给予资助。三、缴费时间：2026年9月1日"
    "至12月31日，逾期不再受理。四、缴费方式：可通过微信、支付宝、湘税社保、银行网点缴费，也可以到村便民服务站由村干部代收。"
    "五、工作要求：各村要高度重视，加强宣传，确保参保率达到95%以上，不得以任何理由拖延。特此通知。"
) * 3


def understood(text: str) -> Match:
    return match_needs(starter_matcher(), heard(text))


def test_a_ramble_is_about_what_it_ends_with():
    assert len(RAMBLE) > 250
    match = understood(RAMBLE)
    assert (match.decision, match.candidates[0].code) == ("answer", "M105")
    assert match.wanted.endswith("居住证怎么办")


def test_a_pasted_notice_is_about_what_its_heading_says():
    match = understood(NOTICE)
    assert "医疗保险" in match.wanted
    assert match.decision != "none"
    assert any("医疗保险" in candidate.name or "医保" in candidate.name for candidate in match.candidates[:2])


@pytest.mark.parametrize(
    "text",
    [
        "12345678901234567890", "3" * 300, "2", "。。。！？", "？" * 300, "……", "😀😀", "   ", "",
        "Bonjour, comment obtenir une carte d'identité ?", "where do I register my child?", "Как получить паспорт",
        "すみません、道を教えてください", "كيف أحصل على بطاقة", "asdf qwer", "\x00\x07", "\ufeff",
    ],
)  # fmt: skip
def test_what_names_no_matter_is_none_of_ours(text: str):
    assert understood(text).decision == "none"


@pytest.mark.parametrize("text", [RAMBLE * 400, NOTICE * 100, "9" * 100_000, "办" * 100_000, "，" * 100_000])
def test_a_very_long_line_takes_no_longer_than_a_long_one(text: str):
    understood(text[:LONGEST])
    started = time.process_time()
    understood(text)
    assert time.process_time() - started < 1.0


def test_a_long_text_keeps_its_beginning_and_its_end():
    text = "头" * 100 + "中" * 1000 + "尾" * 199
    assert shortened(text) == "头" * 100 + "，" + "尾" * 199
    assert shortened("低保" * 150) == "低保" * 150


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_has_a_decision_and_keeps_the_contract(text: str):
    match = understood(text)
    assert match.decision in ("answer", "clarify", "none")
    assert len(match.candidates) <= 5
    assert match.candidates or match.decision == "none"
    assert match.wanted in heard(text) or "，" in match.wanted
