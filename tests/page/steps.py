"""What residents do on the page, for the tests to say in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

HOUSE = "我要修房子"
ALLOWANCE = "高龄津贴"
AXE = Path(__file__).with_name("node_modules") / "axe-core/axe.min.js"
RUN_AXE = """async () => (await axe.run({rules: {"color-contrast-enhanced": {enabled: true}}}))  // 7:1
    .violations.map(({id, nodes}) => [id, nodes.map(({target, failureSummary}) => [target, failureSummary])])"""


def last_reply(page: Page) -> Locator:
    """The newest message of the assistant."""
    return page.locator(".message.bot").last


async def say(page: Page, text: str) -> None:
    """Writes and sends, and waits for the answer."""
    before = await page.locator(".message.bot").count()
    await write(page, text)
    await expect(page.locator(".message.bot").nth(before)).to_be_visible()


async def tap(page: Page, label: str) -> None:
    """Taps a choice of the last reply, and waits for the answer."""
    before = await page.locator(".message.bot").count()
    await last_reply(page).locator(".choice", has_text=label).first.tap()
    await expect(page.locator(".message.bot").nth(before)).to_be_visible()


async def write(page: Page, text: str) -> None:
    """Writes and sends."""
    await page.get_by_label("用自己的话说").fill(text)
    await page.get_by_role("button", name="发送").click()


async def open_card(page: Page) -> Locator:
    """Asks for a matter and unfolds all of its card."""
    await say(page, ALLOWANCE)
    card = last_reply(page).locator(".bubble.card")
    await expect(card.get_by_role("heading")).to_contain_text("高龄津贴")
    await card.evaluate("card => card.querySelectorAll('details').forEach(one => one.open = true)")
    return card


async def axe_violations(page: Page) -> Any:
    """What axe-core finds wrong, a contrast below 7:1 too: [rule, [[where, why], …]]."""
    if not AXE.exists():
        pytest.skip("no axe-core: scripts/chromium installs it")
    await page.evaluate(AXE.read_text("utf-8"))
    return await page.evaluate(RUN_AXE)


async def switch_version(page: Page) -> None:
    """Taps 长辈版 or 标准版."""
    await page.locator("#elder").click()


async def widest_overflow(page: Page) -> int:
    """By how many pixels the page, or its conversation, is wider than its room."""
    return int(
        await page.evaluate(
            """() => Math.max(...[document.documentElement, document.getElementById("log")]
                .map(element => element.scrollWidth - element.clientWidth))"""
        )
    )
