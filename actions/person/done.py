"""What the last person did, told when somebody asks: from what stands in SQL, not from what they wrote alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from actions.applying.draft import Draft
from actions.applying.drafts import Drafts
from actions.appointments.places import office_by
from actions.appointments.saying import label_of
from actions.choices import person
from actions.here import look_around
from actions.services import Services
from actions.turn import Capability, Turn
from actions.words import read
from connectors.message import Choice
from knowledge.conversations import Conversations, Line
from knowledge.forms.value import STAFF
from knowledge.handoff import Handoff

LINES = 200


class TellWhatPersonDid(Capability):
    """刚才那个人给我办了什么: what they wrote, filled in, asked for, sent, handed in and booked."""

    label = "action_tell_what_person_did"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._drafts = Drafts(services)
        self._conversations = Conversations(services.database)

    async def answer(self, turn: Turn) -> None:
        """Of the last chat that somebody took, whoever ended it."""
        chats = await self._services.handoffs.of_conversation(turn.conversation)
        chat = next((each for each in reversed(chats) if each.taken_at), None)
        if chat is None:
            turn.say("utter_nobody_helped", [person()])
            return
        words = read("person")
        draft = await self._drafts.open_one(turn)
        told = [line async for line in self._told(turn, draft, chat, words["did"])]
        choices = [Choice("continue_application", words["go_on"])] if draft and not turn.form else []
        if not told:
            turn.say("utter_person_wrote_nothing", [*choices, person()])
            return
        lines = "\n".join(f"{number}、{line}。" for number, line in enumerate(told, 1))
        turn.say("utter_person_did", [*choices, person()], lines=lines)

    async def _told(self, turn: Turn, draft: Draft | None, chat: Handoff, words: dict[str, str]) -> AsyncIterator[str]:
        since, until = chat.taken_at or chat.entered_at, chat.ended_at or self._services.clock()
        wrote = turn.slot("after_person") or {}
        summary = str(wrote.get("summary") or "").strip(" 。") if wrote.get("handoff") == chat.id else ""
        if summary:
            yield summary
        if filled := _filled(draft):
            yield words["filled"].format(fields=filled)
        said = await self._conversations.transcript(turn.conversation, LINES)
        during = [each for each in said if each.sender == "agent" and since <= each.sent_at <= until]
        if papers := "、".join(_papers(during)):
            yield words["asked"].format(papers=papers)
        for name in dict.fromkeys(_guides(during)):
            yield words["sent"].format(name=name)
        for case in await self._services.cases.of_conversation(turn.conversation):
            if since <= case.submitted_at <= until:
                yield words["case"].format(name=case.matter_name, reference=case.reference)
        async for visit in self._booked(turn, since, until):
            yield words["booked"].format(visit=visit)

    async def _booked(self, turn: Turn, since: datetime, until: datetime) -> AsyncIterator[str]:
        here = await look_around(self._services.catalogue, turn.region)
        coming = await self._services.appointments.to_come([turn.conversation], self._services.clock())
        for each in coming:
            if since <= each.booked_at <= until:
                yield label_of(each, await office_by(here, each.office))


def _filled(draft: Draft | None) -> str:
    if draft is None:
        return ""
    values = draft.values
    theirs = (each for each in draft.active() if each.key in values and values[each.key].source == STAFF)
    return "、".join(field.label for field in theirs)


def _papers(lines: Iterable[Line]) -> list[str]:
    wanted = ((line.reply or {}).get("data", {}).get("upload") for line in lines)
    return list(dict.fromkeys(each["material"] for each in wanted if each and each.get("material")))


def _guides(lines: Iterable[Line]) -> list[str]:
    replies = (line.reply or {} for line in lines)
    return [reply["data"]["name"] for reply in replies if reply.get("kind") == "card" and reply["data"].get("name")]
