"""The sandbox's pages on a phone: authorising, deciding a case, switching; nothing too wide, axe-core content."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import BrowserContext, Page, expect

from connectors.sandbox.app import create_sandbox
from tests.page.steps import axe_violations
from tests.sandbox.conftest import KEY, Caller, case

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASKED = {"purpose": "办理农村村民宅基地审批", "scope": ["identity", "household", "licences"], "minutes": 120}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest_asyncio.fixture(loop_scope="session")
async def caller() -> AsyncIterator[Caller]:
    """Bangban's side of a sandbox of its own."""
    server = TestServer(create_sandbox(":memory:", "secret", key=KEY))
    async with server, aiohttp.ClientSession(base_url=server.make_url("/")) as session:
        yield Caller(session)


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A phone's page that has not gone anywhere yet."""
    page = await context.new_page()
    yield page
    await page.close()


async def asked(caller: Caller) -> Any:
    return await caller.ask("POST", "/api/v1/authorisations", 201, {**ASKED, "reference": "C1"})


async def test_a_resident_says_who_they_are_and_agrees_and_takes_it_back(caller: Caller, page: Page) -> None:
    started = await asked(caller)
    await page.goto(started["url"])
    await expect(page.get_by_text("办理农村村民宅基地审批")).to_be_visible()
    await expect(page.get_by_text("2小时")).to_be_visible()
    await page.get_by_label("您是谁").select_option(label="王桂英（母亲，82岁）")
    await page.get_by_role("button", name="刷脸，同意授权").click()
    await expect(page.get_by_role("heading", name="已授权")).to_be_visible()
    found = await caller.ask("GET", f"/api/v1/authorisations/{started['id']}", 200)
    assert found["identity"]["name"] == "王桂英"
    await page.get_by_role("button", name="撤回授权").click()
    await expect(page.get_by_role("heading", name="已撤回")).to_be_visible()


async def test_nobody_is_authorised_without_being_chosen(caller: Caller, page: Page) -> None:
    started = await asked(caller)
    await page.goto(started["url"])
    await page.evaluate("document.querySelector('select').required = false")
    await page.get_by_role("button", name="刷脸，同意授权").click()
    await expect(page.get_by_role("alert")).to_have_text("请先选一个人，再刷脸。")
    await page.get_by_role("button", name="不同意").click()
    await expect(page.get_by_role("heading", name="没有授权")).to_be_visible()


async def test_a_code_leads_to_the_same_page(caller: Caller, page: Page) -> None:
    started = await asked(caller)
    root = started["url"].partition("/authorise")[0]
    await page.goto(root)
    await page.get_by_label("帮办给的6位数字").fill("12 34")
    await page.get_by_role("button", name="下一步").click()
    await expect(page.get_by_role("alert")).to_contain_text("没有这个授权码")
    await page.get_by_label("帮办给的6位数字").fill(started["code"])
    await page.get_by_role("button", name="下一步").click()
    await expect(page).to_have_url(started["url"])


async def test_the_clerk_accepts_asks_and_approves(caller: Caller, page: Page) -> None:
    number = (await caller.submitted())["number"]
    await page.goto(str(caller.session._base_url) + "desk")
    await page.get_by_role("link", name="王桂英（张大山代办）").click()
    await page.get_by_role("button", name="受理").click()
    await page.get_by_text("要补正").click()
    await page.get_by_label("身份证").check()
    await page.get_by_label("别的材料").fill("照片、户口簿")
    await page.get_by_label("哪里不对").fill("照片反光")
    await page.get_by_role("button", name="发补正通知").click()
    found = await caller.ask("GET", f"/api/v1/cases/{number}", 200)
    assert found["history"][-1]["materials"] == ["身份证", "照片", "户口簿"]
    await page.locator("summary", has_text="办结").click()
    await page.get_by_role("button", name="办结", exact=True).click()
    await expect(page.locator("h1 .state")).to_have_text("已办结")
    assert "430423194402111067" not in await page.content()
    await expect(page.get_by_role("button")).to_have_count(0)


async def test_a_switch_on_the_page_is_set(caller: Caller, page: Page) -> None:
    await page.goto(str(caller.session._base_url) + "switches")
    await page.get_by_label("接下来几次出错").fill("1")
    await page.get_by_label("通知倒着发").check()
    await page.get_by_role("button", name="就这样").click()
    switches = await caller.steer("GET", "/switches")
    assert (switches["errors"], switches["wrong_order"], switches["down"]) == (1, True, False)


async def test_axe_finds_nothing_and_nothing_is_wider_than_the_phone(caller: Caller, page: Page) -> None:
    started, root = await asked(caller), str(caller.session._base_url)
    number = (await caller.submitted(values={"家": "王" * 200} | case()["values"]))["number"]
    places = [started["url"], root, f"{root}desk", f"{root}desk/cases/{number}", f"{root}switches"]
    for place in places:
        await page.goto(place)
        for each in await page.locator("details").all():
            await each.evaluate("one => one.open = true")
        assert await axe_violations(page) == [], place
        assert await page.evaluate(TOO_WIDE) <= 0, place
