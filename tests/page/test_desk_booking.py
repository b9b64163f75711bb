"""On the real service an agent books a visit for a resident, who moves it on their telephone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.page.steps import axe_violations, last_reply
from tests.page.steps import say as resident_says
from tests.page.test_chats_real import TOWN, Service, resident, service

__all__ = ["resident", "service"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = os.environ.get("TEST_PICTURES")
"""A folder for the pictures of docs/desk.md."""


async def test_an_agent_books_a_visit_and_the_resident_moves_it(service: Service, resident: Page) -> None:
    agent = await service.at_desk("赵约", "agent", TOWN)
    await resident_says(resident, "我要分户")
    await resident_says(resident, "人工")
    await agent.get_by_role("button", name="接这个对话").last.click()
    await agent.get_by_role("tab", name="表单材料").click()
    await agent.get_by_role("button", name="约时间").click()
    dialog = agent.get_by_role("dialog")
    await expect(dialog.get_by_label("几点").locator("option")).not_to_have_count(0)
    days = dialog.get_by_label("哪一天")
    second = await days.locator("option").nth(1).get_attribute("value")
    await days.select_option(second)
    assert await axe_violations(agent) == []
    if PICTURES:
        await agent.screenshot(path=Path(PICTURES) / "desk-booking.png")
    await dialog.get_by_role("button", name="约好，告诉居民").click()
    await expect(dialog).to_have_count(0)
    told = resident.locator(".message.agent").last
    await expect(told).to_contain_text("给您约好了")
    await agent.get_by_role("tab", name="情况").click()
    beside = agent.get_by_role("complementary").locator("dd", has_text="YY-")
    await expect(beside).to_be_visible()
    before = await beside.inner_text()
    await resident.get_by_role("button", name="改时间").last.tap()
    await expect(last_reply(resident)).to_contain_text("什么时候")
    await last_reply(resident).get_by_role("button").first.tap()
    await expect(resident.locator("#log")).to_contain_text("改好了")
    await expect(beside).not_to_have_text(before)
