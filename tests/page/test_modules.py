"""The page's files: all are asked for at once, and the modules that can be tried alone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page

from tests.page.stub_server import PAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED_WHEN_NEEDED = {"recorder.js", "whereabouts.js"}
"""Where a service hears speech; where somebody asks for the nearest office."""

STREAM = ': hello\n\nid: 7\nevent: reply\ndata: {"a":\ndata: "帮办"}\n\nid: 8\r\ndata:x\r\n\r\n'


async def test_every_module_is_asked_for_at_once() -> None:
    index = (PAGE / "index.html").read_text("utf-8")
    named = set(re.findall(r'(?:href|src)="/page/([\w.]+)"', index))
    files = {path.name for path in PAGE.iterdir() if path.stem[:4] != "hall"}
    assert named == files - {"index.html", *ASKED_WHEN_NEEDED}


async def test_a_stream_cut_anywhere_gives_the_same_events(page: Page) -> None:
    every_cut = """async stream => {
        const {EventParser} = await import("/page/sse.js");
        const cut = (parser, at) => [...parser.feed(stream.slice(0, at)), ...parser.feed(stream.slice(at))];
        return [...Array(stream.length + 1).keys()].map(at => cut(new EventParser(), at));
    }"""
    expected = [
        {"type": "reply", "id": "7", "data": '{"a":\n"帮办"}'},
        {"type": "message", "id": "8", "data": "x"},
    ]
    assert await page.evaluate(every_cut, STREAM) == [expected] * (len(STREAM) + 1)


PHONES = [
    ("窗口 0734-5812345，热线 12345。", False, ["0734-5812345", "12345"]),
    ("打13812345678或者07345812345", False, ["13812345678", "07345812345"]),
    ("打 119！伤了打120，119", True, ["119", "120"]),
    ("每月 120 元，110 平方米", False, []),
    ("一次 12000元，12500.50，共 12345 元", False, []),
    ("身份证 43042319490101123X 号", False, []),
]


async def test_telephone_numbers_are_told_from_amounts(page: Page) -> None:
    find = """async texts => {
        const {phonesIn} = await import("/page/phones.js");
        return texts.map(([text, isEmergency]) => phonesIn(text, isEmergency));
    }"""
    found = await page.evaluate(find, [[text, is_emergency] for text, is_emergency, _ in PHONES])
    assert found == [numbers for _, _, numbers in PHONES]
