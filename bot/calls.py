"""Video calls (云导办) as the two sides have them: who may be in one, what the chat says about it, when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

import structlog
import yaml

from bot.people import People
from bot.reaching import Push
from bot.wire import CHANGED, CallWire
from connectors.desk.access import Viewer, is_within
from connectors.message import Reply, ReplyKind
from connectors.video.showing import shown
from knowledge.agents import Agent
from knowledge.call import ABANDONED, RESIDENT, Call, CallNotFound, Invitation, Seat, staff_seat
from knowledge.calls import Calls
from knowledge.database import DatabaseUnavailable
from knowledge.handoff import TAKEN, NotAnAgent
from knowledge.residents import Residents
from knowledge.staff import Staff

log = structlog.get_logger()

MayCall = Callable[[Staff, str], Awaitable[bool]]
"""Another way in which somebody at the desk may be in a conversation's calls (a clerk at the window)."""


class NobodyToCall(Exception):
    """The resident has asked for no person: there is nobody to see."""


class VideoCalls:
    """The calls of residents with the desk."""

    def __init__(
        self,
        people: People,
        calls: Calls,
        residents: Residents,
        wire: CallWire,
        push: Push,
        may_call: Sequence[MayCall] = (),
    ) -> None:
        self._database = people.database
        self._calls = calls
        self._handoffs = people.handoffs
        self._agents = people.agents
        self._asides = people.asides
        self._residents = residents
        self._wire = wire
        self._push = push
        self._clock = people.clock
        self._may_call = may_call
        self._watching: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End what was abandoned while no process looked; then look after calls until the end."""
        try:
            for call in await self._calls.opened():
                await self.look_after(call.id)
            yield
        finally:
            for task in self._watching:
                task.cancel()

    async def open_for_resident(self, conversation: str) -> Call:
        """The resident calls the person they were handed to, or wait for. Raises NobodyToCall."""
        handoff = await self._handoffs.open_in(conversation)
        if handoff is None:
            raise NobodyToCall(conversation)
        agent = await self._agent(handoff.taken_by) if handoff.taken_by else None
        async with self._database.transaction():
            call, is_new = await self._calls.open(conversation, RESIDENT, self._clock())
            if is_new:
                who = agent.title if agent else _words()["waiting"]
                await self._say(call, "resident_calls", agent=who)
        return call

    async def open_for_staff(self, conversation: str, staff: Staff) -> Call:
        """Staff call the resident of a chat. Raises CallNotFound for a chat that is none of theirs."""
        if not await self._may(staff, conversation, None):
            raise CallNotFound(conversation)
        async with self._database.transaction():
            call, is_new = await self._calls.open(conversation, staff_seat(staff.id), self._clock())
            if is_new:
                await self._say(call, "staff_calls", agent=await self._title(staff))
        return call

    async def admit(self, call: str, staff: Staff) -> Call:
        """The call, for staff who may be in it. Raises CallNotFound."""
        found = await self._calls.find(call)
        if not await self._may(staff, found.conversation_id or "", found):
            raise CallNotFound(call)
        return found

    async def join_as_resident(self, call: str, peer: str | None) -> Seat:
        """The resident's page comes in. Raises CallNotFound, CallEnded, CallFull."""
        return await self._calls.join(call, RESIDENT, _words()["resident"], peer, self._clock())

    async def join_as_staff(self, call: str, staff: Staff, peer: str | None) -> Seat:
        """Staff come in; what rang for them stops. Raises CallNotFound, CallEnded, CallFull."""
        async with self._database.transaction():
            for invitation in await self._ringing(staff):
                if invitation.call_id == call:
                    await self._calls.answer(invitation.id, staff.id, self._clock())
            return await self._calls.join(call, staff_seat(staff.id), await self._title(staff), peer, self._clock())

    async def hang_up(self, call: str, seat: str) -> None:
        """Leave, and say in the chat that the call is over if it is. Raises CallNotFound, NotInCall."""
        async with self._database.transaction():
            await self._ended(await self._calls.hang_up(call, seat, self._clock()))

    async def look_after(self, call: str) -> None:
        """A page's line broke off: should nobody come back, end the call."""
        task = asyncio.create_task(self._end_if_abandoned(call))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)

    async def watermark(self, seat: Seat, call: Call) -> str:
        """Name and number of whoever looks; the page adds the time."""
        if not seat.is_resident:
            agent = await self._agent(int(seat.seat.partition(":")[2]))
            name = f"{seat.title} {agent.name}" if agent else seat.title
            return f"{name} {call.number}"
        resident = await self._residents.of_conversation(call.conversation_id or "")
        name = f"{resident.name[:1]}**" if resident and resident.name else seat.title
        return f"{name} {call.number}"

    async def listed(self, staff: Staff) -> dict[str, Any]:
        """The calls that are open in one's chats, and what rings for one: `{"open": […], "ringing": […]}`."""
        chats = [chat.conversation_id for chat in await self._handoffs.chats_of(staff.id)]
        now = self._clock()
        open_calls = [call for chat in chats if (call := await self._calls.open_in(chat, now))]
        ringing = []
        for invitation in await self._ringing(staff):
            call = await self._calls.find(invitation.call_id)
            asked_by = await self._agent(invitation.asked_by) if invitation.asked_by else None
            by = {"name": asked_by.title} if asked_by else None
            told = {"asked_by": by, "office": invitation.office_code}
            ringing.append({**shown(call), **told})
        return {"open": [shown(call) for call in open_calls], "ringing": ringing}

    async def invite(self, call: str, staff: Staff, office: str | None, colleague: int | None) -> Invitation:
        """Call an office or a colleague in. Raises CallNotFound, CallEnded, NotAnAgent."""
        found = await self.admit(call, staff)
        if colleague is not None:
            await self._agents.of(colleague)
        return await self._calls.invite(found.id, staff.id, self._clock(), office=office, staff=colleague)

    async def decline(self, call: str, staff: Staff) -> None:
        """Whoever was called in does not come. Raises CallNotFound."""
        await self.admit(call, staff)
        await self._calls.decline(call, staff.id, self._clock())

    async def _may(self, staff: Staff, conversation: str, call: Call | None) -> bool:
        """Their chat, or one that they were asked beside or called into, or that they supervise."""
        seat = staff_seat(staff.id)
        viewer = Viewer(staff, await self._agent(staff.id))
        if call is not None:
            if call.opened_by == seat or await self._calls.had_seat(call.id, seat):
                return True
            if any(self._is_called(viewer, each) for each in await self._calls.invitations(call.id)):
                return True
        for handoff in await self._handoffs.of_conversation(conversation):
            if viewer.may("supervise") and is_within(handoff.region_code, staff.region):
                return True
            if viewer.may("answer") and handoff.state == TAKEN and handoff.taken_by == staff.id:
                return True
            if handoff.ended_at is None and any(
                viewer.is_asked(aside) for aside in await self._asides.of(handoff.id) if aside.answered_at is None
            ):
                return True
        return any([await may(staff, conversation) for may in self._may_call])

    @staticmethod
    def _is_called(viewer: Viewer, invitation: Invitation) -> bool:
        if invitation.declined_at is not None:
            return False
        if invitation.answered_by is not None:
            return invitation.answered_by == viewer.staff.id
        office = viewer.agent.office_code if viewer.agent else None
        return invitation.staff_id == viewer.staff.id or (office is not None and invitation.office_code == office)

    async def _ringing(self, staff: Staff) -> list[Invitation]:
        agent = await self._agent(staff.id)
        return await self._calls.ringing_for(staff.id, [agent.office_code] if agent else [])

    async def _title(self, staff: Staff) -> str:
        """As whom staff are seen in the call."""
        agent = await self._agent(staff.id)
        return agent.title if agent else str(_words()["roles"].get(staff.role, ""))

    async def _agent(self, staff_id: int) -> Agent | None:
        with suppress(NotAnAgent):
            return await self._agents.of(staff_id)
        return None

    async def _end_if_abandoned(self, call: str) -> None:
        await asyncio.sleep(ABANDONED.total_seconds() + 1)
        try:
            async with self._database.transaction():
                await self._ended(await self._calls.end_if_abandoned(call, self._clock()))
        except (DatabaseUnavailable, CallNotFound) as error:
            log.warning("call_not_looked_after", error=type(error).__name__)

    async def _ended(self, call: Call | None) -> None:
        if call is None:
            return
        self._database.after_commit(lambda: self._wire.tell(call.id, CHANGED))
        log.info("call_ended", call=call.number, seconds=round(call.length.total_seconds()))
        if call.answered_at is None:
            await self._say(call, "missed")
        else:
            await self._say(call, "ended", length=_length(call.length))

    async def _say(self, call: Call, name: str, **values: str) -> None:
        """In the chat, with the running transaction."""
        if call.conversation_id is None:
            return
        data = {"call": {"id": call.id, "number": call.number, "over": call.ended_at is not None}}
        kind: ReplyKind = "notice" if name == "staff_calls" else "text"
        await self._push(call.conversation_id, "system", Reply(_words()[name].format(**values), kind, data=data))


def _length(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    words = _words()["minutes"] if minutes else _words()["seconds"]
    return str(words.format(minutes=minutes, seconds=seconds))


@cache
def _words() -> dict[str, Any]:
    with resources.files(__package__).joinpath("calls.yml").open(encoding="utf-8") as file:
        words: dict[str, Any] = yaml.safe_load(file)
    return words
