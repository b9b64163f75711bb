"""The review at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from knowledge.database import Database
from knowledge.differences import differences
from knowledge.staff import StaffAccounts
from knowledge.unsure import Sighting, UnsureSayings
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "correct horse 电池"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest_asyncio.fixture(loop_scope="session")
async def database(real_server: RealServer) -> AsyncIterator[Database]:
    """The service's own database, beside it."""
    opened = Database(f"sqlite+aiosqlite:///{real_server.data_dir / 'bangban.db'}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reviewer(context: BrowserContext, real_server: RealServer, database: Database) -> AsyncIterator[Page]:
    """A supervisor on the page of the review, logged in by hand."""
    name = f"李主管{uuid4().hex[:6]}"
    await StaffAccounts(database, now).add(name, "supervisor", PASSWORD)
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    await page.goto(f"{real_server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill("a wrong password")
    await page.get_by_role("button", name="登录").tap()
    await expect(page.get_by_role("alert")).to_contain_text("名字或密码不对")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await page.get_by_role("link", name="没听懂的话").tap()
    await expect(page.get_by_role("heading", name="没听懂的话")).to_be_visible()
    await expect(page.locator("#who")).to_have_text(name)
    yield page
    assert failures == []


def now() -> datetime:
    return datetime.now(UTC)


async def sighted(database: Database, page: Page, *texts: str) -> Locator:
    """Texts that wait; the card of the first."""
    await UnsureSayings(database).sight([Sighting(text, text, "none", chosen="M005") for text in texts], now())
    await page.reload()
    return page.get_by_role("article", name=texts[0])


async def state_of(database: Database, text: str) -> str:
    sayings = await UnsureSayings(database).listed(("open", "alias", "out_of_scope", "missing"))
    return next(saying.state for saying in sayings if saying.text == text)


async def test_a_saying_becomes_an_alias_by_one_tap_on_what_residents_came_to(
    reviewer: Page, database: Database
) -> None:
    card = await sighted(database, reviewer, "咕噜咕噜甲", "请问咕噜咕噜甲")
    await expect(card.locator(".matter").first).to_contain_text("居民最后办的")
    await expect(card.get_by_role("checkbox")).to_have_count(2)
    await card.get_by_role("checkbox").nth(1).uncheck()
    await card.get_by_label("别名写成").fill("咕噜甲津贴")
    await card.locator(".matter").first.tap()
    await expect(reviewer.locator(".done")).to_contain_text("1 句记成")
    assert await state_of(database, "咕噜咕噜甲") == "alias"
    assert await state_of(database, "请问咕噜咕噜甲") == "open"
    assert "咕噜甲津贴" in [alias for change in (await differences(database)).changed for alias in change.new.aliases]
    await reviewer.get_by_role("button", name="撤销").tap()
    await expect(reviewer.get_by_role("article", name="咕噜咕噜甲").first).to_be_visible()
    assert not await differences(database)


async def test_another_matter_is_found_by_words(reviewer: Page, database: Database) -> None:
    card = await sighted(database, reviewer, "咕噜咕噜乙")
    await card.get_by_label("别的事项").fill("M001")
    await card.get_by_role("button", name="找", exact=True).tap()
    await card.locator(".search").get_by_role("button", name="最低生活保障").tap()
    await expect(reviewer.locator(".done")).to_contain_text("“最低生活保障”的别名")
    await reviewer.get_by_role("button", name="撤销").tap()
    await expect(reviewer.get_by_role("article", name="咕噜咕噜乙")).to_be_visible()


@pytest.mark.parametrize(("label", "state"), [("不归我们管", "out_of_scope"), ("缺这个事项", "missing")])
async def test_what_is_none_of_ours_or_missing_is_kept_so_and_can_be_taken_back_later(
    reviewer: Page, database: Database, label: str, state: str
) -> None:
    text = f"咕噜咕噜{label}"
    card = await sighted(database, reviewer, text)
    await card.get_by_role("button", name=label).tap()
    await expect(reviewer.locator(".done")).to_contain_text(label)
    assert await state_of(database, text) == state
    await reviewer.get_by_role("button", name="处理过的").tap()
    decided = reviewer.get_by_role("article", name=text)
    await expect(decided).to_contain_text("李主管")
    await decided.get_by_role("button", name="撤销").tap()
    await expect(reviewer.locator(".done")).to_contain_text("撤销了")
    assert await state_of(database, text) == "open"


async def test_what_somebody_else_decided_meanwhile_is_said_and_nothing_ticked_too(
    reviewer: Page, database: Database
) -> None:
    card = await sighted(database, reviewer, "咕噜咕噜丙")
    await card.get_by_role("checkbox").uncheck()
    await card.get_by_role("button", name="缺这个事项").tap()
    await expect(card.get_by_role("alert")).to_contain_text("请先勾上")
    await card.get_by_role("checkbox").check()
    other = await reviewer.context.new_page()
    await other.goto(reviewer.url)
    await other.get_by_role("article", name="咕噜咕噜丙").get_by_role("button", name="缺这个事项").tap()
    await expect(other.locator(".done")).to_be_visible()
    await card.get_by_role("button", name="不归我们管").tap()
    await expect(card.get_by_role("alert")).to_contain_text("已经有人处理过了")


async def test_text_of_residents_is_never_markup(reviewer: Page, database: Database) -> None:
    text = "<img src=x onerror=alert(1)>咕噜"
    card = await sighted(database, reviewer, text)
    await expect(card.locator(".saying")).to_have_text(text)
    await expect(card.locator("img")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(reviewer: Page, database: Database, width: int) -> None:
    await reviewer.set_viewport_size({"width": width, "height": 844})
    card = await sighted(database, reviewer, "咕噜咕噜丁" + "很长的话" * 12)
    await expect(card).to_be_visible()
    assert await reviewer.evaluate(OVERFLOW) == 0
    assert await axe_violations(reviewer) == []


async def test_after_the_logout_the_page_is_the_login(reviewer: Page, real_server: RealServer) -> None:
    await reviewer.get_by_role("button", name="退出").tap()
    await expect(reviewer.get_by_role("button", name="登录")).to_be_visible()
    assert await axe_violations(reviewer) == []
    await reviewer.goto(f"{real_server.address}desk/review")
    await expect(reviewer.get_by_role("button", name="登录")).to_be_visible()
