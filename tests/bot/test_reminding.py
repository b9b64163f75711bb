"""What a resident put off: they are reminded once, by day, whoever looks, and not of what is done or gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from actions.services import Services
from bot.reminding import Reminding
from connectors.intake.client import IntakeClient
from connectors.message import Reply
from knowledge.agents import Agents
from knowledge.application import Application
from knowledge.case import CaseEvent, NewCase
from knowledge.catalogue import Catalogue
from knowledge.conversations import Conversations
from knowledge.database import Database
from knowledge.forms.value import Value
from knowledge.handoff import Wants
from knowledge.handoffs import Handoffs
from knowledge.outbox import Outbox
from knowledge.reminders import remind_at
from tests.store.cases import AT, KEYRING, Clock, a_conversation

DAYS = timedelta(days=3)
LATER = {"结婚证": {"state": "later", "due_on": date(2026, 12, 3)}, "户口簿": {"state": "given"}}
VALUES = {"name": Value("刘试岳", "resident")}


@dataclass
class Residents:
    """Those who put something off, and a worker that looks after them."""

    database: Database
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        handoffs, outbox = Handoffs(self.database, KEYRING), Outbox(self.database, KEYRING)
        parts = (self.database, Catalogue(self.database), self.clock, KEYRING, IntakeClient("", ""), outbox)
        self.services = Services(*parts, handoffs, Agents(self.database))
        self.conversations = Conversations(self.database)
        self.worker = Reminding(self.services, self.push, self.clock)

    async def push(self, conversation: str, sender: str, reply: Reply) -> int:
        return await self.conversations.push(conversation, sender, reply.as_dict(), self.clock())

    async def leave(self, state: str = "draft", papers: Mapping[str, Any] | None = None) -> Application:
        """村民建房 is left in that state."""
        talk, store = await a_conversation(self.database), self.services.applications
        opened = await store.open(talk, "M123", 1, AT, bundle="B01")
        left = replace(opened, state=state, values=VALUES, papers=papers or {})
        return await store.save(replace(left, remind_at=remind_at(left, AT, DAYS)), AT)

    async def told(self, application: Application) -> list[str]:
        lines = await self.conversations.pushed_after(application.conversation_id, 0)
        return [line.reply["text"] for line in lines if line.reply is not None]


@pytest.fixture
def residents(database: Database) -> Residents:
    return Residents(database)


async def test_a_form_that_was_left_is_told_of_once_whoever_looks(residents: Residents) -> None:
    left = await residents.leave(papers=LATER)
    residents.clock.time = AT + DAYS - timedelta(minutes=1)
    assert await residents.worker.look() == 0
    residents.clock.time = AT + DAYS
    assert sum(await asyncio.gather(*(residents.worker.look() for _ in range(3)))) == 1
    residents.clock.pass_by(days=30)
    assert await residents.worker.look() == 0
    (text,) = await residents.told(left)
    assert "村民建房一件事" in text
    assert "还差结婚证，12月3日（星期四）以前。" in text
    assert "户口簿" not in text


async def test_nobody_is_told_in_the_night_and_nothing_is_lost_by_it(residents: Residents) -> None:
    left = await residents.leave()
    residents.clock.time = datetime(2026, 11, 26, 14, tzinfo=UTC)  # ten o'clock at night in China
    assert await residents.worker.look() == 0
    residents.clock.time = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
    assert await residents.worker.look() == 1
    assert len(await residents.told(left)) == 1


async def test_what_was_taken_up_again_waits_anew(residents: Residents) -> None:
    left = await residents.leave()
    again = AT + timedelta(days=2)
    await residents.services.applications.save(replace(left, remind_at=remind_at(left, again, DAYS)), again)
    residents.clock.time = AT + DAYS
    assert await residents.worker.look() == 0
    residents.clock.time = again + DAYS
    assert await residents.worker.look() == 1


@pytest.mark.parametrize("state", ["abandoned", "withdrawn"])
async def test_what_is_no_draft_any_more_is_not_told_of(residents: Residents, state: str) -> None:
    left = await residents.leave()
    await residents.services.applications.save(replace(left, state=state), AT)
    residents.clock.time = AT + DAYS
    assert await residents.worker.look() == 0


async def test_a_deleted_one_is_not_told_of(residents: Residents) -> None:
    left = await residents.leave()
    await residents.services.applications.delete(left.id)
    residents.clock.time = AT + DAYS
    assert await residents.worker.look() == 0


async def test_while_a_person_is_asked_for_the_bot_says_nothing(residents: Residents) -> None:
    left = await residents.leave()
    await residents.services.handoffs.ask(left.conversation_id, "asked", {}, Wants("430423101218"), AT)
    residents.clock.time = AT + DAYS
    assert await residents.worker.look() == 0


@pytest.mark.parametrize(("state", "told"), [("accepted", 1), ("approved", 0)])
async def test_papers_that_were_to_follow_are_told_of_until_the_case_is_over(
    residents: Residents, state: str, told: int
) -> None:
    left = await residents.leave("submitted", LATER)
    new = NewCase(left.conversation_id, "M123", "村民建房一件事", "430423101218", application_id=left.id, bundle="B01")
    case, _ = await residents.services.cases.open(new, AT)
    await residents.services.cases.record(case.reference, CaseEvent(state, AT, sequence=1, event_id="e1"), "4304230001")
    residents.clock.time = AT + DAYS
    assert await residents.worker.look() == told
    texts = await residents.told(left)
    assert [case.reference in text and "结婚证" in text for text in texts] == [True] * told


def test_of_a_new_form_without_a_word_and_of_papers_that_are_all_there_there_is_no_reminder() -> None:
    new = Application("1", "2", None, "M123", 1, None, AT, AT)
    assert remind_at(new, AT, DAYS) is None
    assert remind_at(replace(new, values=VALUES), AT, DAYS) == AT + DAYS
    assert remind_at(replace(new, values=VALUES), AT, timedelta(0)) is None
    handed_in = replace(new, state="submitted", papers={"户口簿": {"state": "given"}})
    assert remind_at(handed_in, AT, DAYS) is None
    assert remind_at(replace(handed_in, papers=LATER), AT, DAYS) == AT + DAYS
