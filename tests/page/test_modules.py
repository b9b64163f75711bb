"""The page's files: their weight, where they come from, and the modules that can be tried alone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.page.steps import HOUSE, open_card, say
from tests.page.stub_server import PAGE

pytestmark = pytest.mark.asyncio(loop_scope="session")

STREAM = ': hello\n\nid: 7\nevent: reply\ndata: {"a":\ndata: "帮办"}\n\nid: 8\r\ndata:x\r\n\r\n'


async def test_a_whole_visit_weighs_at_most_100_kilobytes_and_asks_no_other_host(page: Page, page_server: str) -> None:
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    await network.send("Network.clearBrowserCache")
    sizes: list[float] = []
    addresses: list[str] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.on("Network.requestWillBeSent", lambda event: addresses.append(event["request"]["url"]))
    await page.reload()
    await expect(page.locator(".message.bot")).to_have_count(1)
    await say(page, HOUSE)
    await open_card(page)
    print(f"\nthe visit: {len(addresses)} requests, {sum(sizes) / 1000:.1f} kB over the wire")
    assert len(sizes) > len(list(PAGE.iterdir())) - 3
    assert sum(sizes) <= 100_000
    assert [one for one in addresses if not one.startswith(page_server)] == []


async def test_every_module_is_asked_for_at_once() -> None:
    index = (PAGE / "index.html").read_text("utf-8")
    named = set(re.findall(r'(?:href|src)="/page/([\w.]+)"', index))
    assert named == {path.name for path in PAGE.iterdir()} - {"index.html"}


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


@pytest.mark.parametrize(
    ("text", "is_emergency", "numbers"),
    [
        ("窗口 0734-5812345，热线 12345。", False, ["0734-5812345", "12345"]),
        ("打13812345678或者07345812345", False, ["13812345678", "07345812345"]),
        ("打 119！伤了打120，119", True, ["119", "120"]),
        ("每月 120 元，110 平方米", False, []),
        ("一次 12000元，12500.50，共 12345 元", False, []),
        ("身份证 43042319490101123X 号", False, []),
    ],
)
async def test_telephone_numbers_are_told_from_amounts(
    page: Page, text: str, is_emergency: bool, numbers: list[str]
) -> None:
    find = """async arguments => (await import("/page/phones.js")).phonesIn(...arguments)"""
    assert await page.evaluate(find, [text, is_emergency]) == numbers
