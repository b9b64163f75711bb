"""What staff say to residents: sent once, checked against the catalogue before, helped by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from actions.guide import card, card_text, in_one_line, spoken_lines, with_note
from actions.parts import PARTS, duration, material_line
from actions.words import wording
from bot.desk_cards import Shown, line, named
from bot.desk_chats import DeskChats, only_mine
from bot.people import People
from bot.relay import once_of
from connectors.desk.access import Viewer
from connectors.desk.chat_service import Contradicts
from connectors.message import Reply, file_of
from knowledge.agents import Agent
from knowledge.catalogue import Catalogue
from knowledge.contradiction import Contradiction, contradictions
from knowledge.conversations import Conversations
from knowledge.files import Files
from knowledge.handoff import Handoff
from knowledge.matter import Matter, MatterNotFound, Office
from knowledge.printing import MEDIA_TYPES, file_name, print_form
from knowledge.replies import FILE, read_replies
from knowledge.transcripts import Transcripts

Meaning = Callable[[str], Awaitable[tuple[str, Sequence[str]]]]
"""What a text asks for: its intent, and the codes of the matters that it surely names."""

LAST_SAID = 8
SUGGESTED = ("ask_materials", "ask_duration", "ask_fee", "ask_process", "ask_online", "ask_eligibility")
"""Parts that are suggested when nothing was asked for, the most wanted first."""


class NotWhatFor(LookupError):
    """The macro wants a paper, a form or a matter that is not there."""


class DeskTalk:
    """`/desk/api/chats/{id}/messages` and what helps to write them."""

    def __init__(
        self,
        people: People,
        chats: DeskChats,
        catalogue: Catalogue,
        conversations: Conversations,
        files: Files,
        meaning: Meaning,
        own_replies: Path,
    ) -> None:
        """`own_replies`: the county's own canned replies, if that file is there."""
        self._people = people
        self._chats = chats
        self._catalogue = catalogue
        self._conversations = conversations
        self._files = files
        self._meaning = meaning
        self._own_replies = own_replies
        self._transcripts = Transcripts(people.database)

    async def say(self, viewer: Viewer, id: str, client_id: str, text: str, anyway: bool) -> Shown:
        """Say something, once for each client id. Raises Contradicts (unless `anyway`), HandoffTaken, HandoffEnded."""
        handoff, _ = await self._chats.seen(viewer, id)
        if said := await self._said_before(handoff, viewer, client_id):
            return said
        only_mine(viewer, handoff)
        if not anyway and (findings := await self._findings(handoff, text)):
            raise Contradicts(findings)
        return await self._say(viewer, handoff, client_id, Reply(text, "text", (), await self._signed(viewer, handoff)))

    async def check(self, viewer: Viewer, id: str, text: str) -> list[Shown]:
        """What in a text contradicts the matter."""
        handoff, _ = await self._chats.seen(viewer, id)
        return await self._findings(handoff, text)

    async def macro(self, viewer: Viewer, id: str, client_id: str, macro: str, of: str | None) -> Shown:
        """Ask for a paper, send a form to be filled in by hand, or a guide. Raises NotWhatFor, what `say` raises."""
        handoff = await self._chats.mine(viewer, id)
        if said := await self._said_before(handoff, viewer, client_id):
            return said
        makers = {"ask_paper": self._ask_paper, "send_form": self._send_form, "send_guide": self._send_guide}
        reply = await makers[macro](handoff, of)
        signed = Reply(reply.text, reply.kind, reply.choices, reply.data | await self._signed(viewer, handoff))
        return await self._say(viewer, handoff, client_id, signed)

    async def suggestions(self, viewer: Viewer, id: str) -> Shown:
        """Answers of the catalogue to what was asked last, or else what is wanted most often."""
        handoff, _ = await self._chats.seen(viewer, id)
        lines = await self._conversations.transcript(handoff.conversation_id, LAST_SAID)
        asked = next((each.text for each in reversed(lines) if each.sender == "resident"), "")
        intent, codes = await self._meaning(asked) if asked else ("", ())
        matter = await self._matter_of(handoff, codes[0] if codes else None)
        if matter is None:
            return {"asked": asked, "replies": []}
        parts = [intent] if intent in PARTS else [each for each in SUGGESTED if each in PARTS]
        told = [_suggestion(matter, part) for part in parts]
        return {"asked": asked, "replies": [each for each in told if each]}

    async def replies(self, viewer: Viewer, id: str) -> list[Shown]:
        """The canned replies with the facts of this chat. Raises BrokenReplies."""
        handoff, _ = await self._chats.seen(viewer, id)
        canned = await asyncio.to_thread(read_replies, FILE, self._own_replies)
        facts = _facts(viewer.agent, await self._office(viewer), await self._matter_of(handoff))
        shown = []
        for each in canned:
            text, missing = each.filled(facts)
            shown.append({"shortcut": each.shortcut, "label": each.label, "text": text, "missing": missing})
        return shown

    async def search(self, viewer: Viewer, words: str, before: int | None) -> Shown:
        """Transcripts of the chats that they may see."""
        area = viewer.staff.region if viewer.may("supervise") else None
        found = await self._transcripts.search(words, viewer.staff.id, area, before)
        names = {each.code: each.name for each in await self._catalogue.matters({f.matter_code or "" for f in found})}
        shown = [
            {"chat": each.handoff_id, "line": line(each.line), "matter": named(each.matter_code, names)}
            for each in found
        ]
        return {"found": shown, "next": found[-1].line.number if len(found) == 50 else None}

    async def _say(self, viewer: Viewer, handoff: Handoff, client_id: str, reply: Reply) -> Shown:
        said = await self._people.relay.say(handoff.id, viewer.staff.id, client_id, reply)
        lines = await self._conversations.lines([said.number])
        return line(lines[said.number])

    async def _said_before(self, handoff: Handoff, viewer: Viewer, client_id: str) -> Shown | None:
        once = once_of(viewer.staff.id, client_id)
        said = await self._conversations.line_of(handoff.conversation_id, once)
        return line(said) if said else None

    async def _signed(self, viewer: Viewer, handoff: Handoff) -> dict[str, Any]:
        """Who speaks, as the resident's page shows it."""
        office = await self._people.relay.office_name(handoff.office_code)
        return {"agent": viewer.agent.title if viewer.agent else office}

    async def _findings(self, handoff: Handoff, text: str) -> list[Shown]:
        matter = await self._matter_of(handoff)
        return [_finding(each, matter) for each in contradictions(text, matter)] if matter else []

    async def _matter_of(self, handoff: Handoff, code: str | None = None) -> Matter | None:
        wanted = code or handoff.matter_code
        if not wanted:
            return None
        try:
            return await self._catalogue.matter(wanted, handoff.region_code or None)
        except MatterNotFound:
            return None

    async def _office(self, viewer: Viewer) -> Office | None:
        code = viewer.agent.office_code if viewer.agent else None
        return await self._catalogue.office(code)

    async def _ask_paper(self, handoff: Handoff, of: str | None) -> Reply:
        """A photo of that paper is wanted; the page offers its camera."""
        if not of:
            raise NotWhatFor("material")
        matter = await self._matter_of(handoff)
        known = next((each for each in matter.materials if each.name == of), None) if matter else None
        text = f"请您拍一张「{of}」的照片发过来。放平，在亮的地方拍，四个角都拍进去。"
        hint = f"\n{material_line(known)}" if known else ""
        return Reply(text + hint, "text", (), {"upload": {"material": of}})

    async def _send_form(self, handoff: Handoff, of: str | None) -> Reply:
        """A matter's empty form as PDF, to be filled in by hand."""
        matter = await self._matter_of(handoff)
        forms = [each for each in matter.forms if of in (None, "", each.code, each.name)] if matter else []
        if matter is None or not forms:
            raise NotWhatFor("form")
        form, media_type = forms[0], MEDIA_TYPES["pdf"]
        content = await asyncio.to_thread(print_form, form, {}, matter, kind="pdf")
        name = file_name(form, kind="pdf")
        stored = await self._files.put(handoff.conversation_id, name, media_type, content, self._people.clock())
        file = file_of(handoff.conversation_id, stored.id, name, media_type, stored.size)
        return Reply(f"这是「{name}」，可以打印出来填，也可以在这里一项一项告诉我。", "file", (), {"file": file})

    async def _send_guide(self, handoff: Handoff, of: str | None) -> Reply:
        """A matter's guide as a card."""
        matter = await self._matter_of(handoff, of)
        if matter is None:
            raise NotWhatFor("matter")
        office = await self._catalogue.office_for(handoff.region_code or None, "村")
        shown = card(matter, office)
        return Reply(with_note(f"「{matter.name}」\n{card_text(shown)}", shown["verified"]), "card", (), shown)


def _suggestion(matter: Matter, intent: str) -> Shown | None:
    told = PARTS[intent](matter)
    if not told.lines:
        return None
    title = wording("sections")[told.response]
    words = spoken_lines(told.response, told.lines)
    text = with_note(f"{title}：{words}" if "\n" not in words else f"{title}：\n{words}", told.verified)
    named = {"code": matter.code, "name": matter.name}
    return {"text": text, "matter": named, "version": matter.version, "part": told.response}


def _finding(found: Contradiction, matter: Matter | None) -> Shown:
    assert matter is not None
    text = f"目录里写的是“{found.known}”，您写的是“{found.said}”"
    named = {"code": matter.code, "name": matter.name}
    told = {"kind": found.kind, "said": found.said, "known": found.known, "text": text}
    return told | {"matter": named, "version": matter.version}


def _facts(agent: Agent | None, office: Office | None, matter: Matter | None) -> dict[str, str]:
    """What canned replies may name (knowledge/replies.py FACTS); what is not known is left out."""
    facts = {"title": agent.title if agent else ""}
    if office is not None:
        facts |= {"office": office.name, "address": office.address, "telephone": office.telephone}
    if matter is not None:
        guide = matter.guide
        facts |= {
            "matter": matter.name,
            "days": in_one_line(duration(matter).lines),
            "fee": matter.fee,
            "materials": "、".join(each.name for each in matter.materials),
            "where": guide.where if guide else "",
            "online": guide.online if guide else "",
            "result": matter.result,
        }
    return {name: value.rstrip("。") for name, value in facts.items()}
