"""Nothing more may be said where somebody writes: a template first, then a short message, last of all, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Bangban
from connectors.channels.service import Unreachable
from connectors.message import Reply
from knowledge.channel_users import ChannelUser
from knowledge.sms import Sms
from knowledge.tables.sms import SmsRow
from tests.channels.conftest import Remembering, somewhere
from tests.channels.test_base import arrive, outcome
from tests.pairs import Pair


async def reachable_by_sms(bangban: Bangban) -> ChannelUser:
    """Somebody who allowed short messages, and to whom nothing more may be said."""
    user = await arrive(bangban)
    contacts, now = Sms(bangban.base.database, bangban.base.keyring).contacts, bangban.base.clock()
    assert await contacts.know(user.conversation, "13807340123", now)
    await contacts.allow(user.conversation, now)
    await bangban.channels.users.exhausted(user.id)
    return user


async def short_messages(bangban: Bangban) -> list[tuple[str, int | None]]:
    """Key, and the line in whose place it goes."""
    async with bangban.base.database.reading() as session:
        rows = await session.execute(select(SmsRow.text_key, SmsRow.unless_seen).order_by(SmsRow.id))
        return [(key, line) for key, line in rows]


def without_template(channel: Remembering) -> None:
    async def none(user: ChannelUser, replies: Sequence[Mapping[str, Any]]) -> None:
        return None

    channel.nudge = none  # type: ignore[method-assign]


async def test_without_a_template_exactly_one_short_message_says_that_there_is_news(
    pair: Pair, model_dir: Path
) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        without_template(channel)
        user = await reachable_by_sms(bangban)
        for text in ("办好了。", "来拿证。"):
            await bangban.assistant.push(user.conversation, "system", Reply(text))
        await outcome(bangban, user.conversation, "held", "held")
        assert await short_messages(bangban) == [("news", None)]
        await bangban.channels.worker.round()
        assert await short_messages(bangban) == [("news", None)]


async def test_with_a_template_there_is_no_short_message(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await reachable_by_sms(bangban)
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await outcome(bangban, user.conversation, "held")
        assert channel.nudges == ["o-li"]
        assert await short_messages(bangban) == []


@pytest.mark.parametrize(("problem", "sms"), [("", []), ("failed:user block", [("news", None)])])
async def test_a_template_that_did_not_arrive_is_followed_by_a_short_message(
    pair: Pair, model_dir: Path, problem: str, sms: list[tuple[str, None]]
) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        user = await reachable_by_sms(bangban)
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await outcome(bangban, user.conversation, "held")
        worker = bangban.channels.worker
        await worker.nudge_ended(user.address, {"T-0"}, "failed: of one before it")
        assert await short_messages(bangban) == []
        for _ in range(2):  # the platform may tell it twice
            await worker.nudge_ended(user.address, {"T-1"}, problem)
        assert await short_messages(bangban) == sms
        (held,) = await bangban.channels.deliveries.of_conversation(user.conversation)
        assert held.error.endswith("failed; sms" if problem else "template arrived")


async def test_what_is_delivered_there_is_no_short_message(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        without_template(channel)
        user = await reachable_by_sms(bangban)
        await arrive(bangban)  # they write again: five more may be said
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await outcome(bangban, user.conversation, "sent")
        assert await short_messages(bangban) == []


async def test_who_blocked_the_account_gets_the_message_that_waited_in_the_lines_place_now(
    pair: Pair, model_dir: Path
) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await reachable_by_sms(bangban)
        await arrive(bangban)
        channel.trouble = [Unreachable("43004")]
        queue, now = Sms(bangban.base.database, bangban.base.keyring), bangban.base.clock()
        async with bangban.base.database.transaction():
            line = await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
            values = {"matter": "高龄津贴", "reference": "BB-1127-9AK3"}
            await queue.queue(
                user.conversation,
                "case_approved",
                values,
                now,
                not_before=now + timedelta(days=365),
                unless_seen=line,
            )
        await outcome(bangban, user.conversation, "failed")
        async with asyncio.timeout(20):
            while await queue_due(bangban) > now + timedelta(days=1):
                await asyncio.sleep(0.01)
        assert await short_messages(bangban) == [("case_approved", line)]


async def queue_due(bangban: Bangban) -> Any:
    """When the first one is due."""
    async with bangban.base.database.reading() as session:
        return await session.scalar(select(SmsRow.due_at).order_by(SmsRow.id).limit(1))
