"""A real Chromium, and the servers that the page tests talk to: a stub that fails as told, and the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.page.real_server import RealServer
from tests.page.stub_server import StubServer

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PHONE = {"width": 390, "height": 844}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium, started once."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: scripts/chromium installs it")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone that has never been here."""
    context = await browser.new_context(viewport=PHONE, locale="zh-CN", has_touch=True)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stub() -> AsyncIterator[StubServer]:
    """The stub itself, for tests that make it fail."""
    yield StubServer()


@pytest_asyncio.fixture(loop_scope="session")
async def page_server(stub: StubServer) -> AsyncIterator[str]:
    """The address of the server under the page. Tests that don't ask for `stub` may run on any server."""
    server = TestServer(stub.app())
    await server.start_server()
    yield str(server.make_url("/"))
    stub.cut_events()
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, page_server: str) -> AsyncIterator[Page]:
    """The resident's page on the stub, open and greeted."""
    async with greeted(context, page_server) as page:
        yield page


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def real_server(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealServer]:
    """The real service, started once, with a database of its own."""
    data_dir = tmp_path_factory.mktemp("page")
    (data_dir / "model.tar.gz").symlink_to(model_dir / "model.tar.gz")
    server = RealServer(data_dir)
    await server.start()
    yield server
    await server.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def real_page(context: BrowserContext, real_server: RealServer) -> AsyncIterator[Page]:
    """The resident's page on the real service, open and greeted."""
    async with greeted(context, real_server.address) as page:
        yield page


@asynccontextmanager
async def greeted(context: BrowserContext, address: str) -> AsyncIterator[Page]:
    """The page, open and greeted. No script of it may fail until it is left."""
    failures: list[str] = []
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None)
    await page.goto(address)
    await page.locator(".message.bot").first.wait_for()
    yield page
    assert failures == []
