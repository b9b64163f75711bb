"""Home visits at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Dialog, Page, expect

from knowledge.home_visits import HomeVisits
from knowledge.keyring import Keyring
from knowledge.rounds import Rounds
from knowledge.staff import StaffAccounts
from knowledge.working_days import CHINA
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def wish(office: Office, visits: HomeVisits, whom: str) -> tuple[str, str]:
    """Somebody who waits for a visit: its reference and the conversation."""
    talk, _ = await office.conversations.open("web", None, False, now())
    draft = await visits.begin(talk, "430423101218", "M001", {"whom": whom, "said": "走不动了"}, now())
    await visits.tell(draft, address="三组祠堂旁", telephone="13900000001")
    return (await visits.ask(draft.reference, now())).reference, talk


async def test_two_households_are_one_tour_and_one_is_done_with_a_record(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    visits = HomeVisits(office.database, Keyring.load_or_make(real_server.data_dir / "keys"))
    (first, talk), (second, _) = await wish(office, visits, "王桂英"), await wish(office, visits, "我爹")
    await Rounds(office.database).add_team("岳北红色便民服务队", "430423101000", "0734-5000001")
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
    await page.goto(f"{real_server.address}desk/visits")
    village = page.get_by_role("group", name="岳北村（2）")
    await page.get_by_role("button", name="把勾上的排成一趟").scroll_into_view_if_needed()
    for whom in ("王桂英", "我爹"):
        await village.get_by_role("checkbox", name=whom).check()
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    day = (now().astimezone(CHINA) + timedelta(days=2)).date().isoformat()
    await page.locator("#day").fill(day)
    await page.get_by_role("button", name="把勾上的排成一趟").tap()
    await expect(page.locator("#state")).to_have_text("没有人等着排日子")
    card = page.get_by_role("article", name="王桂英")
    await expect(card).to_contain_text("排好了 · 岳北红色便民服务队")

    async def answer(dialog: Dialog) -> None:
        await dialog.accept("低保的材料收齐了")

    page.on("dialog", answer)
    await card.get_by_role("button", name="办了，写下来").tap()
    await expect(card).to_contain_text("低保的材料收齐了")
    await expect(page.get_by_role("article", name="我爹")).to_contain_text("排好了")
    assert any("低保的材料收齐了" in line.text for line in await office.conversations.transcript(talk))
    assert (await visits.find(second)).state == "planned"
    assert (await visits.find(first)).state == "done"
    assert failures == []
