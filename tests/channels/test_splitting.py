"""Texts in pieces that a channel takes."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.rendering import reply_texts
from connectors.channels.splitting import joined, size, split

WORDS = st.text(st.sampled_from("低保怎么申请要带身份证户口本。，！\n 1a《》“”（）😀"), max_size=400)


def test_a_short_text_stays_whole() -> None:
    assert split("先去村里。\n再去镇里。", 200) == ["先去村里。\n再去镇里。"]


def test_a_long_text_is_cut_between_paragraphs_then_between_sentences() -> None:
    first, second = "带身份证。带户口本。", "去便民服务站交。"
    assert split(f"{first}\n{second}", size(first) + 3) == [first, second]
    assert split("带身份证。带户口本。去交。", size("带身份证。带户口本。")) == ["带身份证。带户口本。", "去交。"]


def test_the_end_of_a_quotation_stays_with_its_sentence() -> None:
    assert split("他说“好。”我去。", size("他说“好。”"))[0] == "他说“好。”"


@given(WORDS, st.integers(12, 200))
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < size(piece) <= limit for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)


@given(st.lists(WORDS.filter(lambda text: 0 < size(text) <= 100)), st.integers(100, 300))
def test_what_fits_goes_together_and_in_order(texts: list[str], limit: int) -> None:
    together = joined(texts, limit)
    assert all(size(text) <= limit for text in together)
    assert "\n\n".join(together) == "\n\n".join(texts)
    assert len(together) <= len(texts)


def link(id: str, number: str, line: str) -> str:
    return f'<a href="x:{id}:{number}">{line}</a>'


def choices(*labels: str) -> dict[str, object]:
    lines = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    listed = [{"id": f"c{number}", "label": label} for number, label in enumerate(labels, 1)]
    return {"kind": "choices", "text": "\n".join(["是哪一样？", *lines]), "choices": listed, "data": {}}


def test_choices_become_links_over_the_numbered_lines() -> None:
    assert reply_texts(choices("新建房子", "危房改造"), 2048, link) == [
        '是哪一样？\n<a href="x:c1:1">1. 新建房子</a>\n<a href="x:c2:2">2. 危房改造</a>'
    ]


def test_a_channel_without_links_says_the_numbers() -> None:
    assert reply_texts(choices("新建房子"), 2048) == ["是哪一样？\n1. 新建房子"]


def test_a_link_is_never_cut() -> None:
    texts = reply_texts(choices(*["很长的一个选项" * 3] * 6), 200, link)
    assert len(texts) > 1
    assert all(size(text) <= 200 and text.count("<a ") == text.count("</a>") for text in texts)


def test_words_that_look_like_a_link_are_no_link() -> None:
    said = reply_texts({"kind": "text", "text": '<a href="http://bad">点我</a> 3<5', "choices": []}, 2048, link)
    assert said == ['＜a href="http://bad">点我＜/a> 3<5']


def test_a_file_is_told_with_the_address_of_the_page() -> None:
    said = reply_texts({"kind": "file", "text": "表填好了。", "choices": []}, 2048, page="https://x.cn/?carry=1")
    assert said == ["表填好了。\n打开看：https://x.cn/?carry=1"]
