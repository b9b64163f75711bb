"""While the platform takes its time with one resident, the others are answered: SQLite's write lock is not held."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr

from bot.app import running
from bot.settings import Settings
from connectors.message import Inbound
from tests.platform_sandbox import KEY, SECRET, platform


async def test_a_slow_platform_keeps_nobody_else_waiting(model_dir: Path, tmp_path: Path) -> None:
    async with platform() as sandbox:
        settings = Settings(
            data_dir=model_dir,
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'slow.db'}",
            intake_url=sandbox.address,
            intake_key=SecretStr(KEY),
            intake_secret=SecretStr(SECRET),
        )
        async with running(settings) as bangban:
            take = bangban.assistant.take
            first, other = await bangban.assistant.open("web"), await bangban.assistant.open("web")
            for number, choice in enumerate(("find_matter:M005", "apply:M005", "answer:consent.allow")):
                answer = await take(Inbound(first.id, f"{number}", choice=choice))
            await sandbox.grant(answer.replies[-1]["data"]["link"]["url"], "张大山")
            await sandbox.switch(delay_ms=1500)
            waiting = asyncio.create_task(take(Inbound(first.id, "granted", choice="answer:authorise.done")))
            for number in range(5):
                await take(Inbound(other.id, f"{number}", "低保要带什么"))
                assert not waiting.done(), "the platform answered too soon to tell"
            assert "授权收到了" in (await waiting).replies[0]["text"]
