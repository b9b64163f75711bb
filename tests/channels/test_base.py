"""What all channels share: who it is, what reaches them, how a chat is carried over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import Bangban
from connectors.channels.service import AllowanceUsed, SendRefused, TryLater, Unreachable
from connectors.message import Inbound, Reply
from knowledge.carrying import CarryRefused, code_said
from knowledge.channel_users import ChannelUser
from tests.channels.conftest import MESSAGE, Remembering, address, somewhere
from tests.pairs import Pair


async def arrive(bangban: Bangban, external: str = "o-li") -> ChannelUser:
    await bangban.channels.door.arrived(address(external), MESSAGE.at(bangban.base.clock()))
    user = await bangban.channels.users.find(address(external))
    assert user is not None
    return user


async def said_to(channel: Remembering, count: int) -> list[str]:
    async with asyncio.timeout(20):
        while len(channel.sent) < count:
            await asyncio.sleep(0.01)
    return [text for _, text in channel.sent]


async def outcome(bangban: Bangban, conversation: str, *wanted: str) -> list[tuple[str, str]]:
    """What became of each delivery, once these states are reached."""
    async with asyncio.timeout(20):
        while True:
            found = await bangban.channels.deliveries.of_conversation(conversation)
            if [each.state for each in found] == list(wanted):
                return [(each.state, each.way) for each in found]
            await asyncio.sleep(0.01)


async def test_who_comes_twice_is_known(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        door = bangban.channels.door
        came = await asyncio.gather(*(door.arrived(address()) for _ in range(8)))
        assert len({each.user.id for each in came}) == 1
        assert sum(bool(each.greeting) for each in came) == 1, "greeted once"
        assert (await door.arrived(address("o-wang"))).user.id != came[0].user.id


async def test_the_same_message_gets_the_same_answer(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        user = await arrive(bangban)
        answers = [await bangban.channels.door.take(user, Inbound("", "m1", "低保怎么申请")) for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert "低保" in answers[0].replies[0]["text"]


async def test_what_is_pushed_goes_out_once(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel), somewhere(pair, model_dir) as (other, second):
        user = await arrive(bangban)
        await bangban.assistant.push(user.conversation, "system", Reply("您的申请办好了。"))
        await asyncio.gather(*(each.channels.worker.round() for each in (bangban, other) for _ in range(3)))
        assert await outcome(bangban, user.conversation, "sent") == [("sent", "paper")]
        assert channel.sent + second.sent == [("o-li", "您的申请办好了。")]


async def test_what_waits_goes_as_one_message(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await arrive(bangban)
        async with bangban.base.database.transaction():
            for text in ("您的申请收到了。", "窗口在看材料。", "办好了。"):
                await bangban.assistant.push(user.conversation, "system", Reply(text))
        assert await said_to(channel, 1) == ["您的申请收到了。\n\n窗口在看材料。\n\n办好了。"]
        await outcome(bangban, user.conversation, "sent", "sent", "sent")


async def test_when_nothing_more_may_be_said_it_is_kept_and_they_are_told_once(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await arrive(bangban)
        await bangban.channels.users.exhausted(user.id)
        for text in ("办好了。", "来拿证。"):
            await bangban.assistant.push(user.conversation, "system", Reply(text))
        await outcome(bangban, user.conversation, "held", "held")
        assert (channel.sent, channel.nudges) == ([], ["o-li"])
        await arrive(bangban)  # they write again
        await bangban.channels.deliveries.release(user.id, bangban.base.clock())
        await bangban.channels.worker.round()
        await outcome(bangban, user.conversation, "sent", "sent")
        assert channel.sent == [("o-li", "办好了。\n\n来拿证。")]


async def test_what_was_held_goes_before_what_is_said_after_it(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await arrive(bangban)
        await bangban.channels.users.exhausted(user.id)
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await outcome(bangban, user.conversation, "held")
        await arrive(bangban)  # they write again; before their turn is answered something else happens
        await bangban.assistant.push(user.conversation, "system", Reply("来拿证。"))
        await outcome(bangban, user.conversation, "sent", "sent")
        assert channel.sent == [("o-li", "办好了。\n\n来拿证。")]


@pytest.mark.parametrize(
    ("error", "states", "ways"),
    [
        (TryLater("-1", 0.0), ["sent"], ["paper"]),
        (AllowanceUsed("45047"), ["held"], [""]),
        (Unreachable("43004"), ["failed"], [""]),
        (SendRefused("47001"), ["failed"], [""]),
    ],
    ids=["busy", "used-up", "gone", "refused"],
)
async def test_what_the_platform_says_is_done(
    model_dir: Path, tmp_path: Path, error: Exception, states: list[str], ways: list[str]
) -> None:
    pair = Pair(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", "")
    async with somewhere(pair, model_dir) as (bangban, channel):
        channel.trouble = [error]
        user = await arrive(bangban)
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        assert await outcome(bangban, user.conversation, *states) == list(zip(states, ways, strict=True))
        again = await bangban.channels.users.get(user.id)
        assert again is not None
        assert again.reachable == (not isinstance(error, Unreachable))


async def test_redis_may_forget_everything(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await arrive(bangban)
        channel.trouble = [TryLater("down", 0.05)]
        await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await bangban.base.redis.flushdb()
        assert await said_to(channel, 1) == ["办好了。"]


async def test_a_late_answer_follows_once(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user, deliveries = await arrive(bangban), bangban.channels.deliveries
        for _ in range(3):  # the platform sends it three times
            payload = {"id": "m7", "text": "人工"}
            await deliveries.late(user.id, user.conversation, "m7", payload, bangban.base.clock())
        await bangban.channels.worker.round()
        await outcome(bangban, user.conversation, "sent")
        answer = await bangban.channels.door.take(user, Inbound("", "m7", "人工"))
        said = "".join(text for _, text in channel.sent)
        assert all(reply["text"][:12] in said for reply in answer.replies)


async def test_what_the_page_has_does_not_go_to_the_channel_too(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, channel):
        user = await arrive(bangban)
        link = await bangban.channels.door.page_link(user.conversation)
        conversation, token = await bangban.channels.door.carried_to_page(link.partition("carry=")[2])
        assert conversation == user.conversation
        await bangban.base.conversations.admit(conversation, token)
        await _on_page(bangban, user)
        number = await bangban.assistant.push(user.conversation, "system", Reply("办好了。"))
        await bangban.assistant.delivered(user.conversation, number)
        assert await outcome(bangban, user.conversation, "seen") == [("seen", "page")]
        assert channel.sent == []


async def _on_page(bangban: Bangban, user: ChannelUser) -> None:
    """A turn of the page's, long after their last message from the channel."""
    from sqlalchemy import update

    from knowledge.tables.channel import ChannelUserRow

    async with bangban.base.database.transaction() as session:
        long_ago = bangban.base.clock().replace(year=2025)
        await session.execute(update(ChannelUserRow).where(ChannelUserRow.id == user.id).values(heard_at=long_ago))


async def test_a_link_opens_one_page(model_dir: Path, tmp_path: Path) -> None:
    async with somewhere(Pair(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", ""), model_dir) as (bangban, _):
        user = await arrive(bangban)
        secret = (await bangban.channels.door.page_link(user.conversation)).partition("carry=")[2]
        await bangban.channels.door.carried_to_page(secret)
        with pytest.raises(CarryRefused):
            await bangban.channels.door.carried_to_page(secret)


async def test_a_code_carries_the_chat_over_and_wrong_ones_are_counted(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        door, first, other = bangban.channels.door, await arrive(bangban), await arrive(bangban, "o-wang")
        await door.take(first, Inbound("", "m1", "低保怎么申请"))
        code = (await door.offer_code(first.conversation)).secret
        wrong = f"{(int(code) + 1) % 10**8:08}"
        refused = await door.take(other, Inbound("", "w1", f"接着聊 {wrong}"))
        assert "用不了" in refused.replies[0]["text"]
        for _ in range(2):  # delivered twice
            answer = await door.take(other, Inbound("", "w2", f"接着聊 {code[:4]} {code[4:]}"))
            assert "接上了" in answer.replies[0]["text"]
        moved = await bangban.channels.users.get(other.id)
        assert moved is not None
        assert moved.conversation == first.conversation
        again = await door.take(first, Inbound("", "m2", f"接着聊 {code}"))
        assert "用不了" in again.replies[0]["text"], "a code is good once"


async def test_a_page_takes_links_only_for_codes_can_be_guessed(pair: Pair, model_dir: Path) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        door, user = bangban.channels.door, await arrive(bangban)
        code = await door.offer_code(user.conversation)
        with pytest.raises(CarryRefused):
            await door.carried_to_page(code.secret)

        answer = await door.take(user, Inbound("", "m1", f"接着聊 {code.secret}"))
        assert "接上了" in answer.replies[0]["text"], "and it is still good where it is said"


def test_a_code_is_heard_only_where_it_is_said_as_one() -> None:
    assert code_said("接着聊 1234 5678") == "12345678"
    assert code_said("接着聊：12345678。") == "12345678"
    assert code_said("19560803") is None
    assert code_said("接着聊低保") is None


async def test_the_large_text_that_somebody_chose_goes_with_them_to_another_channel(
    pair: Pair, model_dir: Path
) -> None:
    async with somewhere(pair, model_dir) as (bangban, _):
        door, conversations = bangban.channels.door, bangban.base.conversations
        user = await arrive(bangban)
        await door.take(user, Inbound("", "e1", "长辈版"))
        page = (await bangban.assistant.open("web")).id
        code = (await door.offer_code(page)).secret

        await door.take(user, Inbound("", "e2", f"接着聊 {code}"))

        assert await conversations.is_elder(page)
        told = await door.take((await bangban.channels.users.get(user.id)) or user, Inbound("", "e3", "低保怎么申请"))
        assert all(len(reply["text"].splitlines()[0]) <= 25 for reply in told.replies), "and short sentences at once"
