"""Short messages go out by day, once, to whom they may go, and what is seen already does not go at all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from connectors.message import Reply
from connectors.sms.log import LogSms
from connectors.sms.service import SmsText, texts
from knowledge.conversations import Conversations
from knowledge.quiet import MORNING, awake, is_quiet, next_morning
from knowledge.sms import LEASE
from knowledge.tables.sms import SmsRow
from knowledge.working_days import CHINA
from tests.conftest import ROOT, Place
from tests.sms.conftest import DAILY, NEWS, NOON, TELEPHONE, Out
from tests.sms.provider import Provider
from tests.store.cases import Clock

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(MOMENTS)
def test_nothing_is_ever_due_in_the_night(at: datetime) -> None:
    due = awake(at)
    assert not is_quiet(due)
    assert at <= due <= at + timedelta(hours=11)
    assert due == at or due.astimezone(CHINA).time() == MORNING
    assert at < next_morning(at) <= at + timedelta(hours=32)


async def test_a_message_goes_out_and_is_known_to_have_gone(out: Out, provider: Provider) -> None:
    id = await out.tell(await out.a_contact())
    assert await out.worker.round() == 1
    assert [each["OutId"] for each in provider.sent] == [id]
    state = await out.state(id)
    assert (state.state, state.sent_at, state.reached_at) == ("sent", NOON, None)
    assert await out.queue.reached(id, out.clock.pass_by(seconds=9))
    assert (await out.state(id)).reached_at == NOON + timedelta(seconds=9)
    assert await out.worker.round() == 0


async def test_in_the_evening_it_waits_for_eight_in_the_morning(out: Out, provider: Provider) -> None:
    conversation = await out.a_contact()
    out.clock.time = datetime(2026, 11, 23, 12, 59, tzinfo=UTC)  # 20:59
    early = await out.tell(conversation)
    out.clock.pass_by(minutes=1)
    assert await out.worker.round() == 0, "one minute too late: quiet hours are kept at the sending too"
    late = await out.tell(conversation)
    assert (await out.state(late)).due_at == datetime(2026, 11, 24, 0, tzinfo=UTC)
    out.clock.time = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)
    assert await out.worker.round() == 0
    out.clock.pass_by(seconds=1)
    assert await out.worker.round() == 2
    assert [each["OutId"] for each in provider.sent] == [early, late]


async def test_nobody_is_written_to_who_did_not_say_yes(out: Out) -> None:
    conversation, _ = await Conversations(out.database).open("web", None, False, out.clock())
    assert await out.queue.queue(conversation, "news", {}, out.clock()) is None
    assert not await out.queue.contacts.know(conversation, "07341234567", out.clock()), "a landline"
    await out.queue.contacts.know(conversation, TELEPHONE, out.clock())
    assert await out.queue.queue(conversation, "news", {}, out.clock()) is None
    await out.queue.contacts.allow(conversation, out.clock())
    await out.queue.contacts.know(conversation, "13900000001", out.clock())
    assert await out.queue.queue(conversation, "news", {}, out.clock()) is None, "another number is another question"


@pytest.mark.parametrize("how", ["chat", "reply"])
async def test_stop_holds_for_what_is_queued_and_for_other_conversations(
    out: Out, provider: Provider, how: str
) -> None:
    one, other = await out.a_contact(), await out.a_contact()
    id = await out.tell(one)
    if how == "chat":
        await out.queue.contacts.refuse(other, out.clock.pass_by(minutes=1))
    else:
        assert await out.queue.contacts.opt_out(TELEPHONE, "reply", out.clock())
        assert not await out.queue.contacts.opt_out(TELEPHONE, "reply", out.clock())
    await out.worker.round()
    assert not provider.calls
    assert ((await out.state(id)).state, (await out.state(id)).reason) == ("dropped", "opted_out")
    assert await out.queue.queue(one, "news", {}, out.clock()) is None
    await out.queue.contacts.allow(one, out.clock.pass_by(minutes=1))
    await out.tell(one)
    await out.worker.round()
    assert len(provider.sent) == 1, "who says yes again gets messages again"


async def test_what_was_seen_is_not_sent(out: Out, provider: Provider) -> None:
    conversation, conversations = await out.a_contact(), Conversations(out.database)
    news = Reply("办好了", "notice").as_dict()
    number = await conversations.push(conversation, "system", news, out.clock())
    later = out.clock() + timedelta(hours=4)
    seen = await out.tell(conversation, not_before=later, unless_seen=number)
    unseen_number = await conversations.push(conversation, "system", news, out.clock())
    unseen = await out.tell(conversation, not_before=later, unless_seen=unseen_number)
    await conversations.delivered(conversation, number)
    assert await out.worker.round() == 0
    out.clock.pass_by(hours=4)
    await out.worker.round()
    assert ((await out.state(seen)).state, (await out.state(unseen)).state) == ("dropped", "sent")
    assert len(provider.sent) == 1


async def test_the_same_news_is_queued_once(out: Out) -> None:
    conversation = await out.a_contact()
    await out.tell(conversation, once="case:A:approved")
    assert await out.queue.queue(conversation, "case_approved", NEWS, out.clock(), once="case:A:approved") is None
    assert len(await out.queue.of_conversation(conversation)) == 1


async def test_one_number_gets_so_many_a_day_and_the_rest_tomorrow(out: Out, provider: Provider) -> None:
    conversations = [await out.a_contact() for _ in range(DAILY + 1)]
    ids = [await out.tell(conversation) for conversation in conversations]
    await out.worker.round()
    assert len(provider.sent) == DAILY
    last = await out.state(ids[-1])
    assert (last.state, last.reason) == ("waiting", "daily_limit")
    assert last.due_at == next_morning(out.clock())
    out.clock.time = last.due_at
    await out.worker.round()
    assert len(provider.sent) == DAILY + 1


@pytest.mark.parametrize(
    ("code", "state", "waits"),
    [
        ("isp.SYSTEM_ERROR", "waiting", timedelta(seconds=30)),
        ("isv.BUSINESS_LIMIT_CONTROL", "waiting", timedelta(hours=1)),
        ("isv.AMOUNT_NOT_ENOUGH", "waiting", timedelta(hours=1)),
        ("isv.NEW_CODE_OF_NEXT_YEAR", "waiting", timedelta(hours=1)),
        ("isv.DAY_LIMIT_CONTROL", "waiting", timedelta(hours=20)),
        ("isv.MOBILE_NUMBER_ILLEGAL", "dead", timedelta()),
        ("isv.SMS_TEMPLATE_ILLEGAL", "dead", timedelta()),
    ],
)
async def test_a_refusal_is_repeated_by_its_kind(
    out: Out, provider: Provider, code: str, state: str, waits: timedelta
) -> None:
    id = await out.tell(await out.a_contact())
    provider.refuse = [code]
    await out.worker.round()
    told = await out.state(id)
    assert (told.state, told.reason, told.due_at - NOON) == (state, code, waits)
    out.clock.time = told.due_at
    await out.worker.round()
    assert len(provider.sent) == (state == "waiting")


async def test_a_provider_that_is_not_there_is_asked_again(out: Out, provider: Provider, clock: Clock) -> None:
    async with TestServer(provider.app()) as gone:
        url = str(gone.make_url("/"))
    away = Out(out.database, url, clock)
    id = await out.tell(await out.a_contact())
    await away.worker.round()
    assert ((await out.state(id)).state, (await out.state(id)).reason) == ("waiting", "ClientConnectorError")
    clock.pass_by(seconds=30)
    await out.worker.round()
    assert (len(provider.sent), provider.calls) == (1, ["SendSms"])
    await away.sender.close()


async def test_an_answer_that_got_lost_is_asked_for_and_not_sent_again(out: Out, provider: Provider) -> None:
    id = await out.tell(await out.a_contact())
    provider.silent = True
    await out.worker.round()
    assert (await out.state(id)).state == "sending"
    assert await out.worker.round() == 0
    provider.silent = False
    out.clock.time += LEASE
    await out.worker.round()
    assert ((await out.state(id)).state, len(provider.sent)) == ("sent", 1)
    assert provider.calls == ["SendSms", "QuerySendDetails"]


async def test_an_unsure_message_that_never_went_is_sent(out: Out, provider: Provider) -> None:
    id = await out.tell(await out.a_contact())
    assert await out.queue.claim("somebody who dies", out.clock(), 1)
    out.clock.time += LEASE
    await out.worker.round()
    assert ((await out.state(id)).state, provider.calls) == ("sent", ["QuerySendDetails", "SendSms"])


async def test_a_process_that_is_killed_after_the_provider_took_it_sends_once(
    out: Out, provider: Provider, place: Place, address: str
) -> None:
    id = await out.tell(await out.a_contact())
    process: asyncio.subprocess.Process | None = None

    async def kill() -> None:
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)

    provider.on_sent = kill
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sms.killed_worker", place.url, place.schema or "", address), cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL
    assert (len(provider.sent), (await out.state(id)).state) == (1, "sending")
    provider.on_sent = None
    assert await out.worker.round() == 0, "it is still leased to the one that was killed"
    out.clock.time += LEASE
    assert await out.worker.round() == 1
    assert (len(provider.sent), (await out.state(id)).state) == (1, "sent")


async def test_two_workers_send_each_message_once(out: Out, provider: Provider, clock: Clock) -> None:
    ids = [await out.tell(await out.a_contact(f"1390000{number:04}")) for number in range(20)]
    other = Out(out.database, out.url, clock)
    await asyncio.gather(out.worker.round(), other.worker.round())
    assert sorted(each["OutId"] for each in provider.sent) == sorted(ids)
    await other.sender.close()


async def test_old_news_is_none(out: Out, provider: Provider) -> None:
    id = await out.tell(await out.a_contact())
    out.clock.pass_by(days=3, minutes=1)
    await out.worker.round()
    assert ((await out.state(id)).reason, provider.sent) == ("too_old", [])


async def test_the_number_is_sealed_and_neither_it_nor_the_words_are_logged(out: Out, provider: Provider) -> None:
    with capture_logs() as logs:
        id = await out.tell(await out.a_contact())
        await out.worker.round()
        await LogSms().send(id, TELEPHONE, SmsText("case_approved", NEWS))
    assert {each["event"] for each in logs} == {"sms_sent", "sms_not_sent"}
    assert TELEPHONE not in str(logs) and "高龄津贴" not in str(logs)
    async with out.database.looking() as session:
        row = await session.scalar(select(SmsRow).where(SmsRow.id == id))
    assert row is not None
    assert TELEPHONE.encode() not in row.telephone + row.telephone_fingerprint
    assert row.text_values is None, "the words go when they are sent"


def test_every_text_is_plain_and_says_how_to_end_it() -> None:
    values = {"matter": "农村危房改造补助", "reference": "BB-1123-ACDE", "telephone": "0734-1234567"} | {
        "when": "11月24日（星期二）下午2点半",
        "until": "11月23日下午2点半",
        "office": "白果镇便民服务中心",
        "day": "11月24日，星期二下午",
        "label": "A001",
        "before": "3",
    }
    for key in texts():
        text = SmsText(key, values).text
        assert text.endswith("回退订。") and "{" not in text and "http" not in text
        assert len(text) <= 70, "one message: 70 characters"
