"""The day's appointments and the offices at the desk, in Chromium at the width of a phone, on the real service."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import BrowserContext, Page, expect

from knowledge.appointment import Booking
from knowledge.appointments import Appointments
from knowledge.catalogue import Catalogue
from knowledge.keyring import Keyring
from knowledge.slots import Slot
from knowledge.staff import StaffAccounts
from knowledge.visit_rules import visits
from tests.page.real_server import RealServer
from tests.page.steps import axe_violations
from tests.page.test_desk_outbox import OVERFLOW, PASSWORD, Office, now, office

__all__ = ["office"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOWN = "O-430423101000"


async def an_appointment(office: Office, server: RealServer) -> str:
    """Somebody comes in an hour or so; its reference."""
    appointments = Appointments(office.database, Keyring.load_or_make(server.data_dir / "keys"))
    conversation, _ = await office.conversations.open("web", None, False, now())
    start = now().replace(minute=0, second=0, microsecond=0)
    slot = Slot(start, start + timedelta(minutes=20), "1号综合窗口")
    (town,) = [each for each in await Catalogue(office.database).offices() if each.code == TOWN]
    booking = Booking(conversation, town.region, ("M100",), slot)
    return (await appointments.put(town, booking, visits().of(town.region), start - timedelta(days=2))).reference


async def logged_in(context: BrowserContext, server: RealServer, office: Office, role: str) -> Page:
    name = f"同志{uuid4().hex[:6]}"
    await StaffAccounts(office.database, now).add(name, role, PASSWORD)
    page = await context.new_page()
    await page.goto(f"{server.address}desk")
    await page.get_by_label("名字").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").tap()
    await expect(page.get_by_role("button", name="退出")).to_be_visible()
    return page


async def test_a_clerk_marks_who_came_and_takes_it_back(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    reference = await an_appointment(office, real_server)
    page = await logged_in(context, real_server, office, "clerk")
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(f"{real_server.address}desk/appointments")
    await page.get_by_role("combobox", name="大厅").select_option(TOWN)
    await page.get_by_role("button", name="看", exact=True).tap()
    card = page.get_by_role("article", name=reference)
    await expect(card).to_contain_text("还没来")
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    await page.get_by_label("预约号或二维码").fill(reference)
    await page.get_by_role("form", name="到了").get_by_role("button", name="到了").tap()
    await expect(card.locator(".state")).to_have_text("到了")
    await card.get_by_role("button", name="标错了，改回去").tap()
    await expect(card.locator(".state")).to_have_text("还没来")
    await page.get_by_label("预约号或二维码").fill("YY-0000-AAAA")
    await page.get_by_role("form", name="到了").get_by_role("button", name="到了").tap()
    await expect(page.locator("#state")).to_contain_text("没有这个预约")
    assert failures == []


async def test_a_supervisor_closes_an_office_for_a_day_and_is_told_what_cannot_be_read(
    context: BrowserContext, real_server: RealServer, office: Office
) -> None:
    page = await logged_in(context, real_server, office, "supervisor")
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(f"{real_server.address}desk/offices")
    await page.get_by_role("combobox", name="大厅").select_option(TOWN)
    closures = page.get_by_label("停办")
    await closures.fill("明天停电")
    await page.get_by_role("button", name="存").tap()
    await expect(page.locator("#state")).to_contain_text("明天停电")
    await closures.fill("2026-12-01 13:30-17:00 停电")
    await page.get_by_role("button", name="存").tap()
    await expect(page.locator("#state")).to_contain_text("存好了")
    assert await axe_violations(page) == []
    assert await page.evaluate(OVERFLOW) == 0
    (town,) = [each for each in await Catalogue(office.database).offices() if each.code == TOWN]
    assert [(f"{each.start}", each.spans, each.reason) for each in town.closures] == [
        ("2026-12-01", ("13:30-17:00",), "停电")
    ]
    assert failures == []
