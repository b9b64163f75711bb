"""What could not be handed in, at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from knowledge.case import Case, CaseEvent, NewCase
from knowledge.cases import Cases
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.keyring import Keyring
from knowledge.outbox import Outbox
from knowledge.staff import StaffAccounts
from knowledge.submissions import Submissions
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "correct horse 电池"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def now() -> datetime:
    return datetime.now(UTC)


class Office:
    """The service's own database, beside it."""

    def __init__(self, server: RealServer) -> None:
        self.database = Database(f"sqlite+aiosqlite:///{server.data_dir / 'bangban.db'}")
        keyring = Keyring.load_or_make(server.data_dir / "keys")
        self.cases, self.outbox = Cases(self.database, keyring), Outbox(self.database, keyring)
        self.conversations = Conversations(self.database)

    async def dead_case(self) -> Case:
        """A case that the platform refused to take. It is dead before the service's own worker can look."""
        conversation, _ = await self.conversations.open("web", None, False, now())
        new = NewCase(conversation, "M005", "高龄津贴", "430423101218")
        async with self.database.transaction():
            case = await Submissions(self.cases, self.outbox).submit(new, {}, [], now())
            (letter,) = [each for each in await self.outbox.claim("w", now(), 10) if each.subject == case.reference]
            await self.outbox.dead(letter, "缺少联系电话 (phone)", now())
        return case

    async def overdue_case(self) -> Case:
        """A case that was accepted long ago."""
        conversation, _ = await self.conversations.open("web", None, False, now())
        case, _ = await self.cases.open(
            NewCase(conversation, "M001", "最低生活保障", "430423101218", promise_days=22), now()
        )
        accepted = CaseEvent("accepted", now() - timedelta(days=90), sequence=2)
        return (await self.cases.record(case.reference, accepted, f"HY{uuid4().hex[:8]}")).case


@pytest_asyncio.fixture(loop_scope="session")
async def office(real_server: RealServer) -> AsyncIterator[Office]:
    opened = Office(real_server)
    yield opened
    await opened.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def supervisor(context: BrowserContext, real_server: RealServer, office: Office) -> AsyncIterator[Page]:
    """A supervisor who has logged in, on the page of the review."""
    name = f"李主管{uuid4().hex[:6]}"
    await StaffAccounts(office.database, now).add(name, "supervisor", PASSWORD)
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    await page.goto(f"{real_server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await page.get_by_role("link", name="没听懂的话").tap()
    await expect(page.get_by_role("heading", name="没听懂的话")).to_be_visible()
    yield page
    assert failures == []


async def test_a_case_that_was_not_taken_is_dropped_with_a_reason_and_the_resident_is_told(
    supervisor: Page, office: Office
) -> None:
    case, overdue = await office.dead_case(), await office.overdue_case()
    await supervisor.get_by_role("link", name="没交上去的").tap()
    card = supervisor.get_by_role("article", name="高龄津贴：提交办件").filter(has_text=case.reference)
    await expect(card).to_contain_text("缺少联系电话")
    await expect(supervisor.locator("#overdue")).to_contain_text(overdue.reference)
    assert await axe_violations(supervisor) == []
    assert await supervisor.evaluate(OVERFLOW) == 0
    await card.get_by_role("button", name="不再交").tap()
    await expect(card.get_by_role("alert")).to_contain_text("写个原因")
    await card.get_by_label("不再交的原因").fill("已在窗口办好")
    await card.get_by_role("button", name="不再交").tap()
    await expect(supervisor.locator(".done")).to_contain_text("不再交了")
    assert case.conversation_id is not None
    (told,) = await office.conversations.pushed_after(case.conversation_id, 0)
    assert "不再交了" in told.text


async def test_a_case_is_handed_in_again_with_one_tap(supervisor: Page, office: Office) -> None:
    case = await office.dead_case()
    await supervisor.get_by_role("link", name="没交上去的").tap()
    card = supervisor.get_by_role("article", name="高龄津贴：提交办件").filter(has_text=case.reference)
    await card.get_by_role("button", name="再交一次").tap()
    await expect(supervisor.locator(".done")).to_contain_text("又去交了")
    assert await office.outbox.dead_letters() == [] or case.reference not in [
        letter.subject for letter in await office.outbox.dead_letters() if letter.attempts == 0
    ]


async def test_who_is_not_logged_in_is_sent_to_the_login(context: BrowserContext, real_server: RealServer) -> None:
    page = await context.new_page()
    await page.goto(f"{real_server.address}desk/outbox")
    await expect(page.get_by_role("heading", name="帮办工作台")).to_be_visible()
