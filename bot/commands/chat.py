"""`bangban chat`: a conversation in the terminal, for those who work on it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import typer

from bot.commands.options import DatabaseUrl, DataDir, Verbose, settings_from
from bot.logs import configure
from bot.settings import Settings
from bot.standins import install
from connectors.message import Inbound

LEAVE = {"/quit", "/exit", "/退出"}


def chat(data_dir: DataDir = None, database: DatabaseUrl = None, verbose: Verbose = False) -> None:
    """Talk to the assistant here. A number or a word chooses; /quit or Ctrl+D leaves."""
    settings = settings_from(data_dir=data_dir, database_url=database)
    configure("INFO" if verbose else "ERROR", as_json=False)
    install(serving=True)
    asyncio.run(_talk(settings))


async def _talk(settings: Settings) -> None:
    from bot.app import running

    async with running(settings) as bangban:
        opened = await bangban.assistant.open("terminal")
        _show(opened.replies)
        while (text := await asyncio.to_thread(_read)) is not None:
            answer = await bangban.assistant.take(Inbound(opened.id, str(uuid4()), text))
            _show(answer.replies)


def _read() -> str | None:
    try:
        text = input("\n您: ").strip()
    except EOFError:
        return None
    return None if text in LEAVE else text


def _show(replies: list[dict[str, object]]) -> None:
    for reply in replies:
        typer.echo(f"\n帮办: {reply['text']}")
