"""What the tests of ratings, records, retention and figures share: chats that ended, cases that were decided."""

from __future__ import annotations

from datetime import datetime, timedelta

from knowledge.case import Case, CaseEvent
from knowledge.cases import Cases
from knowledge.conversations import Conversations, StoredTurn
from knowledge.database import Database
from knowledge.handoff import Handoff
from knowledge.handoffs import Handoffs
from tests.store.cases import AT, KEYRING, a_new_case
from tests.store.desk import a_handoff


async def an_ended_chat(
    database: Database, staff: int, at: datetime = AT, waited: float = 20, took: float = 300, **wants: str
) -> Handoff:
    """Asked for at `at`, taken after `waited` seconds, ended `took` seconds later, with one word of the agent's."""
    handoffs = Handoffs(database, KEYRING)
    wanted = await a_handoff(database, handoffs, at, **wants)
    taken = at + timedelta(seconds=waited)
    await handoffs.take(wanted.id, staff, taken)
    await says(database, wanted.conversation_id, "agent", "您好，材料带齐就行。", taken + timedelta(seconds=10))
    await handoffs.spoke(wanted.id, staff, taken + timedelta(seconds=10))
    return await handoffs.end(wanted.id, staff, "solved", taken + timedelta(seconds=took))


async def a_decided_case(database: Database, at: datetime = AT) -> Case:
    """高龄津贴, approved."""
    cases = Cases(database, KEYRING)
    case, _ = await cases.open(await a_new_case(database), at)
    return (
        await cases.record(case.reference, CaseEvent("approved", at, "办好了", sequence=3, event_id="e3"), "HY1")
    ).case


async def says(database: Database, conversation: str, sender: str, text: str, at: datetime = AT) -> int:
    """Something pushed into a conversation."""
    reply = {"kind": "text", "text": text, "choices": [], "data": {}}
    return await Conversations(database).push(conversation, sender, reply, at)


async def a_turn(database: Database, conversation: str, text: str, answer: str, at: datetime = AT) -> None:
    """A resident says something and is answered."""
    conversations = Conversations(database)
    found = await conversations.find(conversation)
    reply = {"kind": "text", "text": answer, "choices": [], "data": {"code": "M005", "version": 1}}
    turn = {"client_id": f"m{found.turn}", "text": text, "intent": "find_matter", "replies": [reply], "tracker": None}
    async with database.transaction():
        await conversations.store_turn(StoredTurn(found, at=at, **turn))
