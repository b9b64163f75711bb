"""A person has the conversation (or had it): what agents do and say reaches the resident, and the other way round.

Each is one transaction: the hand-off, its event, the line of the transcript. The truth of who has a conversation is
`conversation.mode`, which only `knowledge.handoffs` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.handoff_words import summary_of, told, way_out
from bot.news import News
from connectors.message import Reply
from knowledge.agents import Agents
from knowledge.catalogue import Catalogue
from knowledge.conversations import SENT, Conversations
from knowledge.database import Database
from knowledge.handoff import ENDED, TAKEN, Handoff, NotAnAgent
from knowledge.handoffs import Handoffs

AGENT, SYSTEM = "agent", "system"
"""Who says something: a line's sender."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that staff said: its number in the transcript, and how far it has come."""

    number: int
    delivery: str


STAFF = "staff:"


def once_of(staff_id: int, client_id: str) -> str:
    """Under what a message of staff is stored once: whose desk sent it, and what that called it."""
    return f"{STAFF}{staff_id}/{client_id}"


def id_at_desk(once: str | None) -> str | None:
    """What their desk called a message of staff; None: it is none."""
    return once.partition("/")[2] if once and once.startswith(STAFF) else None


class Relay:
    """What the desk does to a chat. Names raised by `Handoffs` go through."""

    def __init__(
        self,
        database: Database,
        handoffs: Handoffs,
        agents: Agents,
        catalogue: Catalogue,
        news: News,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._handoffs = handoffs
        self._agents = agents
        self._catalogue = catalogue
        self._conversations = Conversations(database)
        self._news = news
        self._clock = clock

    async def take(self, handoff_id: str, staff_id: int) -> Handoff:
        """Take a chat, and tell the resident who speaks now; taken again by the same agent it is told once.

        Raises HandoffNotFound, HandoffTaken, HandoffEnded, CapacityReached, NotAnAgent.
        """
        async with self._database.transaction():
            before, now = await self._handoffs.find(handoff_id), self._clock()
            taken = await self._handoffs.take(handoff_id, staff_id, now)
            if before.is_waiting and taken.taken_at == now:  # not by their other tab, just now
                await self._tell_who(taken, staff_id, "taken")
        return taken

    async def take_over(self, handoff_id: str, staff_id: int) -> Handoff:
        """A supervisor takes a chat from whoever has it. Raises HandoffNotFound, HandoffEnded."""
        async with self._database.transaction():
            taken = await self._handoffs.take_over(handoff_id, staff_id, self._clock())
            await self._tell_who(taken, staff_id, "taken_over")
        return taken

    async def say(self, handoff_id: str, staff_id: int, client_id: str, reply: Reply) -> Said:
        """Say something to the resident, once for each client id.

        Raises HandoffNotFound, HandoffTaken, HandoffEnded, HandoffNotYours.
        """
        async with self._database.transaction():
            handoff = await self._handoffs.spoke(handoff_id, staff_id, self._clock())
            once = once_of(staff_id, client_id)
            number = await self._say(handoff.conversation_id, AGENT, reply, once)
            await self.said(handoff, [number], AGENT, staff_id)
        return Said(number, SENT)

    async def give_back(self, handoff_id: str, staff_id: int, note: str = "") -> None:
        """Put a chat back into the queue at its place. Raises what `say` raises."""
        async with self._database.transaction():
            await self._handoffs.give_back(handoff_id, staff_id, self._clock(), note)
            await self._tell(handoff_id, told("given_back"))

    async def pass_on(
        self, handoff_id: str, staff_id: int, *, tier: str, office: str, to: int | None = None, note: str = ""
    ) -> None:
        """Pass a chat on to an office, or to an agent there. Raises what `say` raises, CapacityReached, NotAnAgent."""
        async with self._database.transaction():
            await self._handoffs.pass_on(
                handoff_id, staff_id, self._clock(), tier=tier, office=office, to=to, note=note
            )
            await self._tell(handoff_id, told("passed", office=await self.office_name(office)))

    async def end(self, handoff_id: str, staff_id: int, outcome: str, summary: str = "") -> Handoff:
        """End a chat: the bot takes over again, and knows what was done (slot `after_person`).

        One that has ended stays as it is. Raises HandoffNotFound, HandoffTaken, HandoffNotYours.
        """
        async with self._database.transaction():
            before, now = await self._handoffs.find(handoff_id), self._clock()
            ended = await self._handoffs.end(handoff_id, staff_id, outcome, now, summary)
            if before.state != ENDED and (ended.ended_by, ended.ended_at) == (AGENT, now):  # not the resident, just now
                after = {"handoff": ended.id, "outcome": outcome, "summary": summary, "matter": ended.matter_code}
                await self._conversations.remember(ended.conversation_id, after_person=after)
                await self._tell_in(ended, told("ended", summary=summary_of(summary)), "bot")
        return ended

    async def set_duty(self, staff_id: int, on_duty: bool) -> None:
        """An agent comes on duty or goes off; whoever waits is offered to them at once. Raises NotAnAgent."""
        now = self._clock()
        async with self._handoffs.changing() as session:
            await self._agents.set_duty(staff_id, on_duty, now)
            await self._handoffs.log.happened(session, "duty", now, None, staff_id, on_duty=on_duty)

    async def heard(self, conversation: str) -> Handoff | None:
        """The resident said something to the agent, in the running transaction; None: nobody has the chat."""
        handoff = await self._handoffs.open_in(conversation)
        if handoff is None or not await self._handoffs.heard(handoff, self._clock()):
            return None
        async with self._handoffs.changing(queue=False) as session:
            await self._handoffs.log.stand_in_line(session)  # before the turn locks the conversation
        return handoff

    async def said(self, handoff: Handoff, numbers: Sequence[int], sender: str, staff_id: int | None = None) -> None:
        """Tell the desks of new lines, in the order of commit; in the transaction that stores them."""
        async with self._handoffs.changing(queue=False) as session:
            for number in numbers:
                details = {"number": number, "sender": sender}
                await self._handoffs.log.happened(session, "said", self._clock(), handoff.id, staff_id, **details)

    async def pushed(self, conversation: str, number: int, sender: str) -> None:
        """Neither side said it (a case, a reminder): the desk of whoever has the chat hears it too, as it comes."""
        handoff = await self._handoffs.open_in(conversation)
        if handoff is not None and handoff.state == TAKEN:
            await self.said(handoff, [number], sender)

    async def delivered(self, conversation: str, number: int) -> None:
        """The resident's page has all up to that line."""
        if not await self._conversations.delivered(conversation, number):
            return
        chats = await self._handoffs.of_conversation(conversation)
        async with self._handoffs.changing(queue=False) as session:
            for handoff in chats[-1:]:
                log = self._handoffs.log
                await log.happened(session, "delivered", self._clock(), handoff.id, None, number=number)

    async def office_name(self, code: str | None) -> str:
        """An office as it is named to residents; for none, or one that is gone, 值班人员."""
        offices = {office.code: office.name for office in await self._catalogue.offices()}
        return offices.get(code or "", "") or "值班窗口"

    async def tell(self, conversation: str, reply: Reply) -> int:
        """Tell the resident what happened to their hand-off, in the running transaction if there is one."""
        return await self._say(conversation, SYSTEM, reply)

    async def _tell(self, handoff_id: str, reply: Reply) -> None:
        await self._tell_in(await self._handoffs.find(handoff_id), reply)

    async def _tell_in(self, handoff: Handoff, reply: Reply, sender: str = SYSTEM) -> None:
        async with self._database.transaction():
            number = await self._say(handoff.conversation_id, sender, reply)
            await self.said(handoff, [number], sender)

    async def _tell_who(self, handoff: Handoff, staff_id: int, what: str) -> None:
        try:
            agent = (await self._agents.of(staff_id)).title
        except NotAnAgent:  # a supervisor without a number of their own
            agent = await self.office_name(handoff.office_code)
        await self._tell_in(handoff, told(what, way_out(), agent=agent))

    async def _say(self, conversation: str, sender: str, reply: Reply, client_id: str | None = None) -> int:
        async with self._database.transaction():
            number = await self._conversations.push(conversation, sender, reply.as_dict(), self._clock(), client_id)
            self._database.after_commit(partial(self._news.tell, conversation))
        return number
