"""Two real pages talk, in Chromium with its fake cameras: the resident's phone and the desk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.settings import Settings
from knowledge.calls import Calls
from knowledge.database import Database
from knowledge.recordings import Recordings
from tests.conftest import fresh_place
from tests.page.conftest import CHROMIUM, FLAGS, PHONE
from tests.page.steps import axe_violations
from tests.store.personal import ring
from tests.video.office import OURS, PASSWORD, Worker, an_office, worker

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

CAMERAS = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=3,fps=10"]
"""The second one is a depth camera, which WebRTC does not send; the third is a camera again."""
PICTURES = os.environ.get("TEST_PICTURES")
"""A folder for pictures of what the tests see."""

FRAMES = """async () => (await bangbanCall.stats()).flatMap(report => [...report.values()])
    .filter(({type, kind}) => type === "inbound-rtp" && kind === "video")
    .reduce((sum, {framesDecoded}) => sum + (framesDecoded ?? 0), 0)"""
SIZE = """() => { const video = document.querySelector(".call-tile.other video");
    return video ? [video.videoWidth, video.videoHeight] : [0, 0]; }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cameras() -> AsyncIterator[Browser]:
    """Chromium with two cameras and a microphone that nobody has to allow."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: scripts/chromium installs it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *CAMERAS])
        yield browser
        await browser.close()


@dataclass
class Pair:
    """A resident and an agent who has their chat, each on their page."""

    worker: Worker
    conversation: str
    resident: Page
    agent: Page
    failures: list[str]

    async def call(self) -> str:
        """The agent calls with one tap and is in the call; its id."""
        open_it = '(talk) => import("/desk/page/call.js").then(({openCall}) => openCall(talk)).then(({id}) => id)'
        id = str(await self.agent.evaluate(open_it, self.conversation))
        await self.agent.goto(f"{self.worker.address}desk/call/{id}")
        return id

    async def answered(self) -> str:
        """… and the resident has answered."""
        id = await self.call()
        await self.resident.get_by_role("button", name="接听视频").last.tap()
        for page in (self.resident, self.agent):
            await see_each_other(page)
        return id

    async def look(self, name: str) -> None:
        """Keep pictures of both pages, if somebody wants to look."""
        if PICTURES:
            await self.resident.screenshot(path=Path(PICTURES) / f"{name}-resident.png")
            await self.agent.screenshot(path=Path(PICTURES) / f"{name}-agent.png")


async def see_each_other(page: Page, more: int = 5) -> None:
    """The other side's frames arrive and are decoded."""
    await expect(page.locator(".call-tile.other")).to_be_visible()
    async with asyncio.timeout(40):
        while (await page.evaluate(SIZE))[0] == 0:
            await asyncio.sleep(0.1)
        before = await page.evaluate(FRAMES)
        while await page.evaluate(FRAMES) < before + more:
            await asyncio.sleep(0.1)


def watched(page: Page, failures: list[str]) -> Page:
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    return page


async def phone(browser: Browser) -> BrowserContext:
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return context


@pytest_asyncio.fixture(loop_scope="session")
async def pair(cameras: Browser, tmp_path: Path) -> AsyncIterator[Pair]:
    """Both on their pages; the agent has taken the chat."""
    async with paired(cameras, tmp_path) as pair:
        yield pair


@asynccontextmanager
async def paired(
    cameras: Browser, folder: Path, settings: Settings | None = None, script: str = ""
) -> AsyncIterator[Pair]:
    """The same, with those settings. `script` runs in both pages before theirs."""
    async with fresh_place("sqlite", folder) as place:
        database = place.open()
        await an_office(database)
        async with worker(database, ring(), settings=settings) as service:
            at_home, desk = await phone(cameras), await cameras.new_context(locale="zh-CN")
            desk.set_default_timeout(20_000)
            for context in (at_home, desk):
                await context.add_init_script(script)
            pair = await both(service, at_home, desk)
            yield pair
            await pair.look("at-the-end")
            await at_home.close()
            await desk.close()
        await database.close()


async def both(service: Worker, at_home: BrowserContext, desk: BrowserContext) -> Pair:
    failures: list[str] = []
    resident = watched(await at_home.new_page(), failures)
    await resident.goto(service.address)
    await resident.locator(".message.bot").first.wait_for()
    await expect(resident.get_by_role("button", name="视频", exact=True)).to_be_hidden()
    conversation = (await resident.evaluate('JSON.parse(localStorage["bangban.conversation"])'))["id"]
    await service.handed_over(conversation, await service.staff("王试明"))
    await resident.reload()
    await expect(resident.get_by_role("button", name="视频", exact=True)).to_be_visible()
    agent = watched(await desk.new_page(), failures)
    login = {"name": "王试明", "password": PASSWORD}
    answer = await desk.request.post(f"{service.address}desk/api/session", data=login, headers=OURS)
    assert answer.ok, await answer.text()
    await agent.goto(f"{service.address}desk/login")
    return Pair(service, conversation, resident, agent, failures)


async def test_they_see_each_other_and_work_on_a_paper_together(pair: Pair) -> None:
    resident, agent = pair.resident, pair.agent
    await pair.call()
    await expect(resident.get_by_role("button", name="接听视频")).to_be_visible()
    await pair.look("1-ringing")
    await pair.answered()
    await expect(resident.get_by_role("heading", name="岳北村便民服务站1号坐席")).to_be_visible()
    await pair.look("2-talking")
    assert await axe_violations(resident) == []
    assert await axe_violations(agent) == []
    await resident.get_by_role("button", name="静音").tap()
    await expect(agent.get_by_text("对方静音了")).to_be_visible()
    camera = "() => document.querySelector('.call-tile.own video').srcObject.getVideoTracks()[0].label"
    for wanted in ("fake_device_1", "fake_device_2"):
        await resident.get_by_role("button", name="换镜头").tap()
        while await resident.evaluate(camera) != wanted:
            await asyncio.sleep(0.05)
    await see_each_other(agent)
    await agent.get_by_role("button", name="请对方拍").click()
    await expect(resident.get_by_text("请您拍材料")).to_be_visible()
    await pair.look("3-asked-for-a-photo")
    await resident.get_by_role("button", name="拍照").tap()
    await expect(resident.get_by_role("button", name="用这张")).to_be_visible()
    await pair.look("4-photo")
    await resident.get_by_role("button", name="用这张").tap()
    await expect(resident.locator(".message.resident")).to_have_count(1)
    await agent.get_by_role("button", name="截画面").click()
    await expect(agent.get_by_text("收到照片了")).to_be_visible()
    taken = [inbound.media.content for inbound in pair.worker.chat.taken if inbound.media]
    assert [content[:3] for content in taken] == [b"\xff\xd8\xff"] * 2
    if PICTURES:
        (Path(PICTURES) / "photo.jpg").write_bytes(taken[0])
    await agent.get_by_role("button", name="共享屏幕").click()
    await expect(resident.get_by_text("在共享屏幕")).to_be_visible()
    await see_each_other(resident, more=1)
    await pair.look("5-screen")
    await agent.get_by_role("button", name="停止共享").click()
    await resident.get_by_role("button", name="看聊天").tap()
    await pair.look("6-small")
    assert pair.failures == []


async def test_a_reload_comes_back_and_both_hang_up_at_once(pair: Pair) -> None:
    await pair.answered()
    for page in (pair.resident, pair.agent):
        await page.reload()
    for page in (pair.resident, pair.agent):
        await see_each_other(page)
    hang_up = "document.querySelector('[data-name=\"hang_up\"]').click()"
    await asyncio.gather(pair.resident.evaluate(hang_up), pair.agent.evaluate(hang_up))
    await expect(pair.agent.locator("#said")).to_contain_text("视频结束")
    await expect(pair.resident.locator(".video-call")).to_have_count(0)
    said = await pair.worker.said(pair.conversation)
    assert len([text for text in said if "视频通话结束" in text]) == 1
    await pair.resident.get_by_role("button", name="接听视频").last.tap()  # an old button
    await expect(pair.resident.get_by_text("这通视频已经结束了")).to_be_visible()
    assert pair.failures == []


async def test_a_line_that_breaks_off_comes_back_while_the_picture_goes_on(pair: Pair) -> None:
    await pair.answered()
    for socket in list(pair.worker.video.lines._open):
        await socket.close(code=1012)
    for page in (pair.resident, pair.agent):
        await see_each_other(page)
    async with asyncio.timeout(20):
        while len(pair.worker.video.lines._open) < 2:
            await asyncio.sleep(0.05)
    await pair.agent.get_by_role("button", name="关画面").click()
    await expect(pair.resident.get_by_text("对方关了画面")).to_be_visible()
    assert pair.failures == []


async def test_the_resident_calls_and_only_agreed_recordings_are_kept(pair: Pair) -> None:
    resident, agent = pair.resident, pair.agent
    await resident.get_by_role("button", name="视频", exact=True).tap()
    await expect(resident.get_by_text("正在呼叫")).to_be_visible()
    calls = '() => import("/desk/page/call.js").then(({callsNow}) => callsNow())'
    (call,) = (await agent.evaluate(calls))["open"]
    await agent.goto(f"{pair.worker.address}desk/call/{call['id']}")
    await see_each_other(agent)
    await agent.get_by_role("button", name="录像").click()
    await expect(resident.get_by_text("可以录像吗？")).to_be_visible()
    await pair.look("7-consent")
    await resident.get_by_role("button", name="同意", exact=True).tap()
    for page in (resident, agent):
        await expect(page.get_by_text("● 正在录像")).to_be_visible()
    await asyncio.sleep(1.5)  # something to record
    await pair.look("8-recording")
    await agent.get_by_role("button", name="停止录像").click()
    recordings = recordings_of(pair.worker)
    async with asyncio.timeout(20):
        while not (kept := await recordings.of_conversation(pair.conversation)) or not kept[0].is_whole:
            await asyncio.sleep(0.1)
    content = b"".join([part async for part in recordings.content(kept[0].id)])
    assert content[:4] == b"\x1aE\xdf\xa3"  # WebM
    assert len(content) == kept[0].size > 2_000
    await leave_something_behind(agent, kept[0].id)
    await agent.get_by_role("button", name="录像").click()
    await resident.get_by_role("button", name="不录了").tap()
    await expect(agent.get_by_text("对方不同意录像")).to_be_visible()
    assert pair.failures == []


async def leave_something_behind(page: Page, recording: str) -> None:
    """A page that crashed left its parts behind: the next one sends them, and nothing is left."""
    put = """async (id) => {
        const {Parts, resumeUploads} = await import("/call/parts.js");
        const parts = new Parts(id, () => {}, 7);
        parts.send = () => null;  // the network is gone
        await parts.add(new Blob(["left behind"]));
        await resumeUploads(() => {});
        const database = await new Promise(resolve => {
            const request = indexedDB.open("bangban-recordings"); request.onsuccess = () => resolve(request.result); });
        return new Promise(resolve => {
            const request = database.transaction("parts").objectStore("parts").count();
            request.onsuccess = () => resolve(request.result); });
    }"""
    assert await page.evaluate(put, recording) == 0


def recordings_of(service: Worker) -> Recordings:
    database: Database = service.database
    return Recordings(database, service.keyring, Calls(database, service.keyring))


async def test_without_camera_and_microphone_one_is_told(pair: Pair) -> None:
    await pair.call()
    await pair.resident.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }; }"
    )
    await pair.resident.get_by_role("button", name="接听视频").tap()
    await expect(pair.resident.get_by_text("镜头和话筒都打不开")).to_be_visible()
    assert pair.failures == []
