"""The desk's chats in Chromium, on a stub that fails as told: what agents see and do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.page.desk_stub import FOLDERS, DeskStub, moment
from tests.page.steps import axe_violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDE = {"width": 1280, "height": 800}
SOUNDED = "Number(document.documentElement.dataset.sounded ?? 0)"


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[DeskStub]:
    yield DeskStub()


@pytest_asyncio.fixture(loop_scope="session")
async def address(stub: DeskStub) -> AsyncIterator[str]:
    server = TestServer(stub.app())
    await server.start_server()
    yield str(server.make_url("/desk/chats"))
    await stub.cut()
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pc(browser: Browser) -> AsyncIterator[BrowserContext]:
    """An agent's computer."""
    context = await browser.new_context(viewport=WIDE, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    yield context
    await context.close()


async def opened(pc: BrowserContext, address: str, failures: list[str]) -> Page:
    page = await pc.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    await page.goto(address)
    await expect(page.locator("#connection")).to_have_text("已连接")
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def desk(pc: BrowserContext, address: str) -> AsyncIterator[Page]:
    """An agent with two chats, two that wait, and the live feed on. No script may fail until the end."""
    failures: list[str] = []
    yield await opened(pc, address, failures)
    assert failures == []


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"与{name}的对话")


def mine(page: Page, name: str) -> Locator:
    return page.locator("section.mine li", has_text=name)


def field(page: Page, name: str) -> Locator:
    return column(page, name).locator(".writing textarea")


async def say(page: Page, name: str, text: str) -> None:
    await field(page, name).fill(text)
    await field(page, name).press("Enter")


def said(page: Page, name: str, text: str) -> Locator:
    return column(page, name).locator(".message", has_text=text)


def imported(address: str, found: set[str]) -> set[str]:
    """That module and all that it imports, by their addresses."""
    found.add(address)
    folder, name = address.rsplit("/", 1)
    for path in re.findall(
        r'^import[^;]*?from "([^"]+)"', (FOLDERS[f"{folder}/"] / name).read_text("utf-8"), re.MULTILINE
    ):
        if (other := path.replace("./", f"{folder}/")) not in found:
            imported(other, found)
    return found


async def test_every_module_is_asked_for_at_once() -> None:
    page = (FOLDERS["/desk/page/"] / "chats.html").read_text("utf-8")
    named = set(re.findall(r'(?:href|src)="(/[\w/]+\.js)"', page))
    assert named == imported("/desk/page/chats.js", set())


async def test_chats_stand_side_by_side_with_the_packet_of_the_one_in_front(desk: Page) -> None:
    await expect(column(desk, "刘*岳")).to_be_visible()
    await expect(column(desk, "陈*英")).to_be_visible()
    panel = desk.get_by_role("complementary")
    for fact in [
        "在老宅基地上拆旧建新",
        "农村宅基地审批（M123）",
        "没听懂 2 次",
        "衡山话；用长辈版",
        "居民：东边是老三屋里咯塘",
    ]:
        await expect(panel).to_contain_text(fact)
    await desk.get_by_role("tab", name="表单材料").click()
    await expect(panel).to_contain_text("左下角反光，看不清出生日期")
    await expect(panel.locator("[data-key=phone]")).to_contain_text("没填（必填）")
    await field(desk, "陈*英").click()
    await expect(panel).to_contain_text("还没有填表")


async def test_the_queue_is_live_and_a_chat_is_taken_with_one_click_or_key(desk: Page, stub: DeskStub) -> None:
    waiting = desk.locator("section.waiting li")
    await expect(waiting.first).to_contain_text("赵*")
    await expect(waiting.first).to_contain_text(re.compile(r"等了 0:4\d|等了 0:5\d"))
    stub.add("new", resident="李*", reason="急", said=[["resident", "急事"]])
    stub.happen("entered", "new")
    await expect(waiting).to_have_count(3)
    await desk.get_by_role("button", name="接这个对话：李*").click()
    await expect(field(desk, "李*")).to_be_focused()
    await expect(waiting).to_have_count(2)
    await desk.keyboard.press("Alt+t")
    await expect(field(desk, "赵*")).to_be_focused()
    await expect(mine(desk, "赵*").locator("button")).to_have_attribute("aria-current", "true")
    assert len(stub.posts("/take")) == 2


async def test_what_another_took_meanwhile_is_said(desk: Page, stub: DeskStub) -> None:
    stub.chats["sun"]["state"] = "taken"
    await desk.get_by_role("button", name="接这个对话：居民").click()
    await expect(desk.get_by_role("alert").filter(has_text="已经有人接了")).to_be_visible()
    stub.happen("taken", "sun", seen=False)
    await expect(desk.locator("section.waiting li")).to_have_count(1)


async def test_an_offer_is_let_pass(desk: Page, stub: DeskStub) -> None:
    await desk.get_by_role("button", name="让给别人").click()
    await expect(desk.locator("li.offered")).to_have_count(0)
    assert len(stub.posts("/zhao/decline")) == 1


async def test_a_message_goes_out_once_and_shows_how_far_it_came(desk: Page, stub: DeskStub) -> None:
    stub.lose_answers = 1
    await say(desk, "刘*岳", "请把户口簿再拍一张")
    line = said(desk, "刘*岳", "请把户口簿再拍一张")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text("已发出")
    await expect(column(desk, "刘*岳").locator(".outgoing")).to_have_count(0)
    ids = {body["id"] for body in stub.posts("/liu/messages")}
    assert (len(stub.posts("/liu/messages")), len(ids)) == (2, 1)
    number = stub.chats["liu"]["messages"][-1]["seq"]
    stub.happen("failed", "liu", details={"number": number})
    await expect(line).to_contain_text("没送到")
    stub.happen("delivered", "liu", details={"number": number})
    await expect(line).to_contain_text("已送达")


async def test_a_busy_server_is_asked_again_and_a_refusal_waits_for_the_agent(desk: Page, stub: DeskStub) -> None:
    stub.refusals = [(503, "database_unavailable")]
    await say(desk, "刘*岳", "第一句")
    await say(desk, "刘*岳", "第二句")
    await expect(said(desk, "刘*岳", "第二句")).to_contain_text("已发出")
    texts = [line["text"] for line in stub.chats["liu"]["messages"]]
    assert texts[-2:] == ["第一句", "第二句"]
    stub.refusals = [(409, "chat_ended")]
    await say(desk, "刘*岳", "第三句")
    refused = said(desk, "刘*岳", "第三句")
    await expect(refused).to_contain_text("没发出去")
    await refused.get_by_role("button", name="再发").click()
    await expect(said(desk, "刘*岳", "第三句")).to_contain_text("已发出")


async def test_unread_words_are_counted_and_heard_until_they_are_looked_at(desk: Page, stub: DeskStub) -> None:
    stub.resident_says("chen", "在吗")
    stub.resident_says("chen", "有人吗")
    await expect(mine(desk, "陈*英")).to_contain_text("2 条没看")
    await expect(desk).to_have_title("(2) 对话 · 帮办工作台")
    assert await desk.evaluate(SOUNDED) == 2
    await desk.keyboard.press("Alt+2")
    await expect(mine(desk, "陈*英")).not_to_contain_text("没看")
    await expect(desk).to_have_title("对话 · 帮办工作台")
    await desk.get_by_role("button", name="声音：开").click()
    stub.resident_says("liu", "您好")
    await expect(mine(desk, "刘*岳")).to_contain_text("1 条没看")
    assert await desk.evaluate(SOUNDED) == 2
    await desk.reload()
    await expect(desk.get_by_role("button", name="声音：关")).to_be_visible()


async def test_the_newest_line_stays_in_sight_whatever_comes_below_it(desk: Page, stub: DeskStub) -> None:
    for number in range(30):
        stub.resident_says("liu", f"第{number}句")
    stub.resident_says("liu", "要带什么")
    await expect(column(desk, "刘*岳").locator(".suggestion")).to_be_visible()
    await field(desk, "刘*岳").evaluate("field => (field.style.height = '140px')")
    await expect(said(desk, "刘*岳", "要带什么")).to_be_in_viewport(ratio=1)
    await column(desk, "刘*岳").locator(".log").evaluate("log => (log.scrollTop = 0)")
    stub.resident_says("liu", "还在吗")
    await expect(said(desk, "刘*岳", "还在吗")).to_have_count(1)
    await expect(said(desk, "刘*岳", "还在吗")).not_to_be_in_viewport()


async def test_after_a_drop_nothing_is_missed_and_nothing_doubled(desk: Page, stub: DeskStub) -> None:
    stub.resident_says("liu", "断开以前")
    await expect(said(desk, "刘*岳", "断开以前")).to_be_visible()
    stub.live_is_down = True
    await stub.cut()
    await expect(desk.locator("#connection")).to_contain_text("断开了")
    for number in range(30):
        stub.resident_says("liu", f"断开时第{number}句。")
    stub.live_is_down = False
    await expect(desk.locator("#connection")).to_have_text("已连接")
    lines = column(desk, "刘*岳").locator(".message.resident .bubble")
    await expect(lines).to_have_count(33)
    shown = await lines.all_text_contents()
    assert shown[-30:] == [f"断开时第{number}句。" for number in range(30)]
    assert stub.resumed == [0, 1]


async def test_two_tabs_are_both_live_and_share_what_was_read(
    desk: Page, pc: BrowserContext, address: str, stub: DeskStub
) -> None:
    failures: list[str] = []
    other = await opened(pc, address, failures)
    await say(other, "刘*岳", "从第二个窗口说的")
    for page in (desk, other):
        await expect(said(page, "刘*岳", "从第二个窗口说的")).to_have_count(1)
    stub.resident_says("chen", "在吗")
    for page in (desk, other):
        await expect(mine(page, "陈*英")).to_contain_text("1 条没看")
    assert sorted([await desk.evaluate(SOUNDED), await other.evaluate(SOUNDED)]) == [0, 1]
    await field(other, "陈*英").click()
    await expect(mine(desk, "陈*英")).not_to_contain_text("没看")
    assert failures == []


async def test_a_reload_keeps_the_chats_and_what_was_being_written(desk: Page, stub: DeskStub) -> None:
    await field(desk, "刘*岳").fill("写了一半")
    await desk.reload()
    await expect(field(desk, "刘*岳")).to_have_value("写了一半")
    await expect(said(desk, "刘*岳", "我屋里要起新屋")).to_be_visible()


async def test_a_slash_finds_canned_replies_and_macros(desk: Page, stub: DeskStub) -> None:
    await field(desk, "刘*岳").press_sequentially("/几天")
    options = column(desk, "刘*岳").get_by_role("option")
    await expect(options).to_have_count(1)
    await desk.keyboard.press("Enter")
    await expect(field(desk, "刘*岳")).to_have_value("受理后 20 个工作日办好。")
    assert stub.posts("/messages") == []
    await field(desk, "刘*岳").fill("/")
    await expect(options).to_have_count(7)
    await expect(options.nth(2)).to_contain_text("目录里没有：电话")
    await field(desk, "刘*岳").press_sequentially("pa")
    await expect(options).to_have_count(1)
    await desk.keyboard.press("Tab")
    await desk.get_by_role("dialog").get_by_label("要哪份材料").fill("居民户口簿")
    await desk.keyboard.press("Enter")
    await expect(said(desk, "刘*岳", "居民户口簿")).to_contain_text("已发出")
    (macro,) = stub.posts("/macros")
    assert (macro["macro"], macro["material"]) == ("ask_paper", "居民户口簿")


async def test_suggested_replies_are_for_what_was_last_asked(desk: Page, stub: DeskStub) -> None:
    stub.resident_says("liu", "要带什么来")
    suggestion = column(desk, "刘*岳").get_by_role("group", name="目录里的回答").get_by_role("button")
    await expect(suggestion).to_have_text("要带户口簿、身份证和宅基地申请表。")
    await desk.keyboard.press("Alt+r")
    await desk.keyboard.press("Enter")
    await expect(field(desk, "刘*岳")).to_have_value("要带户口簿、身份证和宅基地申请表。")
    await desk.keyboard.press("Enter")
    await expect(said(desk, "刘*岳", "要带户口簿")).to_contain_text("已发出")
    await expect(suggestion).to_have_count(0)


async def test_what_contradicts_the_catalogue_is_pointed_out_before_it_goes(desk: Page, stub: DeskStub) -> None:
    known = "目录里写的是20个工作日"
    await field(desk, "刘*岳").fill("受理后15个工作日")
    await expect(column(desk, "刘*岳").locator(".warning")).to_contain_text(known)
    await desk.keyboard.press("Enter")
    held = said(desk, "刘*岳", "受理后15个工作日")
    await expect(held).to_contain_text(known)
    await expect(held.get_by_role("button", name="改一改")).to_be_focused()
    await desk.keyboard.press("Enter")
    await expect(field(desk, "刘*岳")).to_have_value("受理后15个工作日")
    await expect(held).to_have_count(0)
    await desk.keyboard.press("Enter")
    await held.get_by_role("button", name="照样发出").click()
    await expect(held).to_contain_text("已发出")
    assert [body.get("anyway", False) for body in stub.posts("/messages")] == [False, False, True]


async def test_a_field_of_the_form_is_filled_in_for_the_resident(desk: Page, stub: DeskStub) -> None:
    await desk.get_by_role("tab", name="表单材料").click()
    row = desk.locator("[data-key=phone]")
    await row.get_by_role("button", name="改联系电话").click()
    await row.get_by_label("联系电话").fill("电话")
    await desk.keyboard.press("Enter")
    await expect(row.get_by_role("alert")).to_contain_text("11 位数字")
    stub.chats["liu"]["form"]["version"] = 9
    await row.get_by_label("联系电话").fill("13900000001")
    await desk.keyboard.press("Enter")
    await expect(row.get_by_role("alert")).to_contain_text("居民刚改过表单")
    await desk.keyboard.press("Enter")
    await expect(row).to_contain_text("13900000001")
    await expect(row).to_contain_text("居民没确认")
    await desk.locator("[data-key=kind]").get_by_role("button", name="改建房类型").click()
    await desk.locator("[data-key=kind]").get_by_label("建房类型").select_option("异址新建")
    await desk.get_by_role("button", name="请居民确认").click()
    await expect(desk.locator("[data-key=kind]")).to_contain_text("异址新建")


async def test_a_masked_number_is_shown_for_a_reason_and_only_for_a_while(desk: Page, stub: DeskStub) -> None:
    panel = desk.get_by_role("complementary")
    await panel.get_by_role("button", name="看身份证号").click()
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_role("button", name="看", exact=True).click()
    assert stub.posts("/reveal") == []
    await dialog.get_by_label("为什么要看（会记下来）").fill("核对申请人")
    await dialog.get_by_role("button", name="看", exact=True).click()
    await expect(panel.locator(".revealed").first).to_contain_text("430423195603121215（")
    assert stub.posts("/reveal") == [{"what": "id_number", "reason": "核对申请人"}]
    await desk.keyboard.press("Alt+2")
    await expect(panel).not_to_contain_text("430423195603121215")


async def test_notes_are_for_colleagues_and_a_whisper_stands_in_the_chat(desk: Page, stub: DeskStub) -> None:
    await desk.keyboard.press("Alt+n")
    await desk.keyboard.type("他儿子在外地")
    await desk.keyboard.press("Enter")
    await expect(desk.locator(".notes")).to_contain_text("他儿子在外地")
    stub.noted("liu", "whisper", "先问四至", "李主管")
    await expect(said(desk, "刘*岳", "先问四至")).to_contain_text("悄悄话 · 李主管")
    assert await desk.evaluate(SOUNDED) == 1
    await expect(said(desk, "刘*岳", "他儿子在外地")).to_have_count(0)


async def test_a_chat_is_passed_on_with_a_note_and_leaves_the_screen(desk: Page, stub: DeskStub) -> None:
    await desk.keyboard.press("Alt+p")
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("哪里").select_option("O-430423000000")
    await dialog.get_by_label("给谁").select_option(label="衡山县政务服务中心2号坐席（在办 0/5）")
    await dialog.get_by_label("交代几句").fill("要县里查规划")
    await dialog.get_by_role("button", name="转过去").click()
    await expect(column(desk, "刘*岳")).to_have_count(0)
    await expect(mine(desk, "刘*岳")).to_have_count(0)
    assert stub.posts("/pass") == [{"office": "O-430423000000", "staff": 9, "note": "要县里查规划"}]
    await expect(desk.get_by_role("complementary")).to_contain_text("高龄津贴")


async def test_a_colleague_is_asked_beside_and_the_answer_stands_in_the_chat(desk: Page, stub: DeskStub) -> None:
    await desk.keyboard.press("Alt+a")
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("问什么").fill("塘算四至吗")
    await dialog.get_by_role("button", name="发出去").click()
    await expect(desk.get_by_role("alert").filter(has_text="等同事回答")).to_be_visible()
    assert stub.posts("/questions") == [{"office": "O-430423101000", "text": "塘算四至吗"}]
    question = {**stub.chats["liu"]["questions"][0], "answer": "算", "answered_by": {"staff": 9, "name": "周县"}}
    stub.happen("answered_back", "liu", question=question)
    await expect(said(desk, "刘*岳", "塘算四至吗")).to_contain_text("同事答 · 周县")


async def test_who_is_asked_beside_reads_along_and_answers(desk: Page, stub: DeskStub) -> None:
    other = {"staff": 8, "name": "何村", "title": "岳北村1号坐席"}
    stub.add("he", state="taken", taken_by=other, resident="何*", sees="beside", said=[["resident", "山林证换证"]])
    stub.asked("he", "换证要哪个章", 8, "何村")
    await desk.get_by_role("button", name="何村").click()
    await expect(column(desk, "何*")).to_contain_text("居民看不到您")
    await say(desk, "何*", "林业站的章")
    await expect(desk.locator("section.beside")).to_be_hidden()
    assert stub.posts("/answer") == [{"text": "林业站的章"}]
    assert await field(desk, "何*").count() == 0


async def test_a_chat_is_given_back_and_one_is_ended_with_its_outcome(desk: Page, stub: DeskStub) -> None:
    await desk.keyboard.press("Alt+b")
    await desk.keyboard.type("下班了")
    await desk.get_by_role("button", name="退回", exact=True).click()
    await expect(mine(desk, "刘*岳")).to_have_count(0)
    await expect(desk.locator("section.waiting")).to_contain_text("刘*岳")
    assert stub.posts("/return") == [{"note": "下班了"}]
    await desk.keyboard.press("Alt+1")
    await desk.keyboard.press("Alt+x")
    dialog = desk.get_by_role("dialog")
    await dialog.get_by_label("没办成").check()
    await dialog.get_by_label("办了什么").fill("等镇里审")
    await dialog.get_by_role("button", name="结束", exact=True).click()
    await expect(column(desk, "陈*英").locator(".state")).to_have_text("对话结束了：没办成")
    await expect(field(desk, "陈*英")).to_have_count(0)
    assert stub.posts("/end") == [{"outcome": "unsolved", "summary": "等镇里审"}]


async def test_a_search_leads_to_the_line(desk: Page, stub: DeskStub) -> None:
    stub.chats["chen"]["messages"] = [stub._line("resident", f"第{number}句话") for number in range(200)]
    await desk.reload()
    await desk.keyboard.press("Alt+s")  # too early: nothing is there yet
    await expect(desk.locator("#connection")).to_have_text("已连接")
    await desk.keyboard.press("Alt+s")
    await desk.keyboard.type("第3句话")
    await desk.keyboard.press("Enter")
    await desk.get_by_role("dialog").get_by_role("button", name="第3句话").click()
    await expect(column(desk, "陈*英").locator(".found")).to_have_text(re.compile("第3句话"))
    await expect(column(desk, "陈*英").locator(".found")).to_be_in_viewport()
    assert await column(desk, "陈*英").locator(".message").count() == 200


async def test_everything_can_be_done_by_keyboard_and_a_question_mark_shows_how(desk: Page, stub: DeskStub) -> None:
    await field(desk, "刘*岳").press("?")
    await expect(field(desk, "刘*岳")).to_have_value("?")
    await desk.keyboard.press("Alt+l")
    await expect(mine(desk, "刘*岳").locator("button")).to_be_focused()
    await desk.keyboard.press("?")
    help_ = desk.get_by_role("dialog", name="按键")
    await expect(help_).to_contain_text("Alt+T")
    assert await axe_violations(desk) == []
    await desk.keyboard.press("Escape")
    await expect(help_).to_have_count(0)
    await desk.keyboard.press("Alt+ArrowDown")
    await expect(field(desk, "陈*英")).to_be_focused()
    await desk.keyboard.press("Alt+o")
    await expect(desk.get_by_role("tab", name="表单材料")).to_be_focused()
    await desk.keyboard.press("Alt+i")
    await expect(desk.get_by_role("complementary")).to_be_hidden()
    await desk.keyboard.press("Alt+c")
    await expect(column(desk, "陈*英")).to_have_count(0)
    await desk.keyboard.press("Alt+k")
    await expect(desk.get_by_role("button", name="离岗", exact=True)).to_be_visible()
    assert stub.me["agent"]["on_duty"] is False


async def test_a_supervisor_listens_whispers_and_takes_over(pc: BrowserContext, address: str, stub: DeskStub) -> None:
    stub.me.update(role="supervisor", rights=["answer", "reveal", "search", "supervise", "figures", "review", "outbox"])
    other = {"staff": 8, "name": "何村", "title": "岳北村1号坐席"}
    stub.add("he", state="taken", taken_by=other, resident="何*", sees="supervisor", said=[["resident", "山林证换证"]])
    failures: list[str] = []
    page = await opened(pc, address, failures)
    await expect(page.get_by_role("link", name="数据")).to_have_attribute("href", "/desk/figures")
    await page.get_by_role("button", name=re.compile("何.*旁听")).click()
    await expect(column(page, "何*")).to_contain_text("您在旁听，居民看不到您")
    stub.resident_says("he", "要好久啊")
    await expect(said(page, "何*", "要好久啊")).to_be_visible()
    await say(page, "何*", "告诉他五天")
    await expect(said(page, "何*", "告诉他五天")).to_contain_text("悄悄话")
    assert (stub.posts("/whisper"), stub.posts("/messages")) == ([{"text": "告诉他五天"}], [])
    assert await axe_violations(page) == []
    await column(page, "何*").get_by_role("button", name="接过来").click()
    await page.get_by_role("dialog").get_by_role("button", name="接过来").click()
    await expect(mine(page, "何*")).to_be_visible()
    await say(page, "何*", "您好")
    await expect(said(page, "何*", "您好")).to_contain_text("已发出")
    assert failures == []


async def test_what_residents_write_is_never_markup(desk: Page, stub: DeskStub) -> None:
    evil = "<img src=x onerror=alert(1)>"
    file = {"url": "/api/v1/conversations/01/files/..%2Fx", "name": evil, "size": 2048}
    stub.said("liu", "resident", evil, reply={"kind": "file", "choices": [], "data": {"file": file}})
    line = said(desk, "刘*岳", evil)
    await expect(line.locator(".bubble p")).to_have_text(evil)
    await expect(line.locator("img")).to_have_count(0)
    await expect(line.locator("a")).to_have_attribute("href", "/desk/api/chats/liu/files/..%2Fx")


CALLS = """
    export const openCall = async (conversation) => ({ id: `of ${conversation}` });
    export const decline = (id) => document.body.setAttribute("data-declined", id);
    export async function mountCall(element, id, { left }) {
        const over = document.createElement("button");
        element.append(Object.assign(over, { textContent: `挂断 ${id}`, onclick: () => left("挂断了") }));
    }
"""


async def test_a_call_begins_in_its_chat_and_whoever_calls_is_seen(desk: Page, stub: DeskStub) -> None:
    await desk.route("**/desk/page/call.js", lambda route: route.fulfill(body=CALLS, content_type="text/javascript"))
    await desk.keyboard.press("Alt+v")
    await column(desk, "刘*岳").get_by_role("button", name="挂断 of 01JBANGBAN").click()
    await expect(desk.get_by_role("alert").filter(has_text="挂断了")).to_be_visible()
    stub.calls["ringing"] = [
        {"id": "c1", "number": "1", "conversation": "other", "asked_by": {"name": "岳北村1号坐席"}}
    ]
    stub.happen("call_opened", None)
    ring = desk.get_by_role("list", name="视频").get_by_role("listitem")
    await expect(ring).to_contain_text("岳北村1号坐席请您进视频")
    assert await axe_violations(desk) == []
    await ring.get_by_role("button", name="进去").click()
    await expect(desk.locator("#dock").get_by_role("button", name="挂断 c1")).to_be_visible()
    await expect(ring).to_have_count(0)
    stub.calls["ringing"] = [{**stub.calls["ringing"][0], "id": "c2"}]
    stub.happen("call_opened", None)
    await ring.get_by_role("button", name="现在不行").click()
    await expect(desk.locator("body")).to_have_attribute("data-declined", "c2")


async def test_too_long_a_text_is_said_and_kept(desk: Page, stub: DeskStub) -> None:
    await field(desk, "刘*岳").fill("长" * 1003)
    await expect(column(desk, "刘*岳").locator(".counter")).to_have_text("多了 3 个字")
    await desk.keyboard.press("Enter")
    assert stub.posts("/messages") == []


async def test_a_silent_chat_warns_and_somebody_typing_is_seen(desk: Page, stub: DeskStub) -> None:
    stub.chats["liu"].update(warned=True, silence_due_at=moment(-50))
    stub.happen("warned", "liu")
    await expect(column(desk, "刘*岳").locator(".state")).to_contain_text("居民在等您回话")
    await expect(mine(desk, "刘*岳").locator(".warned")).to_be_visible()
    stub.typing("chen")
    await expect(column(desk, "陈*英").locator(".state")).to_have_text("对方正在输入…")


async def test_a_call_back_that_was_kept_leaves_the_list(desk: Page, stub: DeskStub) -> None:
    await desk.get_by_role("button", name="打通了").click()
    await expect(desk.locator("section.callbacks")).to_be_hidden()
    assert stub.posts("/callbacks/HB-1127-0007") == [{"status": "kept"}]


async def test_when_the_session_ends_the_page_is_the_login(desk: Page, stub: DeskStub) -> None:
    stub.signed_out = True
    for socket in stub.sockets:
        await socket.send_json({"type": "end", "reason": "login_needed"})
    await expect(desk.get_by_role("button", name="登录")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1024])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(desk: Page, stub: DeskStub, width: int) -> None:
    await desk.set_viewport_size({"width": width, "height": 768})
    stub.resident_says("chen", "很长的话" * 60)
    await expect(column(desk, "刘*岳")).to_be_visible()
    assert await column(desk, "陈*英").is_visible() == (width == 1280)
    await field(desk, "刘*岳").fill("/")
    await expect(column(desk, "刘*岳").get_by_role("option").first).to_be_visible()
    for tab in ["情况", "备注", "表单材料"]:
        await desk.get_by_role("tab", name=tab).click()
        assert await axe_violations(desk) == []
    await desk.locator("[data-key=phone]").get_by_role("button").click()
    assert await desk.evaluate(OVERFLOW) == 0
    assert await axe_violations(desk) == []
    for key in ["p", "a", "x", "s"]:
        await desk.keyboard.press(f"Alt+{key}")
        await expect(desk.get_by_role("dialog")).to_be_visible()
        assert await axe_violations(desk) == []
        await desk.keyboard.press("Escape")


async def test_the_second_step_is_asked_for_when_it_is_needed(pc: BrowserContext, address: str, stub: DeskStub) -> None:
    stub.signed_out, stub.asks_code = True, True
    page = await pc.new_page()
    await page.goto(address.replace("chats", "login?problem=subject_unknown"))
    await expect(page.get_by_role("alert")).to_contain_text("还没有账号")
    await expect(page.get_by_role("link", name="一号通用")).to_have_attribute("href", "/desk/sso")
    await page.get_by_label("名字").fill("李主管")
    await page.get_by_label("密码").fill("错")
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("alert")).to_contain_text("名字或密码不对")
    await expect(page.locator("#code")).to_be_hidden()
    await page.get_by_label("密码").fill("对")
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#code")).to_be_focused()
    assert await axe_violations(page) == []
    for code in ["000000", "123456"]:
        await page.locator("#code").fill(code)
        await page.keyboard.press("Enter")
        if code == "000000":
            await expect(page.get_by_role("alert")).to_contain_text("六位数字不对")
    await expect(page.get_by_role("heading", name="刘*岳")).to_be_visible()


async def test_who_must_have_a_second_step_sets_it_up_first(pc: BrowserContext, address: str, stub: DeskStub) -> None:
    stub.me["setup_needed"] = True
    page = await pc.new_page()
    await page.goto(address.replace("chats", "login"))
    await expect(page.locator("#secret")).to_have_text("扫不了？手动输入：JBSW Y3DP EHPK 3PXP")
    assert await page.locator("#qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert await axe_violations(page) == []
    await page.locator("#first-code").fill("111111")
    await page.get_by_role("button", name="设好了").click()
    await expect(page.get_by_role("alert")).to_contain_text("再看看手机")
    await page.locator("#first-code").fill("123456")
    await page.get_by_role("button", name="设好了").click()
    await expect(page.get_by_role("heading", name="刘*岳")).to_be_visible()


async def test_what_people_in_wecom_answer_is_seen_and_can_not_be_taken(
    pc: BrowserContext, stub: DeskStub, address: str
) -> None:
    name = next(name for name in stub.chats if stub.card(name)["state"] == "waiting")
    stub.chats[name] |= {"state": "elsewhere", "sees": "elsewhere", "resident": "何*桂", "entered_at": moment()}
    failures: list[str] = []
    page = await opened(pc, address, failures)

    listed = page.locator("section.elsewhere li", has_text="何*桂")
    await expect(page.locator("#list-elsewhere")).to_have_text("在企业微信的 1")
    await expect(listed).to_contain_text("在企业微信里排队")
    await listed.get_by_role("button").click()
    await expect(column(page, "何*桂")).to_contain_text("企业微信里的同事在办，这里只能看")
    await expect(column(page, "何*桂").get_by_role("button", name="接")).to_have_count(0)
    await expect(column(page, "何*桂").get_by_role("textbox")).to_have_count(0)
    assert failures == []


async def test_what_a_resident_said_can_be_listened_to_and_their_photo_opened(desk: Page, stub: DeskStub) -> None:
    chat, last = stub.chats["liu"], stub.chats["liu"]["messages"][-1]["seq"]
    for number, kind in enumerate(("audio/amr", "image/jpeg"), 1):
        sent = {"kind": "file", "text": "[语音]", "choices": [], "data": {"file": f"01F{number}", "media_type": kind}}
        line = {"seq": last + number, "from": "resident", "at": moment(), "text": "[语音]", "reply": sent}
        chat["messages"].append(line | {"delivery": None})
    await desk.reload()
    await mine(desk, "刘*岳").get_by_role("button").click()

    sound = column(desk, "刘*岳").locator("audio")
    await expect(sound).to_have_attribute("src", "/desk/api/chats/liu/files/01F1/sound")
    await expect(sound).to_have_attribute("aria-label", "居民说的话")
    await expect(sound).to_have_attribute("controls", "")
    photo = column(desk, "刘*岳").get_by_role("link", name="打开照片")
    await expect(photo).to_have_attribute("href", "/desk/api/chats/liu/files/01F2")
