"""Who acts for whom, at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from knowledge.case import NewCase
from knowledge.keyring import Keyring
from knowledge.proxies import Authority, Party, Proxies, Seen
from knowledge.proxy_rules import ProxyRule
from knowledge.staff import StaffAccounts
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULE = ProxyRule("000000000000", (), 30, 3, 10, False, "S0", False)
VILLAGE = "430423101218"
GRANDSON = Party("刘试岳", "430423198810231234")
GRANNIES = [Party("陈试莲", "430423195211230025"), Party("王试一", "430423195503071222")]
PICTURES = os.environ.get("TEST_PICTURES")


async def entrusted(office: Office, server: RealServer, principal: Party) -> tuple[Authority, str]:
    """An authorisation that was signed at the window, by which a case was handed in; its reference."""
    proxies = Proxies(office.database, Keyring.load_or_make(server.data_dir / "keys"))
    his, _ = await office.conversations.open("web", None, False, now())
    hers, _ = await office.conversations.open("window", None, False, now())
    asked, _ = await proxies.ask(his, GRANDSON, principal, ["M005"], RULE, now(), VILLAGE)
    seen = Seen(None, "0" * 26, "李试证", hers)  # type: ignore[arg-type]
    given = await proxies.witness(asked.id, seen, RULE, now() + timedelta(seconds=1))
    case, _ = await office.cases.open(NewCase(his, "M005", "高龄津贴", VILLAGE), now())
    await proxies.note(given.id, case.reference, now())
    return given, case.reference


async def the_page(context: BrowserContext, server: RealServer, office: Office) -> Page:
    """A supervisor of the county, on the page."""
    name = f"李主管{uuid4().hex[:6]}"
    await StaffAccounts(office.database, now).add(name, "supervisor", PASSWORD, "430423000000")
    page = await context.new_page()
    await page.goto(f"{server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await page.get_by_role("button", name="退出").wait_for()
    await page.goto(f"{server.address}desk/proxies")
    return page


async def test_a_supervisor_finds_a_proxy_with_all_principals_and_ends_one(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    made = [await entrusted(office, real_server, principal) for principal in GRANNIES]
    page = await the_page(context, real_server, office)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    group = page.get_by_role("region", name="刘*岳 替 2 个人办")
    await expect(group.get_by_role("article")).to_have_count(2)
    card = group.get_by_role("article", name="刘*岳替陈*莲办80周岁以上老年人高龄津贴发放")
    await expect(card).to_contain_text("在窗口当面签名，见证人李*证")
    await expect(card).to_contain_text(f"刘*岳替陈*莲交了高龄津贴，{made[0][1]}")
    content = await page.content()
    assert not any(each in content for each in (GRANDSON.name, GRANDSON.id_number, GRANNIES[0].name, "李试证"))
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / "proxies.png", full_page=True)
    await card.get_by_role("button", name="停掉").tap()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="停掉").tap()
    await expect(dialog).to_be_visible()  # without a reason it is not ended
    await dialog.get_by_label("为什么停").fill("村里反映有人冒名")
    assert await axe_violations(page) == []
    await dialog.get_by_role("button", name="停掉").tap()
    await expect(page.locator("#state")).to_have_text("停掉了：刘*岳不能再替陈*莲办。")
    await expect(card).to_have_count(0)
    await expect(page.get_by_role("region", name="刘*岳 替 1 个人办")).to_be_visible()
    await page.get_by_label("看哪些").select_option(label="全部")
    await page.get_by_label("怎么排").select_option(label="按委托的人")
    hers_alone = page.get_by_role("region", name="陈*莲 委托了")  # she may have entrusted others in other tests
    ended = hers_alone.get_by_role("article").filter(has_text="刘*岳")
    await expect(ended).to_contain_text("停掉的原因：村里反映有人冒名")
    await expect(ended.get_by_role("button", name="停掉")).to_have_count(0)
    hers = made[0][0].principal_conversation
    assert hers
    (told,) = await office.conversations.pushed_after(hers, 0)
    assert "刘试岳替陈试莲办事的委托停了" in told.text
    assert failures == []
