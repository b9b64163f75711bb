"""A service with a channel that only remembers what it was asked to send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import Bangban, running
from bot.settings import Settings
from connectors.channels.rendering import texts
from connectors.channels.service import Nudge, Outgoing
from connectors.channels.splitting import size
from connectors.message import Inbound
from knowledge.allowance import Allows
from knowledge.channel_users import Address, ChannelUser
from tests.pairs import EMBEDDED, SERVERS, Pair, fresh_pair, missing

MESSAGE = Allows("message", 5, timedelta(hours=48))


@dataclass
class Remembering:
    """A channel of 200 bytes a text. `trouble`: what `send` raises next, one after the other."""

    name: str = "paper"
    text_limit: int = 200
    is_limited: bool = True
    sent: list[tuple[str, str]] = field(default_factory=list)
    nudges: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    async def inbound(self, user: ChannelUser, payload: Mapping[str, Any]) -> Inbound:
        return Inbound(user.conversation, payload["id"], payload["text"])

    def lost(self) -> Sequence[Mapping[str, Any]]:
        return [{"kind": "notice", "text": "请再发一次。", "choices": [], "data": {}}]

    def compose(self, replies: Sequence[Mapping[str, Any]], page: str = "") -> list[Outgoing]:
        return [Outgoing(text) for text in texts(replies, self.text_limit, page=page)]

    async def send(self, user: ChannelUser, message: Outgoing, id: str) -> str | None:
        if self.trouble:
            raise self.trouble.pop(0)
        assert size(message.text) <= self.text_limit
        self.sent.append((user.address.external, message.text))
        return None

    async def before_again(self, user: ChannelUser) -> None:
        return

    async def nudge(self, user: ChannelUser, replies: Sequence[Mapping[str, Any]]) -> Nudge | None:
        self.nudges.append(user.address.external)
        return Nudge("template", "T-1")


@pytest.fixture(params=[EMBEDDED, SERVERS])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    if reason := missing(request.param):
        pytest.skip(reason)
    async with fresh_pair(request.param, tmp_path) as fresh:
        yield fresh


def settings_of(pair: Pair, model_dir: Path, **more: Any) -> Settings:
    return Settings(data_dir=model_dir, **pair_settings(pair), meaning=False, papers=False, **more)


def pair_settings(pair: Pair) -> dict[str, str]:
    return {"database_url": pair.database_url, "redis_url": pair.redis_url}


@asynccontextmanager
async def somewhere(pair: Pair, model_dir: Path) -> AsyncIterator[tuple[Bangban, Remembering]]:
    """The service with that channel; its worker is told when to go round."""
    async with running(settings_of(pair, model_dir, public_url="https://bb.example.cn")) as bangban:
        channel = Remembering()
        bangban.channels.add(channel)
        yield bangban, channel


def address(external: str = "o-li") -> Address:
    return Address("paper", "gh_1", external)
