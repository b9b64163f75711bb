"""Figures and complaints at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from knowledge.handoff import Wants
from knowledge.handoffs import Handoffs
from knowledge.keyring import Keyring
from knowledge.ratings import Ratings
from knowledge.staff import StaffAccounts
from knowledge.tables.handoff import AgentRow
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def a_bad_mark(office: Office, keyring: Keyring) -> tuple[str, str]:
    """Somebody was answered and is not content: the complaint's reference and the conversation."""
    accounts, handoffs = StaffAccounts(office.database, now), Handoffs(office.database, keyring)
    name = f"坐席{uuid4().hex[:6]}"
    await accounts.add(name, "agent", PASSWORD)
    (staff,) = [each for each in await accounts.listed() if each.name == name]
    async with office.database.transaction() as session:
        session.add(AgentRow(staff_id=staff.id, office_code="O-430423101218", number=int(staff.id), capacity=3))
    conversation, _ = await office.conversations.open("web", None, False, now())
    handoff = await handoffs.ask(conversation, "asked", {}, Wants("430423101218", office="O-430423101218"), now())
    await handoffs.take(handoff.id, staff.id, now())
    async with office.database.transaction():
        ended = await handoffs.end(handoff.id, staff.id, "solved", now())
        ratings = Ratings(office.database, keyring)
        about = next(each for each in await ratings.unasked_chats(now()) if each.subject == ended.id)
        rating = await ratings.ask(about, now())
        assert rating is not None
        complaint = await ratings.give(rating, 1, now())
    assert complaint is not None
    return complaint.reference, conversation


async def test_a_supervisor_sees_the_figures_and_handles_a_complaint(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    reference, conversation = await a_bad_mark(office, Keyring.load_or_make(real_server.data_dir / "keys"))
    name = f"主管{uuid4().hex[:6]}"
    await StaffAccounts(office.database, now).add(name, "supervisor", PASSWORD)
    page: Page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(f"{real_server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await expect(page.get_by_role("button", name="退出")).to_be_visible()
    await page.goto(f"{real_server.address}desk/figures")
    summary = page.get_by_role("table", name="合计")
    await expect(summary.get_by_role("row").nth(1)).to_contain_text("全部")
    csv = page.get_by_role("link", name="按窗口，下载 CSV")
    assert (await csv.get_attribute("href") or "").startswith("/desk/api/figures/by_office.csv?since=")
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    card = page.get_by_role("article", name=f"差评 {reference}")
    await expect(card).to_contain_text("非常不满意")
    await card.get_by_role("textbox").fill("重新给您办了一遍")
    await card.get_by_role("button", name="处理好了，告诉居民").tap()
    await expect(page.locator(".done")).to_contain_text("已经告诉居民")
    assert any("重新给您办了一遍" in line.text for line in await office.conversations.transcript(conversation))
    assert failures == []
