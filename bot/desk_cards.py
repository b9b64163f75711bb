"""Chats, notes, questions, events as the desk's pages get them (docs/desk.md): names for codes, nothing unmasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.people import People
from bot.relay import id_at_desk
from knowledge.agents import Agent
from knowledge.catalogue import RegionNotFound
from knowledge.conversations import Line
from knowledge.handoff import OFFERED, Aside, Handoff, Note
from knowledge.matter import Office
from knowledge.residents import Residents
from knowledge.routing import tier_of
from knowledge.staff import StaffAccounts

KEPT_SECONDS = 5
"""How long the agents' names and numbers are kept: they hardly ever change, and every event needs them."""
MOST_MASKED = 2_000
ONLINE = timedelta(seconds=60)

Shown = dict[str, Any]


class Cards:
    """Makes them. Times are aware; JSON has them with their zone."""

    def __init__(
        self, people: People, residents: Residents, accounts: StaffAccounts, clock: Callable[[], datetime]
    ) -> None:
        self._people = people
        self._residents = residents
        self._accounts = accounts
        self._names: dict[int, str] = {}
        self._masked: dict[str, tuple[datetime, str]] = {}
        self._clock = clock
        self._agents: tuple[datetime, Mapping[int, Agent]] | None = None

    async def cards(self, handoffs: Collection[Handoff], places: Mapping[str, int] | None = None) -> list[Shown]:
        """Cards of several chats. `places`: where those that wait stand, if that is known."""
        agents, offices = await self.agents(), await self.offices()
        names = await self._matters(handoffs)
        return [await self._card(each, agents, offices, names, (places or {}).get(each.id)) for each in handoffs]

    async def card(self, handoff: Handoff) -> Shown:
        """One, with its place if it waits."""
        place = await self._people.handoffs.position(handoff) if handoff.is_waiting else None
        (card,) = await self.cards([handoff], {handoff.id: place} if place else {})
        return card

    async def questions(self, asides: Sequence[Aside]) -> list[Shown]:
        """Questions beside chats, with their words."""
        shown: list[Shown] = []
        for aside in asides:
            notes = await self._people.handoffs.log.notes(aside.handoff_id, ("question", "answer"))
            words: dict[str, Note] = {each.kind: each for each in notes if each.aside_id == aside.id}
            shown.append(await self._question(aside, await self._people.handoffs.find(aside.handoff_id), words))
        return shown

    async def note(self, note: Note) -> Shown:
        """What staff wrote for each other."""
        told = {"id": note.id, "at": note.at, "kind": note.kind, "text": note.text or "", "question": note.aside_id}
        return told | {"by": await self.staff(note.staff_id)}

    async def staff(self, id: int | None) -> Shown | None:
        """Somebody at the desk by their number."""
        if id is None:
            return None
        agent = (await self.agents()).get(id)
        if agent is None and id not in self._names:  # a supervisor, or an agent of a moment ago
            self._names[id] = await self._accounts.name_of(id)
        return {"staff": id, "name": agent.name if agent else self._names[id], "title": agent.title if agent else ""}

    async def agent(self, staff_id: int) -> Shown:
        """An agent as they are just now. Raises NotAnAgent."""
        return self.agent_as(await self._people.agents.of(staff_id))

    def agent_as(self, agent: Agent) -> Shown:
        """An agent, and whether their desk is open."""
        online = agent.seen_at is not None and self._clock() - agent.seen_at < ONLINE
        return {
            "staff": agent.staff_id,
            "name": agent.name,
            "title": agent.title,
            "office": {"code": agent.office_code, "name": agent.office_name},
            "tier": tier_of(agent.region),
            "skills": agent.skills,
            "capacity": agent.capacity,
            "load": agent.load,
            "on_duty": agent.on_duty,
            "online": online,
        }

    async def agents(self) -> Mapping[int, Agent]:
        """The agents by their account's number, as they were a few seconds ago."""
        now = self._clock()
        if self._agents is None or not timedelta(0) <= now - self._agents[0] < timedelta(seconds=KEPT_SECONDS):
            self._agents = now, {each.staff_id: each for each in await self._people.agents.listed()}
        return self._agents[1]

    async def offices(self) -> Mapping[str, Office]:
        """The offices by their codes."""
        return {each.code: each for each in await self._people.catalogue.offices()}

    async def _card(
        self,
        handoff: Handoff,
        agents: Mapping[int, Agent],
        offices: Mapping[str, Office],
        matters: Mapping[str, str],
        place: int | None,
    ) -> Shown:
        kept = ("id", "state", "reason", "language", "tier", "entered_at", "offer_due_at", "taken_at", "last_agent_at")
        more = ("last_resident_at", "silence_due_at", "outcome")
        agent = agents.get(handoff.taken_by or 0)
        return {name: getattr(handoff, name) for name in (*kept, *more)} | {
            "matter": named(handoff.matter_code, matters),
            "region": {"code": handoff.region_code, "name": await self._region(handoff.region_code)},
            "resident": await self._resident(handoff.conversation_id),
            "office": named(handoff.office_code, {code: office.name for code, office in offices.items()}),
            "position": place,
            "offered_to": handoff.offered_to if handoff.state == OFFERED else None,
            "taken_by": await self.staff(agent.staff_id if agent else handoff.taken_by),
            "warned": handoff.warned_at is not None,
        }

    async def _question(self, aside: Aside, chat: Handoff, notes: Mapping[str, Note]) -> Shown:
        offices = {code: office.name for code, office in (await self.offices()).items()}
        asked, answered = notes.get("question"), notes.get("answer")
        return {
            "id": aside.id,
            "chat": aside.handoff_id,
            "asked_by": await self.staff(aside.asked_by),
            "office": named(aside.office_code, offices),
            "of": await self.staff(aside.asked_of),
            "text": (asked.text if asked else None) or "",
            "asked_at": aside.asked_at,
            "answer": answered.text if answered else None,
            "answered_by": await self.staff(aside.answered_by),
            "answered_at": aside.answered_at,
            "matter": named(chat.matter_code, await self._matters([chat])),
        }

    async def _matters(self, handoffs: Collection[Handoff]) -> dict[str, str]:
        codes = {each.matter_code for each in handoffs if each.matter_code}
        return {each.code: each.name for each in await self._people.catalogue.matters(sorted(codes))} if codes else {}

    async def _region(self, code: str) -> str:
        with suppress(RegionNotFound):
            return (await self._people.catalogue.region(code)).name
        return ""

    async def _resident(self, conversation: str) -> str:
        """Who it is, masked, as was known a few seconds ago: every event asks for it."""
        now = self._clock()
        kept = self._masked.get(conversation)
        if kept is None or not timedelta(0) <= now - kept[0] < timedelta(seconds=KEPT_SECONDS):
            resident = await self._residents.of_conversation(conversation)
            if len(self._masked) > MOST_MASKED:
                self._masked.clear()
            kept = self._masked[conversation] = now, masked_name(resident.name) if resident else ""
        return kept[1]


def line(said: Line) -> Shown:
    """A line of the transcript; `id` is what the desk that sent it called it, so that it shows it once."""
    told = {"seq": said.number, "from": said.sender, "at": said.sent_at, "text": said.text}
    if (id := id_at_desk(said.client_id)) is not None:
        told["id"] = id
    return told | {"reply": said.reply, "delivery": said.delivery}


def places(waiting: Sequence[Handoff]) -> dict[str, int]:
    """The place of each among those who wait at the same office; `waiting` is all that wait, in order."""
    counted: Counter[str | None] = Counter()
    found = {}
    for each in waiting:
        counted[each.office_code] += 1
        found[each.id] = counted[each.office_code]
    return found


def named(code: str | None, names: Mapping[str, str]) -> Shown | None:
    """A code with its name; None for none."""
    return {"code": code, "name": names.get(code, "")} if code else None


def masked_name(name: str) -> str:
    """刘试岳 → 刘*岳, 李四 → 李*."""
    return f"{name[:1]}*{name[2:][-1:]}" if name else ""
