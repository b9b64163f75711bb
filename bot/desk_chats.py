"""The queue and the chats for the desk: what somebody may see of them, and what they may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from bot.desk_cards import Cards, Shown, line, named, places
from bot.desk_forms import FormsView
from bot.people import People
from connectors.desk.access import Sees, Viewer, is_within
from connectors.desk.chat_service import Outcome
from connectors.speech.decoding import Decoder
from connectors.speech.service import SpeechUnavailable, VoiceRefused
from connectors.web.problems import Problem
from knowledge.agents import OfficeUnknown
from knowledge.asides import Asides
from knowledge.callbacks import Callback, CallbackNotOpen
from knowledge.conversations import Conversations, Line
from knowledge.files import FileMissing, Files, StoredFile
from knowledge.handoff import TAKEN, Handoff, HandoffEvent, HandoffNotFound, HandoffTaken, NotAnAgent
from knowledge.routing import tier_of
from knowledge.staff import Staff

PAGE = 50


class DeskChats:
    """`/desk/api/chats` and what belongs to it."""

    def __init__(
        self,
        people: People,
        cards: Cards,
        forms: FormsView,
        conversations: Conversations,
        files: Files,
        clock: Callable[[], datetime],
        visits: Callable[[str], Awaitable[list[Shown]]],
        decoder: Decoder | None = None,
    ) -> None:
        """`visits`: the appointments of a conversation's resident."""
        self._people = people
        self._handoffs = people.handoffs
        self._asides: Asides = people.asides
        self._cards = cards
        self._forms = forms
        self._conversations = conversations
        self._files = files
        self._clock = clock
        self._visits = visits
        self._decoder = decoder or Decoder()

    async def viewer(self, staff: Staff) -> Viewer:
        """Somebody at the desk, as an agent if they are one; where they sit may be of a few seconds ago."""
        if agent := (await self._cards.agents()).get(staff.id):
            return Viewer(staff, agent)
        try:
            return Viewer(staff, await self._people.agents.of(staff.id))
        except NotAnAgent:
            return Viewer(staff)

    async def agent(self, viewer: Viewer) -> Shown | None:
        """As which agent they answer, just now."""
        return await self._cards.agent(viewer.staff.id) if viewer.agent else None

    async def here(self, viewer: Viewer) -> None:
        """Their desk is open."""
        if viewer.agent is not None:
            await self._people.agents.seen(viewer.staff.id, self._clock())

    async def set_duty(self, viewer: Viewer, on_duty: bool) -> Shown:
        """Come on duty or go off; all desks hear it. Raises NotAnAgent."""
        await self._people.relay.set_duty(viewer.staff.id, on_duty)
        return await self._cards.agent(viewer.staff.id)

    async def overview(self, viewer: Viewer) -> Shown:
        """Where the live feed goes on from, and all lists of the desk."""
        seq, me = await self._handoffs.log.last(), viewer.staff.id
        waiting = await self._handoffs.waiting()
        at = places(waiting)
        running = await self._handoffs.taken() if viewer.may("supervise") else await self._handoffs.chats_of(me)
        mine = [each for each in running if each.taken_by == me]
        offered = [each for each in waiting if viewer.sees(each)]
        elsewhere = [each for each in await self._handoffs.elsewhere() if viewer.sees(each)]
        over = [each for each in running if viewer.may("supervise") and viewer.sees(each) == "supervisor"]
        offices = [viewer.agent.office_code] if viewer.agent else []
        return {
            "seq": seq,
            "mine": await self._cards.cards(mine),
            "waiting": await self._cards.cards(offered, at),
            "beside": await self._cards.questions(await self._asides.open_for(me, offices)),
            "running": await self._cards.cards(over),
            "elsewhere": await self._cards.cards(elsewhere),
        }

    async def offices(self, viewer: Viewer) -> list[Shown]:
        """Where a chat can be passed, with the agents there, the nearest to one's own office first."""
        near = (viewer.agent.region if viewer.agent else viewer.staff.region).ljust(12, "0")
        agents = (await self._cards.agents()).values()
        offices = list((await self._cards.offices()).values())
        offices.sort(key=lambda each: (-_common(each.region, near), each.code))
        return [
            {"code": office.code, "name": office.name, "tier": tier_of(office.region), "region": office.region}
            | {"agents": [self._cards.agent_as(each) for each in agents if each.office_code == office.code]}
            for office in offices
        ]

    async def seen(self, viewer: Viewer, id: str) -> tuple[Handoff, Sees]:
        """A chat, and how they see it. Raises HandoffNotFound, also for one that they may not see."""
        handoff = await self._handoffs.find(id)
        if (sees := viewer.sees(handoff)) in ("agent", "queue", "elsewhere"):
            return handoff, sees
        asides = [each for each in await self._asides.of(id) if each.answered_at is None]
        sees = viewer.sees(handoff, asides)
        if sees is None:
            sees = viewer.sees(handoff, asides, await self._handoffs.log.had(id, viewer.staff.id))
        if sees is None:
            raise HandoffNotFound(id)
        return handoff, sees

    async def mine(self, viewer: Viewer, id: str) -> Handoff:
        """A chat that they have just now. Raises HandoffNotFound, HandoffTaken (somebody else, or nobody, has it)."""
        handoff, _ = await self.seen(viewer, id)
        only_mine(viewer, handoff)
        return handoff

    async def chat(self, viewer: Viewer, id: str) -> Shown:
        """All of one chat. That a supervisor listens in is an event like any other."""
        handoff, sees = await self.seen(viewer, id)
        if sees == "supervisor" and handoff.state == TAKEN:
            await self._listened(handoff, viewer)
        talk = handoff.conversation_id
        whispers = sees in ("agent", "supervisor")
        notes = [each for each in await self._handoffs.log.notes(id) if whispers or each.kind != "whisper"]
        history = [each for each in await self._handoffs.log.of(id) if each.what not in ("said", "delivered")]
        return await self._cards.card(handoff) | {
            "conversation": talk,
            "sees": sees,
            "packet": await self._handoffs.packet(id),
            "messages": [line(each) for each in await self._conversations.transcript(talk, PAGE)],
            "notes": [await self._cards.note(each) for each in notes],
            "questions": await self._cards.questions(await self._asides.of(id)),
            "history": [_event(each) for each in history],
            "form": await self._forms.form(handoff),
            "papers": await self._forms.papers(handoff),
            "appointments": await self._visits(talk),
        }

    async def lines(self, viewer: Viewer, id: str, before: int | None, after: int | None) -> Shown:
        """A page of the transcript, before or after a line, oldest first; `more`: whether there is more that way."""
        handoff, _ = await self.seen(viewer, id)
        talk, found = handoff.conversation_id, list[Line]()
        if after is not None:
            found = await self._conversations.lines_after(talk, after, PAGE + 1)
            shown = found[:PAGE]
        else:
            last = before if before is not None else 2**62
            found = await self._conversations.lines_before(talk, last, PAGE + 1)
            shown = found[-PAGE:]
        return {"messages": [line(each) for each in shown], "more": len(found) > PAGE}

    async def file(self, viewer: Viewer, id: str, file: str) -> tuple[StoredFile, bytes]:
        """A file of the conversation. Raises FileMissing."""
        handoff, _ = await self.seen(viewer, id)
        return await self._files.get(handoff.conversation_id, file)

    async def sound(self, viewer: Viewer, id: str, file: str) -> bytes:
        """A resident's recording as an MP3: WeChat's own kinds no browser plays.

        Raises FileMissing, Problem `recording_broken`: it can't be played.
        """
        stored, content = await self.file(viewer, id, file)
        if not stored.media_type.startswith("audio/"):
            raise FileMissing(file)
        try:
            return await self._decoder.converted(content, "mp3")
        except (VoiceRefused, SpeechUnavailable) as error:
            raise Problem("recording_broken") from error

    async def take(self, viewer: Viewer, id: str) -> Shown:
        """Raises HandoffTaken, HandoffEnded, CapacityReached, NotAnAgent."""
        await self.seen(viewer, id)
        return await self._cards.card(await self._people.relay.take(id, viewer.staff.id))

    async def decline(self, viewer: Viewer, id: str) -> None:
        """Let an offer pass."""
        await self.seen(viewer, id)
        await self._handoffs.decline(id, viewer.staff.id, self._clock())

    async def give_back(self, viewer: Viewer, id: str, note: str) -> None:
        """Back into the queue."""
        await self.mine(viewer, id)
        await self._people.relay.give_back(id, viewer.staff.id, note)

    async def pass_on(self, viewer: Viewer, id: str, office: str, to: int | None, note: str) -> None:
        """On to an office, or one of its agents. Raises OfficeUnknown, NotAnAgent, CapacityReached."""
        await self.mine(viewer, id)
        tier = await self._tier(office, to)
        await self._people.relay.pass_on(id, viewer.staff.id, tier=tier, office=office, to=to, note=note)

    async def end(self, viewer: Viewer, id: str, outcome: Outcome, summary: str) -> None:
        """End a chat of one's own; one that has ended stays as it is."""
        await self.seen(viewer, id)
        await self._people.relay.end(id, viewer.staff.id, outcome, summary)

    async def note(self, viewer: Viewer, id: str, text: str) -> Shown:
        """An internal note."""
        await self.seen(viewer, id)
        return await self._noted(viewer, id, "note", text)

    async def whisper(self, viewer: Viewer, id: str, text: str) -> Shown:
        """A word to the agent that the resident does not see."""
        await self._watched(viewer, id)
        return await self._noted(viewer, id, "whisper", text)

    async def take_over(self, viewer: Viewer, id: str) -> Shown:
        """A supervisor takes a chat, whoever has it. Raises HandoffEnded."""
        await self._watched(viewer, id)
        return await self._cards.card(await self._people.relay.take_over(id, viewer.staff.id))

    async def ask_beside(self, viewer: Viewer, id: str, office: str, of: int | None, text: str) -> Shown:
        """Ask another office, or one of its agents. Raises OfficeUnknown, NotAnAgent."""
        await self.mine(viewer, id)
        await self._tier(office, of)
        aside = await self._asides.ask(id, viewer.staff.id, text, self._clock(), office=office, of=of)
        (shown,) = await self._cards.questions([aside])
        return shown

    async def answer_back(self, viewer: Viewer, id: str, text: str) -> Shown:
        """Answer a question that was asked beside a chat. Raises AsideNotFound."""
        aside = await self._asides.find(id)
        if not viewer.is_asked(aside):
            raise HandoffNotFound(id)
        answered = await self._asides.answer(id, viewer.staff.id, text, self._clock())
        (shown,) = await self._cards.questions([answered])
        return shown

    async def callbacks(self, viewer: Viewer) -> list[Shown]:
        """The call-backs that are still to be made, of one's office or the area one watches over."""
        offices = {code: each.name for code, each in (await self._cards.offices()).items()}
        waiting = [each for each in await self._people.callbacks.waiting() if self._is_theirs(viewer, each)]
        matters = await self._people.catalogue.matters({each.matter_code for each in waiting if each.matter_code})
        names = {each.code: each.name for each in matters}
        return [_callback(each, offices, names, self._clock()) for each in waiting]

    async def end_callback(self, viewer: Viewer, reference: str, status: Literal["kept", "missed", "dropped"]) -> None:
        """Say what became of a call-back. Raises CallbackNotOpen."""
        theirs = [each for each in await self._people.callbacks.waiting() if each.reference == reference]
        if not theirs or not self._is_theirs(viewer, theirs[0]):
            raise CallbackNotOpen(reference)
        await self._people.callbacks.end(reference, viewer.staff.id, status, self._clock())

    @staticmethod
    def _is_theirs(viewer: Viewer, callback: Callback) -> bool:
        if viewer.may("supervise"):
            return is_within(callback.region_code or "", viewer.staff.region)
        return viewer.agent is not None and callback.office_code in (None, viewer.agent.office_code)

    async def _watched(self, viewer: Viewer, id: str) -> None:
        """Raises HandoffNotFound, Problem `role_missing` for whoever only answers."""
        handoff, _ = await self.seen(viewer, id)
        if not viewer.may("supervise") or not is_within(handoff.region_code, viewer.staff.region):
            raise Problem("role_missing")

    async def _noted(self, viewer: Viewer, id: str, kind: Literal["note", "whisper"], text: str) -> Shown:
        written = await self._handoffs.note(id, viewer.staff.id, kind, text, self._clock())
        notes = {each.id: each for each in await self._handoffs.log.notes(id, (kind,))}
        return await self._cards.note(notes[written])

    async def _tier(self, office: str, of: int | None) -> str:
        """The tier of an office. Raises OfficeUnknown, NotAnAgent when `of` does not sit there."""
        known = (await self._cards.offices()).get(office)
        if known is None:
            raise OfficeUnknown(office)
        if of is not None and (await self._people.agents.of(of)).office_code != office:
            raise NotAnAgent(of)
        return tier_of(known.region)

    async def _listened(self, handoff: Handoff, viewer: Viewer) -> None:
        async with self._handoffs.changing(queue=False) as session:
            await self._handoffs.log.happened(session, "listened", self._clock(), handoff.id, viewer.staff.id)


def only_mine(viewer: Viewer, handoff: Handoff) -> None:
    """Raises HandoffTaken: somebody else, or nobody, has it."""
    if handoff.state != TAKEN or handoff.taken_by != viewer.staff.id:
        raise HandoffTaken(handoff.id, handoff.taken_by)


def _callback(call: Callback, offices: Mapping[str, str], matters: Mapping[str, str], now: datetime) -> Shown:
    masked = f"{call.telephone[:3]}****{call.telephone[-4:]}" if call.telephone else ""
    told: Shown = {"reference": call.reference, "requested_at": call.requested_at, "promised_by": call.promised_by}
    told |= {"office": named(call.office_code, offices), "matter": named(call.matter_code, matters)}
    return told | {"telephone": masked, "late": call.promised_by < now}


def _event(event: HandoffEvent) -> Shown:
    told = {"seq": event.seq, "at": event.at, "what": event.what, "by": event.staff_id}
    return told | {"details": dict(event.details)}


def _common(one: str, other: str) -> int:
    """How many digits of two division codes are the same from the left."""
    pairs: Any = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), len(one))
