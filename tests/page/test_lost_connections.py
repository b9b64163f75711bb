"""What the page does when answers, streams and conversations get lost. The stub fails as told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.page.steps import last_reply, say, write
from tests.page.stub_server import StubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("status", [409, 503])
async def test_a_busy_or_broken_server_gets_the_same_id_again(page: Page, stub: StubServer, status: int) -> None:
    stub.refuse_next(status)
    await say(page, "开证明")
    assert list(stub.counts().values()) == [2]
    await expect(page.locator(".message.resident")).to_have_count(1)
    await expect(page.locator(".message.resident .state")).to_be_empty()


async def test_while_it_retries_the_page_says_so_and_a_tap_tries_at_once(page: Page, stub: StubServer) -> None:
    stub.refuse_next(503, times=5)
    await page.clock.install()
    await page.clock.pause_at(datetime.now() + timedelta(minutes=1))  # by itself it tries no more
    await write(page, "开证明")
    for _ in range(5):
        await expect(page.locator(".state")).to_contain_text("正在重试")
        await page.get_by_role("button", name="马上重试").click()
    await expect(last_reply(page)).to_contain_text("您说的是：开证明")
    assert list(stub.counts().values()) == [6]


async def test_an_answer_lost_on_its_way_is_asked_for_again_and_shown_once(page: Page, stub: StubServer) -> None:
    stub.lose_answers = 1
    await say(page, "开证明")
    await expect(page.get_by_text("您说的是：开证明")).to_have_count(1)
    assert list(stub.counts().values()) == [2]


async def test_a_message_waiting_at_a_reload_is_sent_then_and_stands_there_once(page: Page, stub: StubServer) -> None:
    stub.lose_answers = 1000
    async with page.expect_event("requestfailed"):
        await write(page, "开证明")
    stub.lose_answers = 0
    await page.reload()
    await expect(page.get_by_text("您说的是：开证明")).to_have_count(1)
    await expect(page.locator(".message.resident")).to_have_count(1)
    assert len(stub.counts()) == 1


async def test_messages_written_offline_are_kept_and_sent_in_order(
    page: Page, context: BrowserContext, stub: StubServer
) -> None:
    await context.set_offline(True)
    await expect(page.locator("#banner")).to_contain_text("网络断开")
    await write(page, "第一句")
    await write(page, "第二句")
    await expect(page.locator(".message.resident")).to_have_count(2)
    await context.set_offline(False)
    await expect(page.locator(".message.bot")).to_have_count(3)
    assert list(dict.fromkeys(message["text"] for message in stub.received)) == ["第一句", "第二句"]


@pytest.mark.parametrize("status", [413, 422])
async def test_a_refused_message_shows_why_and_gives_the_words_back(page: Page, stub: StubServer, status: int) -> None:
    stub.refuse_next(status, detail="一次最多 300 个字")
    await write(page, "太长的话")
    await expect(page.locator(".bubble.notice")).to_contain_text("一次最多 300 个字")
    await expect(page.locator(".state")).to_contain_text("没有发出去")
    await expect(page.get_by_label("用自己的话说")).to_have_value("太长的话")
    await say(page, "好的")
    assert len(stub.received) == 2


async def test_a_conversation_that_is_gone_is_replaced_and_the_words_are_sent_there(
    page: Page, stub: StubServer
) -> None:
    stub.talks.clear()
    await write(page, "开证明")
    await expect(last_reply(page)).to_contain_text("您说的是：开证明")
    await expect(page.get_by_text("给您开了新的对话")).to_have_count(1)
    await expect(page.locator(".message.resident")).to_have_count(1)
    assert len(stub.opened) == 2
    assert len(stub.counts()) == 1


async def test_a_conversation_gone_between_visits_is_replaced(page: Page, stub: StubServer) -> None:
    stub.talks.clear()
    await page.reload()
    await expect(page.get_by_text("给您开了新的对话")).to_be_visible()
    await say(page, "开证明")
    assert len(stub.opened) == 2


async def test_what_staff_say_while_the_stream_is_broken_comes_after_it_once(page: Page, stub: StubServer) -> None:
    stub.push("第一条")
    await expect(page.locator(".message.agent")).to_have_count(1)
    stub.events_are_down = True
    stub.cut_events()
    stub.push("第二条")
    async with page.expect_response(lambda response: response.status == 503):
        pass
    stub.push("第三条")
    stub.events_are_down = False
    await expect(page.locator(".message.agent")).to_have_count(3)
    stub.cut_events()
    stub.push("第四条")
    await expect(page.locator(".message.agent .words")).to_have_text(["第一条", "第二条", "第三条", "第四条"])
    assert stub.event_ids == ["0", "2", "4"]


async def test_a_stream_that_has_fallen_silent_is_opened_again(
    context: BrowserContext, page_server: str, stub: StubServer
) -> None:
    page = await context.new_page()
    await page.clock.install()
    await page.goto(page_server)
    await expect(page.locator(".message.bot").first).to_be_visible()  # the conversation is open
    stub.push("第一条")
    await expect(page.locator(".message.agent")).to_have_count(1)
    async with page.expect_request("**/events") as again:
        await page.clock.fast_forward("02:00")
        await page.clock.fast_forward("00:10")
    assert (await again.value).headers["last-event-id"] == "2"


async def test_what_staff_said_before_a_reload_is_not_shown_twice(page: Page, stub: StubServer) -> None:
    stub.push("请带身份证来")
    await expect(page.locator(".message.agent")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".message.agent")).to_have_count(1)
    stub.push("好了吗")
    await expect(page.locator(".message.agent")).to_have_count(2)


async def test_the_page_waits_for_a_server_that_is_down_at_the_start(context: BrowserContext, page_server: str) -> None:
    page = await context.new_page()
    failures = iter([503, 503])

    async def flaky(route) -> None:  # type: ignore[no-untyped-def]
        status = next(failures, None)
        await (route.fulfill(status=status) if status else route.continue_())

    await page.route("**/api/v1/conversations", flaky)
    await page.goto(page_server)
    await write(page, "开证明")
    await expect(last_reply(page)).to_contain_text("您说的是：开证明")
    await expect(page.locator(".message.resident")).to_have_count(1)


async def test_the_region_of_a_villages_qr_code_goes_with_the_conversation(
    context: BrowserContext, page_server: str, stub: StubServer
) -> None:
    page = await context.new_page()
    await page.goto(f"{page_server}?region=430423105213")
    await expect(page.locator(".message.bot")).to_have_count(1)
    assert stub.opened == [{"channel": "web", "elder": False, "region": "430423105213"}]
